/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** How often what happens. */
export interface Schedule {
  /**
   * Rollouts, each followed by one update of the student. A whole number from 0 to 10000000.
   * Default: 40.
   */
  readonly iterations: number;
  /** Environments stepped together, N. A whole number from 1 to 65536. Default: 64. */
  readonly envs: number;
  /** Steps of a rollout, T. A whole number from 1 to 65536. Default: 64. */
  readonly steps: number;
  /**
   * The feedback edge's cadence: verdicts reach the teacher every so many steps, and at the end of
   * a rollout. A whole number from 1 to 65536. Default: 1.
   */
  readonly feedbackEvery: number;
  /**
   * Its delay: verdicts are under way for so many steps more. A whole number from 0 to 1000000.
   * Default: 0.
   */
  readonly feedbackDelay: number;
  /**
   * Its bound: so many deliveries may be under way, and more are lost. No bound unless set. A whole
   * number from 1 to 1000000.
   */
  readonly feedbackBound?: number;
  /**
   * Iterations at the start in which verdicts are given but kept from the teacher. A whole number
   * from 0 to 10000000. Default: 0.
   */
  readonly warmUp: number;
  /**
   * The advice edge's cadence: the teacher is asked every so many steps and silent between. A whole
   * number from 1 to 1000000. Default: 1.
   */
  readonly adviceEvery: number;
  /**
   * Its delay: advice on a state arrives so many steps later, if the episode still goes on. A whole
   * number from 0 to 1000000. Default: 0.
   */
  readonly adviceDelay: number;
  /**
   * Its bound: prompts that may be asked in training; then the teacher is silent. A whole number
   * from 0 to 1000000000000.
   */
  readonly adviceCalls?: number;
  /**
   * The same in tokens that the model reads and writes. A whole number from 0 to 1000000000000000.
   */
  readonly adviceTokens?: number;
  /**
   * Seconds that an answer is waited for; a later one is given up. No bound unless set. A number
   * from 1e-12 to 86400.
   */
  readonly adviceTimeout?: number;
  /**
   * Advice on trial: in each episode the student hears its teacher or not, whichever has brought
   * more lately, and each in at least this share of the episodes. The teacher is always heard
   * unless set. A number from 0 to 0.5.
   */
  readonly adviceTrial?: number;
  /**
   * Advice by state: the teacher is asked in at most this share of the steps, where the student is
   * least sure and verdicts have found the teacher right, and silent elsewhere. Asked everywhere
   * unless set. A number from 0 to 1.
   */
  readonly adviceBudget?: number;
  /**
   * Iterations in which that share falls from 1 to the budget, in a straight line. None unless set.
   * A whole number from 1 to 10000000.
   */
  readonly adviceAnnealing?: number;
  /**
   * Share of the iterations after which the teacher leaves: 0.8 leaves the last fifth to the
   * student. A number from 0 to 1. Default: 1.
   */
  readonly teacherOff: number;
}

/** How a run is measured, on worlds that training never sees. */
export interface Evaluation {
  /** Held-out episodes, one a seed. A whole number from 1 to 100000. Default: 200. */
  readonly episodes: number;
  /**
   * Held-out states at which guidance is compared with the expert. A whole number from 1 to 100000.
   * Default: 256.
   */
  readonly states: number;
  /**
   * Iterations between evaluations; 0 evaluates at the start and the end alone. A whole number from
   * 0 to 10000000. Default: 0.
   */
  readonly every: number;
  /**
   * Whether the end also tells what advice is worth: without the teacher, and word by word.
   * Default: false.
   */
  readonly advice: boolean;
}
