/** What all channels have in common: how they are opened, saved and loaded. */
import {
  type Channel,
  type Context,
  isPromise,
  type MaybePromise,
  type StageState,
  type Wirings,
} from "@tandem/core";
import { andThen, joinStates, partOfState } from "@tandem/core/internal";
import type { LanguageModel } from "@tandem/runtimes/language-model";

/** What a built-in channel is opened with; `O` are those of the teacher's options that it reads. */
export interface ChannelParts<O> {
  readonly options: O;
  readonly context: Context;
  /** What a channel from a file is told as well. */
  readonly wiring: Wirings["channel"];
  readonly model: LanguageModel;
}

/** A channel that the teacher knows by name. */
export interface BuiltinChannel<O> {
  /** One line that says what it does. */
  readonly description: string;
  /** Whether it acts on the scores of candidates alone: a text that is written freely has none. */
  readonly onScores?: boolean;
  open(parts: ChannelParts<O>): MaybePromise<Channel>;
}

/** A channel under the name by which it was chosen. */
export interface OpenedChannel {
  readonly name: string;
  readonly channel: Channel;
}

/** The channels' states side by side, by name. */
export function saveChannels(opened: readonly OpenedChannel[]): MaybePromise<StageState> {
  return andThen(together(opened.map(({ channel }) => channel.save?.())), (states) => {
    const named = states.flatMap((state, index) => state ? [[opened[index]!.name, state]] : []);
    return joinStates(Object.fromEntries(named));
  });
}

/** Continues from what {@linkcode saveChannels} gave. */
export function loadChannels(
  opened: readonly OpenedChannel[],
  state: StageState,
): MaybePromise<void> {
  const loading = opened.map(({ name, channel }) => {
    const own = partOfState(state, name);
    return own && channel.load?.(own);
  });
  return andThen(together(loading), () => {});
}

/** All values, as a promise only if one of them is. */
export function together<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  return values.some(isPromise) ? Promise.all(values) : values as T[];
}
