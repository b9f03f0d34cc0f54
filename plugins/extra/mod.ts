/**
 * What takes part in a run beside the five stages: a curriculum, early stopping, intrinsic reward,
 * hindsight.
 *
 * @example A run that ends when 95 % of held-out episodes are solved.
 * ```ts
 * import { earlyStopping } from "@tandem/plugins/extra";
 * import assert from "node:assert/strict";
 * assert.equal(earlyStopping({ success: 0.95 }).options.patience, 10);
 * ```
 *
 * @module
 */
export { curriculum } from "./curriculum.ts";
export { earlyStopping } from "./early_stopping.ts";
export { ellm } from "./ellm.ts";
export { hindsightReplay } from "./achieved/hindsight_replay.ts";
export { noveltyBonus } from "./achieved/novelty_bonus.ts";
// Every interface there is one of a plugin's options.
export type * from "./options.ts";
