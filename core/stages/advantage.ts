/** The contract of advantage estimators. */
import type { Estimate, Rollout } from "./rollout.ts";
import type { Stateful } from "./stage.ts";

/** Turns a rollout into advantages and learning targets. */
export interface AdvantageEstimator extends Stateful {
  /**
   * Estimates a rollout, or a window of one at the feedback's cadence: an estimator that looks ahead
   * sees no further than the window. Gives new arrays each time.
   */
  estimate(rollout: Rollout): Estimate;
}
