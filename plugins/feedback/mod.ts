/**
 * Feedback rules.
 *
 * @module
 */
export { bandit } from "./bandit.ts";
export { counterfactual } from "./counterfactual.ts";
export { frozenCritic } from "./frozen_critic.ts";
export { margin } from "./margin.ts";
export { movingQuantile } from "./moving_quantile.ts";
export { none as noFeedback } from "./none.ts";
export { paper } from "./paper.ts";
export { perState } from "./per_state.ts";
export { significance } from "./significance.ts";
export { synthetic } from "./synthetic.ts";
export { verbal } from "./verbal.ts";
