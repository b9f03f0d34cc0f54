/** The contract of teachers. */
import type { Observations, Oracle } from "./env.ts";
import type { Feedback } from "./feedback.ts";
import type { Grain, Guidance, Mode } from "./guidance.ts";
import type { MaybePromise, Stateful } from "./stage.ts";

/** How a teacher takes verdicts in, by name: "prompt", "logits", or what a plugin calls it. */
export type LearningChannel = string;

/** What a teacher has cost so far. */
export interface TeacherUsage {
  /** Prompts: one for each environment that it was asked about. */
  readonly calls: number;
  /** Those of them that were answered without asking the model. */
  readonly cacheHits: number;
  /** Tokens read and written by the model. */
  readonly tokens: number;
  /** Environments that no answer came to in time, where `schedule.adviceTimeout` bounds it. */
  readonly unanswered?: number;
  /** Prompts that no usable answer came to; absent where that is not counted. */
  readonly unusable?: number;
  /** Requests sent to a server, retries and test questions among them; absent where there is none. */
  readonly requests?: number;
  /** Usable answers of the model by how they were got, as {"logprobs": 90}; absent where that is not told. */
  readonly answeredBy?: Readonly<Record<string, number>>;
  /**
   * The probability that stood on no candidate, summed over the answers that had a distribution; absent
   * where there was none.
   */
  readonly elsewhere?: number;
  /** Dollars that requests have cost; absent where nothing has a price. */
  readonly dollars?: number;
}

/** M(x | s): gives guidance and learns from verdicts on it. */
export interface Teacher extends Stateful {
  /** How fine it guides. */
  readonly grain: Grain;
  /** What it may suggest, K texts; fixed for its lifetime. */
  readonly candidates: readonly string[];
  /** The channels by which `receive` changes this teacher; empty for one that cannot learn. */
  readonly learnsBy: readonly LearningChannel[];
  /**
   * x_t ~ M(x | s_t) for each environment. "evaluate" takes the likeliest candidate.
   *
   * @param oracle The expert, given only to plugins that declare `usesOracle`.
   */
  advise(observations: Observations, mode: Mode, oracle?: Oracle): MaybePromise<Guidance>;
  /**
   * Learns from the verdicts on guidance given before. It may have been silenced in some environments
   * since, may be of another process, and steps without advice hold plain silence, without a note.
   */
  receive(feedback: Feedback): MaybePromise<void>;
  /**
   * The things that its channels see in the state of environment i, by name; where absent, all that is
   * seen, each with the mission. What perfect credit could teach it is measured on these.
   */
  features?(observations: Observations, i: number): readonly string[];
  /** Counters since creation. */
  usage(): TeacherUsage;
}
