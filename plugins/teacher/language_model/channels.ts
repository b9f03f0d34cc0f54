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

/** A candidate in a state: what a verdict is about. */
export interface Deed {
  readonly features: StateFeatures;
  readonly candidate: number;
}

/** A verdict on what was said in an environment, whoever is to be credited with it. */
export interface Hearing {
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

/** A verdict that praises or blames a candidate in a state. */
export interface Lesson extends Deed {
  /** The environment, i. */
  readonly env: number;
  /** What was seen in the state, one sentence a thing. */
  readonly seen: readonly string[];
  /** 1 or -1. */
  readonly sign: number;
  /** At least 0, in the rule's units. */
  readonly strength: number;
  /** What the verdict compares it with; undefined where it stands by itself. */
  readonly before?: Deed;
  /** The guidance that was given, and its probabilities: row `env`. */
  readonly guidance: Guidance;
  /** The prompt that was answered. */
  prompt(): string;
}

/** What a channel may put into a prompt, as text for the fields of the same names. */
export interface Told {
  readonly feedback?: string;
  readonly memory?: string;
}

/** A model that answers in place of the one that was opened. */
export type Answering = Pick<LanguageModel, "score" | "generate">;

/**
 * One way of learning. A teacher calls, in this order: `tell` before it asks its model, `correct` on
 * what the model answers; then with verdicts `hear` and `learn` for each, environment by environment,
 * and `settle` once all of a delivery were heard.
 */
export interface Channel extends Stateful {
  readonly name: LearningChannel;
  /** The model that answers as this channel has taught it. */
  readonly model?: Answering;
  /** What stands in the prompt of a question in a state of environment i. */
  tell?(state: StateFeatures, env: number, mode: Mode): Told;
  /** Adds to the K scores of a state; what is drawn for exploration is drawn in training alone. */
  correct?(scores: Float32Array, state: StateFeatures, mode: Mode): void;
  /** Hears a verdict, also one that credits nobody. */
  hear?(hearing: Hearing): void;
  /** Learns from a verdict on a candidate. */
  learn?(lesson: Lesson): void;
  /**
   * After each delivery of verdicts, and before anything else is asked: the time to train.
   *
   * @returns Whether the model answers differently now, so that its known answers are to be forgotten.
   */
  settle?(): MaybePromise<boolean>;
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
