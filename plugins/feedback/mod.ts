/**
 * Feedback rules: what a teacher is told about its guidance.
 *
 * @example The paper's rule, with a dead zone.
 * ```ts
 * import { margin } from "@tandem/plugins/feedback";
 * import assert from "node:assert/strict";
 * assert.deepEqual(margin({ margin: 0.1 }).options, { margin: 0.1 });
 * assert.throws(() => margin({ margin: -1 }), /it must be at least 0/);
 * ```
 *
 * @module
 */
export { bandit } from "./bandit.ts";
export { counterfactual } from "./counterfactual.ts";
export { frozenCritic } from "./frozen_critic.ts";
export { group } from "./group.ts";
export { hindsightCredit } from "./hindsight_credit/mod.ts";
export { margin } from "./margin.ts";
export { movingQuantile } from "./moving_quantile.ts";
export { none as noFeedback } from "./none.ts";
export { paper } from "./paper.ts";
export { perState } from "./per_state.ts";
export { significance } from "./significance.ts";
export { synthetic } from "./synthetic.ts";
export { verbal } from "./verbal.ts";
// Every interface there is one of a plugin's options.
export type * from "./options.ts";
