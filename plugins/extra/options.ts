/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** Options of `curriculum`: Trains on easy levels first and goes on as the student succeeds. */
export interface CurriculumOptions {
  /** The levels in turn, the easiest first. */
  readonly levels: (string | number)[];
  /** The env's option that takes them. Default: "level". */
  readonly option?: string;
  /**
   * What leads to the next level: success in training, or an equal share of the iterations each.
   * Default: "success".
   */
  readonly by?: "success" | "time";
  /** Success that leads on, as a share of episodes. A number from 0 to 1. Default: 0.9. */
  readonly success?: number;
  /**
   * Episodes at a level over which success is counted, at least; each iteration adds its own. A
   * whole number from 1 to 1000000. Default: 100.
   */
  readonly window?: number;
}

/** Options of `early-stopping`: Ends a run when its success is reached, or no longer rises. */
export interface EarlyStoppingOptions {
  /**
   * Success on held-out worlds at which training ends, as a share of episodes; absent, none does. A
   * number from 0 to 1.
   */
  readonly success?: number;
  /**
   * Measurements in a row without a new best that end training; with 0, none do. A whole number
   * from 0 to 1000000. Default: 10.
   */
  readonly patience?: number;
  /**
   * How much more success than the best so far counts as a new best, as a share of episodes. A
   * number from 0 to 1. Default: 0.
   */
  readonly minDelta?: number;
}

/** Options of `ellm`: Intrinsic reward for reaching the goals that the teacher names. */
export interface EllmOptions {
  /** What a reached goal is worth, in units of reward. A number from 0 to 1000000. Default: 0.1. */
  readonly weight?: number;
  /**
   * Least likeness of what was achieved to a goal, as the cosine of their words' counts. A number
   * from 0 to 1. Default: 0.99.
   */
  readonly threshold?: number;
  /**
   * Steps for which a goal stays open after it was named: 1 is the step itself. A whole number from
   * 1 to 1000000. Default: 1.
   */
  readonly patience?: number;
}
