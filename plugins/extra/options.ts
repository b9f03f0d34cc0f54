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

/**
 * Options of `hindsight-replay`: Hindsight: past steps under the goals that they happened to reach,
 * to be learned from again.
 */
export interface HindsightReplayOptions {
  /**
   * What is relabelled: goals that begin so up to their first article, such as ["go to", "put"];
   * absent, those of the missions that come up.
   */
  readonly verbs?: string[];
  /**
   * Steps before a goal was reached that are kept, at most. A whole number from 1 to 10000.
   * Default: 12.
   */
  readonly segment?: number;
  /**
   * Steps held a verb, the newest; each takes the bytes of an observation and some 20 (in BabyAI
   * 3.4 MB a verb for 20000), and 16 verbs at most are held. A whole number from 1 to 10000000.
   * Default: 20000.
   */
  readonly capacity?: number;
  /**
   * Steps that have to be held before any is handed in. A whole number from 1 to 10000000. Default:
   * 1000.
   */
  readonly least?: number;
  /**
   * Discount of the return before the goal; that of the advantage estimator is right. A number from
   * 0 to 1. Default: 0.99.
   */
  readonly gamma?: number;
  /** What reaching a goal is worth, in units of reward. A number from 0 to 1000000. Default: 1. */
  readonly reward?: number;
  /**
   * Whether the steps to the mission itself are kept, too, when its episode ends by it. Default:
   * false.
   */
  readonly own?: boolean;
  /**
   * Share of the goals' "the"s that become "a"; absent, as many as stand for one in the missions
   * that come up. A number from 0 to 1.
   */
  readonly indefinite?: number;
  /**
   * Share of the goals from which the words of `details` are left out; absent, that of the missions
   * that have none of them. A number from 0 to 1.
   */
  readonly vague?: number;
  /** Words that a goal can do without. Default: ["red","green","blue","purple","yellow","grey"]. */
  readonly details?: string[];
  /**
   * Share of the goals of one thing that are asked for by where it stands as seen from where the
   * episode began ("on your left"), for missions that do so; a thing that was moved has no such
   * place. A number from 0 to 1. Default: 0.
   */
  readonly places?: number;
}

/**
 * Options of `novelty-bonus`: Reward for what is done for the first time in an episode, which
 * fades.
 */
export interface NoveltyBonusOptions {
  /**
   * What each new pick-up of an episode is worth, in units of reward. A number from 0 to 1000000.
   * Default: 0.15.
   */
  readonly pickUp?: number;
  /**
   * What each new thing put next to another is worth, in units of reward. A number from 0 to
   * 1000000. Default: 0.3.
   */
  readonly put?: number;
  /**
   * Steps, over all environments, in which that falls to 0 in a straight line; with 0 it stays. A
   * whole number from 0 to 1000000000. Default: 100000.
   */
  readonly steps?: number;
}
