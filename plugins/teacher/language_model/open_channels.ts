import type { LearningChannel } from "../../../core/stages.ts";
import type { OptionsOutput } from "../../../core/options.ts";
import type { Channel } from "./channels.ts";
import { LogitsChannel } from "./logits_channel.ts";
import type { languageModelOptions } from "./mod.ts";
import { PromptChannel } from "./prompt_channel.ts";

type Options = OptionsOutput<typeof languageModelOptions>;
/** "weights" takes time to open; its plugin does it. */
type Listed = Exclude<Options["learnsBy"][number], "weights">;

/** What makes each channel for K candidates. */
const OPENERS: Record<Listed, (options: Options, candidates: number) => Channel> = {
  prompt: (options) => new PromptChannel(options),
  logits: ({ gain }, candidates) => new LogitsChannel(candidates, gain),
};

/** Channels that act on the weights of candidates: a text that is written freely has none. */
const ON_SCORES: readonly LearningChannel[] = ["logits"];

/** The channels that the options ask for, in their order. */
export function openChannels(options: Options, candidates: number): Channel[] {
  return options.learnsBy
    .filter((name) => name !== "weights")
    .filter((name) => options.answer === "score" || !ON_SCORES.includes(name))
    .map((name) => OPENERS[name](options, candidates));
}
