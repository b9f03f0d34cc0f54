/** Guidance: what a teacher says about states. */

/** How fine guidance is: the next action, the next subgoal, or the whole plan. */
export type Grain = "action" | "subgoal" | "plan";

/** Guidance x_t for N environments. */
export interface Guidance {
  readonly envs: number;
  /** What may be suggested, K texts. At the grain "action" these are the names of the actions. */
  readonly candidates: readonly string[];
  /** [N] index of the candidate suggested, or -1 for no guidance. */
  readonly choices: Int32Array;
  /** [N, K] the teacher's probabilities of the candidates; a row sums to 1, or to 0 without guidance. */
  readonly distribution: Float32Array;
  /** [N] natural logarithm of the probability with which the choice was made. */
  readonly logProbs: Float32Array;
  /** The suggestion's words. */
  text(i: number): string;
  /** The suggestion's token ids as they were generated or scored; empty for teachers without tokens. */
  tokens(i: number): ArrayLike<number>;
  /** Whose suggestion it is, where several teachers speak; else empty. */
  author?(i: number): string;
  /** What its teacher needs to know it again beyond what all guidance has, as JSON. */
  memo?(): unknown;
}

/** Why guidance is asked for: "train" may explore and remember, "evaluate" does neither. */
export type Mode = "train" | "evaluate";
