/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** Options of `q-minus-v`: A = Q(s, a) - V(s), as the paper defines it. */
export interface QMinusVOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Decay of traces in the learning target, lambda. A number from 0 to 1. Default: 0.95. */
  readonly lambda?: number;
}

/** Options of `td-error`: A = r + gamma V(s') - V(s), the paper's estimate of the advantage. */
export interface TdErrorOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Decay of traces in the learning target, lambda. A number from 0 to 1. Default: 0.95. */
  readonly lambda?: number;
}

/** Options of `n-step`: A = n rewards and the value after them, less V(s). */
export interface NStepOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Rewards before the value takes over, n. A whole number from 1 to 65536. Default: 5. */
  readonly n?: number;
}

/** Options of `monte-carlo`: A = the discounted rewards to the episode's end, less V(s). */
export interface MonteCarloOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
}

/** Options of `gae`: Generalised advantage estimates: TD errors summed with decaying weight. */
export interface GaeOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /**
   * Decay of traces, lambda: 0 gives the TD error, 1 the Monte Carlo return. A number from 0 to 1.
   * Default: 0.95.
   */
  readonly lambda?: number;
  /**
   * What follows where the step limit cut an episode: the value of its last state ("bootstrap"), or
   * nothing, as if the task had ended it ("termination"), which biases V: the mistake of many
   * published baselines, to be compared with. Default: "bootstrap".
   */
  readonly truncation?: "bootstrap" | "termination";
}

/**
 * Options of `v-trace`: V-trace: returns corrected for acting by another policy, with clipped
 * weights.
 */
export interface VTraceOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Decay of traces, lambda. A number from 0 to 1. Default: 1. */
  readonly lambda?: number;
  /**
   * Largest weight of a TD error, rho-bar: which policy's value is learned. A number from 1e-12 to
   * 1000000. Default: 1.
   */
  readonly rhoBar?: number;
  /** Largest factor of a trace, c-bar: how fast. A number from 1e-12 to 1000000. Default: 1. */
  readonly cBar?: number;
}

/**
 * Options of `retrace`: Retrace: safe off-policy returns of Q with truncated importance weights.
 */
export interface RetraceOptions {
  /** Discount of rewards, gamma. A number from 0 to 1. Default: 0.99. */
  readonly gamma?: number;
  /** Decay of traces, lambda. A number from 0 to 1. Default: 1. */
  readonly lambda?: number;
}
