/** The contract of channels: the ways in which a teacher learns from verdicts. */
import type { Guidance, Mode } from "./guidance.ts";
import type { MaybePromise, Stateful } from "./stage.ts";
import type { TeacherUsage } from "./teacher.ts";

/** The features of a state by name: the whole of it, and each thing seen in it. */
export interface StateFeatures {
  /** One name for all that is seen. */
  readonly whole: string;
  /** A name for each thing seen. */
  readonly parts: readonly string[];
}

/** A state that a channel is asked about: its features, and the words that they were made of. */
export interface ObservedState extends StateFeatures {
  /** What the agent is to do. */
  readonly mission: string;
  /** What is seen, one sentence a thing. */
  readonly seen: readonly string[];
}

/** A suggestion in a state: what a verdict is about. */
export interface StateAction {
  /** The state. */
  readonly features: StateFeatures;
  /** Which of the K candidates. */
  readonly candidate: number;
}

/** A verdict on what was said in an environment, whoever is to be credited with it. */
export interface VerdictEvent {
  /** The environment, i. */
  readonly env: number;
  /** 1, -1, or 0 where the rule abstained. */
  readonly sign: number;
  /** At least 0, in the rule's units. */
  readonly strength: number;
  /** The suggestion in words; empty where there was none. */
  readonly said: string;
  /** Whether the episode ended with this step. */
  readonly ended: boolean;
  /** How many steps before the one at hand it was said; absent where it was said last. */
  readonly stepsAgo?: number;
  /** The state that it was said in, where the teacher tells it: prompts that are conversations need it. */
  readonly asked?: AskedState;
  /** The rule's words. */
  words(): string;
}

/** A state in words, as a question has it. */
export type AskedState = Pick<ObservedState, "mission" | "seen">;

/** A question of before in a conversation: what was asked, suggested, and how that was judged. */
export interface JudgedTurn extends AskedState {
  /** The suggestion. */
  readonly said: string;
  /** The verdict on it. */
  readonly words: string;
}

/** A verdict that praises or blames a suggestion in a state. */
export interface JudgedAction extends StateAction {
  /** 1 or -1. */
  readonly sign: number;
  /** Above 0, in the rule's units. */
  readonly strength: number;
  /** What the verdict compares it with; undefined where it stands by itself. */
  readonly comparesWith?: StateAction;
}

/** What a verdict makes a suggestion worth, in units of the usual strength. */
export interface WorthOfVerdict {
  /** v: how good the suggestion was. Where verdicts compare, what it was compared with is counted in. */
  readonly worth: number;
  /** w: how much better than what else was judged in the same state. */
  readonly relativeWorth: number;
}

/** What a channel learns from: a verdict on a suggestion in a state, and what that makes it worth. */
export interface Example extends JudgedAction, WorthOfVerdict {
  /** The environment, i. */
  readonly env: number;
  /** The mission under which the verdict holds: what was asked, or what was achieved instead. */
  readonly mission: string;
  /** What was seen in the state, one sentence a thing. */
  readonly seen: readonly string[];
  /**
   * Which of the K candidates are right in the state, at least one, where the rule says so; `strength` is
   * the example's weight then, and `sign` tells whether `candidate` is among them.
   */
  readonly right?: readonly number[];
  /** The guidance that was given, and its probabilities: row `env`. */
  readonly guidance: Guidance;
  /** The prompt that was answered. */
  prompt(): string;
}

/** What a channel puts into a prompt, as text for the fields of the same names. */
export interface PromptFields {
  /** For the field {feedback}. */
  readonly feedback?: string;
  /** For the field {memory}. */
  readonly memory?: string;
  /** Verdicts that a conversation tells turn by turn, in place of `feedback`, the earliest first. */
  readonly turns?: readonly JudgedTurn[];
}

/** What a model makes of a prompt when it weighs K candidates. */
export interface ScoredCandidates {
  /** [K] the token ids of each, and its log-probability, summed or averaged over them. */
  readonly candidates: readonly { readonly ids: readonly number[]; readonly score: number }[];
  /** Tokens of the prompt. */
  readonly promptTokens: number;
}

/** A text that a model wrote behind a prompt. */
export interface WrittenText {
  /** What was written, without marks of the end. */
  readonly text: string;
  /** Its token ids. */
  readonly ids: readonly number[];
  /** Of the whole text. */
  readonly logProb: number;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
  /** "length" where it was cut off. */
  readonly finish: string;
}

/** A model that answers prompts. */
export interface AnsweringModel {
  /** One a prompt. */
  score(
    prompts: readonly string[],
    candidates: readonly string[],
    options?: { readonly normalisation?: "mean" | "sum" },
  ): Promise<ScoredCandidates[]>;
  /** One a prompt: the likeliest text, or one that is drawn with the seed of the same place. */
  generate(
    prompts: readonly string[],
    options?: { readonly temperature?: number; readonly seeds?: readonly number[] },
  ): Promise<WrittenText[]>;
}

/**
 * One way in which a teacher learns; several combine. It may change three things: the prompt
 * (`promptFields`), the scores that the model gives the candidates (`correct`), and the model
 * (`train`, `model`). All methods are optional.
 *
 * A teacher calls, in this order: `promptFields` before it asks its model, `correct` on what the model
 * answered; then, with verdicts, `onVerdict` and `learn` environment by environment, and `train` once
 * all of a delivery were told. `save` and `load` hold all that it has learned: a run that goes on from
 * a checkpoint comes to the same. Randomness comes from the context that it was created with.
 */
export interface Channel extends Stateful {
  /** What stands in the prompt of a question about a state of environment i. */
  promptFields?(state: ObservedState, env: number, mode: Mode): PromptFields;
  /**
   * Adds to the scores of a state, [K] in logits. In the mode "evaluate" it neither draws nor
   * remembers. Not asked where the model writes freely.
   */
  correct?(scores: Float32Array, state: ObservedState, mode: Mode): void;
  /** Is told of every verdict, also of one that abstains or credits nobody. */
  onVerdict?(event: VerdictEvent): void;
  /** Learns from a verdict on a suggestion. */
  learn?(example: Example): void;
  /**
   * The time to train: after each delivery of verdicts, before anything else is asked.
   *
   * @returns Whether the model answers differently now, so that its known answers are to be forgotten.
   */
  train?(): MaybePromise<boolean>;
  /** The model that answers as this channel has taught it, in place of the one that was opened. */
  readonly model?: AnsweringModel;
  /** Prompts and tokens that it has cost so far, beside those of the teacher's own. */
  usage?(): Pick<TeacherUsage, "calls" | "tokens">;
}
