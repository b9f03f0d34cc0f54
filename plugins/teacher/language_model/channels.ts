/** Ways in which a language model learns from verdicts: one interface, so that they combine freely. */
import { andThen } from "../../../core/kit/guidance.ts";
import { joinStates, partOfState } from "../../../core/kit/state_dict.ts";
import {
  type Guidance,
  isPromise,
  type LearningChannel,
  type MaybePromise,
  type Mode,
  type StageState,
  type Stateful,
} from "../../../core/stages/mod.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import type { StateFeatures } from "./features.ts";
import type { JudgedAction, WorthOfVerdict } from "./worth.ts";

/** A verdict on what was said in an environment, whoever is to be credited with it. */
export interface VerdictEvent {
  /** The environment, i. */
  readonly env: number;
  /** 1, -1, or 0 where the rule abstained. */
  readonly sign: number;
  readonly strength: number;
  /** The suggestion in words; empty where there was none. */
  readonly said: string;
  /** Whether the episode ended with this step. */
  readonly ended: boolean;
  /** The rule's words. */
  words(): string;
}

/** A verdict that praises or blames a suggestion in a state, and what that makes it worth. */
export interface Example extends JudgedAction, WorthOfVerdict {
  /** The environment, i. */
  readonly env: number;
  /** What was seen in the state, one sentence a thing. */
  readonly seen: readonly string[];
  /** The guidance that was given, and its probabilities: row `env`. */
  readonly guidance: Guidance;
  /** The prompt that was answered. */
  prompt(): string;
}

/** What a channel may put into a prompt, as text for the fields of the same names. */
export interface PromptFields {
  readonly feedback?: string;
  readonly memory?: string;
}

/** A model that answers in place of the one that was opened. */
export type Answering = Pick<LanguageModel, "score" | "generate">;

/**
 * One way of learning. A teacher calls, in this order: `promptFields` before it asks its model,
 * `correct` on what the model answers; then with verdicts `onVerdict` and `learn` for each,
 * environment by environment, and `train` once all of a delivery were told.
 */
export interface Channel extends Stateful {
  readonly name: LearningChannel;
  /** The model that answers as this channel has taught it. */
  readonly model?: Answering;
  /** What stands in the prompt of a question in a state of environment i. */
  promptFields?(state: StateFeatures, env: number, mode: Mode): PromptFields;
  /** Adds to the K scores of a state; what is drawn for exploration is drawn in training alone. */
  correct?(scores: Float32Array, state: StateFeatures, mode: Mode): void;
  /** Is told of every verdict, also of one that credits nobody. */
  onVerdict?(event: VerdictEvent): void;
  /** Learns from a verdict on a suggestion. */
  learn?(example: Example): void;
  /**
   * After each delivery of verdicts, and before anything else is asked: the time to train.
   *
   * @returns Whether the model answers differently now, so that its known answers are to be forgotten.
   */
  train?(): MaybePromise<boolean>;
}

/** The channels' states side by side, by name. */
export function saveChannels(channels: readonly Channel[]): MaybePromise<StageState> {
  return andThen(together(channels.map((channel) => channel.save?.())), (states) => {
    const named = states.flatMap((state, index) => state ? [[channels[index]!.name, state]] : []);
    return joinStates(Object.fromEntries(named));
  });
}

/** Continues from what {@linkcode saveChannels} gave. */
export function loadChannels(channels: readonly Channel[], state: StageState): MaybePromise<void> {
  const loading = channels.map((channel) => {
    const own = partOfState(state, channel.name);
    return own && channel.load?.(own);
  });
  return andThen(together(loading), () => {});
}

/** All values, as a promise only if one of them is. */
export function together<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  return values.some(isPromise) ? Promise.all(values) : values as T[];
}
