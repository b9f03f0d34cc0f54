/**
 * Extra stages, beside the five.
 *
 * @module
 */
export { curriculum } from "./curriculum.ts";
export { earlyStopping } from "./early_stopping.ts";
export { ellm } from "./ellm.ts";
