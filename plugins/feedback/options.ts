/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** Options of `margin`: The paper's rule, but small changes of the advantage are passed over. */
export interface MarginOptions {
  /**
   * Smallest change that counts, in units of advantage. A number from 0 to 1000000. Default: 0.05.
   */
  readonly margin?: number;
}

/**
 * Options of `significance`: The paper's rule, only where the change exceeds the critic's error.
 */
export interface SignificanceOptions {
  /** Standard errors that a change must exceed, z. A number from 0 to 1000000. Default: 1. */
  readonly threshold?: number;
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /**
   * Weight of the newest moment in the critic's mean squared error, eta. A number from 1e-12 to 1.
   * Default: 0.01.
   */
  readonly rate?: number;
}

/** Options of `per-state`: Compares the advantage with the mean of those seen in the same state. */
export interface PerStateOptions {
  /**
   * Visits over which a state's baseline forgets: a plain mean up to then, n_max. A whole number
   * from 1 to 100000. Default: 100.
   */
  readonly window?: number;
  /**
   * States remembered; the one not met for longest is forgotten first. A whole number from 1 to
   * 1000000. Default: 65536.
   */
  readonly capacity?: number;
}

/**
 * Options of `frozen-critic`: Judges by the advantage that a frozen copy of the student's critic
 * sees.
 */
export interface FrozenCriticOptions {
  /**
   * Iterations for which the critic stands still. A whole number from 1 to 10000000. Default: 10.
   */
  readonly every?: number;
  /** Smallest advantage that counts. A number from 0 to 1000000. Default: 0. */
  readonly margin?: number;
}

/**
 * Options of `counterfactual`: Judges by what the suggestion changed: the same state and draws with
 * and without it.
 */
export interface CounterfactualOptions {
  /** Steps that the two branches are followed, H. A whole number from 1 to 10000. Default: 4. */
  readonly horizon?: number;
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Smallest effect that counts, in units of return. A number from 0 to 1000000. Default: 0. */
  readonly margin?: number;
}

/**
 * Options of `moving-quantile`: Good is what lies among the best of the recent advantages, bad
 * among the worst.
 */
export interface MovingQuantileOptions {
  /**
   * Share of recent advantages that counts as good, and the same share as bad, q. A number from
   * 1e-12 to 0.5. Default: 0.4.
   */
  readonly share?: number;
  /** Advantages remembered. A whole number from 1 to 1000000. Default: 1024. */
  readonly window?: number;
  /**
   * Advantages to wait for before the first verdict; at most the window. A whole number from 1 to
   * 1000000. Default: 64.
   */
  readonly warmUp?: number;
}

/**
 * Options of `bandit`: Judges a suggestion by its record in the state against that of the others.
 */
export interface BanditOptions {
  /**
   * Width of the interval about an arm's mean that credit must leave, in units of advantage, c. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly confidence?: number;
  /**
   * States remembered; the one not met for longest is forgotten first. A whole number from 1 to
   * 1000000. Default: 16384.
   */
  readonly capacity?: number;
}

/**
 * Options of `group`: Compares what came of an episode with what came of others that began alike.
 */
export interface GroupOptions {
  /** Environments that play the same worlds. A whole number from 2 to 1024. Default: 8. */
  readonly size?: number;
  /**
   * Steps that a verdict waits for the slowest of its group; what is older is left out. A whole
   * number from 1 to 10000. Default: 512.
   */
  readonly patience?: number;
  /**
   * Whether A is divided by the standard deviation of the group's returns, as GRPO does. Default:
   * false.
   */
  readonly scaled?: boolean;
}

/**
 * Options of `hindsight-credit`: Judges what was said on the way, once the episode has achieved
 * something.
 */
export interface HindsightCreditOptions {
  /**
   * What is right on the way to an achievement: "paths", what was done, loops removed; "plan", the
   * first actions of all shortest ways over the cells that were walked. Default: "paths".
   */
  readonly credit?: "paths" | "plan";
  /**
   * "own": achievements of the mission that was asked; "all": of any mission with its verb, too, or
   * first halves of one. Default: "all".
   */
  readonly relabel?: "own" | "all";
  /**
   * Strength of a verdict for each step to the achievement; 0.8 for "paths" and 0.9 for "plan"
   * unless told. A number from 0 to 1.
   */
  readonly discount?: number;
  /** Steps before an achievement that are judged. A whole number from 1 to 1000. Default: 48. */
  readonly horizon?: number;
}

/** Options of `verbal`: The paper's rule, with the reason of each verdict in words. */
export interface VerbalOptions {
  /** Smallest change that counts, in units of advantage. A number from 0 to 1000000. Default: 0. */
  readonly margin?: number;
}

/**
 * Options of `synthetic`: Control: random, oracle or constant verdicts in place of the student's.
 */
export interface SyntheticOptions {
  /** Where verdicts come from: chance, the expert, or one verdict for all. Default: "random". */
  readonly source?: "random" | "oracle" | "positive" | "negative";
  /** Chance of a positive verdict from the source "random". A number from 0 to 1. Default: 0.5. */
  readonly chance?: number;
}
