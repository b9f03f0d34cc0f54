/**
 * Advantage estimators: what an action was worth, and what the student's values learn.
 *
 * @example Generalised advantage estimates that decay fast.
 * ```ts
 * import { gae } from "@tandem/plugins/advantage";
 * import assert from "node:assert/strict";
 * assert.equal(gae({ lambda: 0.8 }).options.gamma, 0.99);
 * ```
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
// Every interface there is one of a plugin's options.
export type * from "./options.ts";
