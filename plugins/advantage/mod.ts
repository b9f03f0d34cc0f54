/**
 * Advantage estimators.
 *
 * @module
 */
export { gae } from "./gae.ts";
export { monteCarlo } from "./monte_carlo.ts";
export { nStep } from "./n_step.ts";
export { qMinusV } from "./q_minus_v.ts";
export { retrace } from "./retrace.ts";
export { tdError } from "./td_error.ts";
export { vTrace } from "./v_trace.ts";
