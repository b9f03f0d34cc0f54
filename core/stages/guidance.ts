/** Guidance: what a teacher says about states. */

/**
 * What guidance names: the next action, the next subgoal, the whole plan, or which of the things in sight
 * is meant, by its place.
 */
export type Grain = (typeof GRAINS)[number];

/** Every {@linkcode Grain}. */
export const GRAINS = ["action", "subgoal", "plan", "reference"] as const;

/**
 * Guidance x_t for N environments: plain columns, a row an environment. Once given it does not
 * change: whoever wants other guidance makes new columns. core/kit/guidance.ts has functions that
 * make and read it.
 */
export interface Guidance {
  /** Number of environments, N. */
  readonly envs: number;
  /** What may be suggested, K texts. At the grain "action" these are the names of the actions. */
  readonly candidates: readonly string[];
  /** [N] index of the candidate suggested, or -1 for no guidance. */
  readonly choices: Int32Array;
  /** [N, K] the teacher's probabilities of the candidates; a row sums to 1, or to 0 without guidance. */
  readonly distribution: Float32Array;
  /** [N] natural logarithm of the probability with which the choice was made. */
  readonly logProbs: Float32Array;
  /** [N] suggestions in words, "" without guidance; absent where they are the candidates' own. */
  readonly texts?: readonly string[];
  /** [N] token ids of suggestions as a model wrote or scored them; absent where no model did. */
  readonly tokens?: readonly (readonly number[])[];
  /** [N] whose suggestion it is, where several teachers speak; "" without guidance. */
  readonly authors?: readonly string[];
  /**
   * What its teacher needs to learn from the verdicts on it, as JSON. Others hand it on unread, through
   * checkpoints too.
   */
  readonly note?: unknown;
}

/** Why guidance is asked for: "train" may explore and remember, "evaluate" does neither. */
export type Mode = "train" | "evaluate";
