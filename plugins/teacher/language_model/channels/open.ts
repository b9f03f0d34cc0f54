import { outsideText, scopedContext } from "@tandem/core/internal";
import {
  type Channel,
  type MaybePromise,
  type OptionsOutput,
  type StageSpec,
  TandemError,
} from "@tandem/core";
import type { languageModelOptions } from "../options.ts";
import { guarded } from "./guarded.ts";
import type { ChannelParts, OpenedChannel } from "./opened.ts";
import { type ChannelName, CHANNELS } from "./table.ts";

/** What the channels of a teacher are opened with. */
export type TeacherParts = ChannelParts<OptionsOutput<typeof languageModelOptions>>;

/**
 * The channels that the options ask for, in their order. Those that act on scores are left out where
 * there are none.
 *
 * @throws {TandemError} E_OPTION where one is named twice; E_MODEL where "weights" cannot train.
 */
export async function openChannels(parts: TeacherParts): Promise<OpenedChannel[]> {
  const { learnsBy } = parts.options;
  const names = learnsBy.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new TandemError(
      "E_OPTION",
      `The option "learnsBy" names "${outsideText(twice)}" twice; once is enough.`,
    );
  }
  const opened: OpenedChannel[] = [];
  try {
    for (const chosen of learnsBy.filter((chosen) => isOfUse(chosen, parts))) {
      opened.push({ name: nameOf(chosen), channel: await openChannel(chosen, parts) });
    }
  } catch (error) {
    for (const { channel } of opened) await channel.dispose?.();
    throw error;
  }
  return opened;
}

/** One channel; a promise only where it takes time to open. */
export function openChannel(
  chosen: ChannelName | StageSpec<"channel">,
  parts: TeacherParts,
): MaybePromise<Channel> {
  if (typeof chosen === "string") return CHANNELS[chosen].open(parts);
  const context = scopedContext(parts.context, chosen.plugin);
  const made = chosen.create(context, parts.wiring);
  return made instanceof Promise
    ? made.then((channel) => guarded(chosen.plugin, channel))
    : guarded(chosen.plugin, made);
}

/** The name under which a channel is known: its own, or its module. */
export function nameOf(chosen: ChannelName | StageSpec<"channel">): string {
  return typeof chosen === "string" ? chosen : chosen.plugin;
}

function isOfUse(chosen: ChannelName | StageSpec<"channel">, { options }: TeacherParts): boolean {
  return typeof chosen !== "string" || options.answer === "score" || !CHANNELS[chosen].onScores;
}
