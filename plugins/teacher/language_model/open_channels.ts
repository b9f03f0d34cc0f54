import type { LearningChannel } from "../../../core/stages/mod.ts";
import { promptText } from "../../../core/kit/prompt.ts";
import type { OptionsOutput } from "../../../core/pipeline/options.ts";
import type { Context } from "../../../core/kit/context.ts";
import { linUcb, thompson } from "./bandit.ts";
import type { Channel } from "./channels.ts";
import { GradientBandit } from "./gradient.ts";
import type { languageModelOptions } from "./options.ts";
import { MemoryChannel } from "./memory_channel.ts";
import { PromptChannel } from "./prompt_channel.ts";
import { Ratings } from "./ratings.ts";

type Options = OptionsOutput<typeof languageModelOptions>;
/** "weights" takes time to open; its plugin does it. */
type Listed = Exclude<Options["learnsBy"][number], "weights">;

/** What a channel is opened with. */
interface Parts {
  readonly options: Options;
  readonly candidates: readonly string[];
  readonly context: Context;
}

/** What makes each channel. */
const OPENERS: Record<Listed, (parts: Parts) => Channel> = {
  prompt: ({ options }) => new PromptChannel(options),
  memory: ({ options, candidates }) => {
    const tells = promptText(options.prompt).includes("{memory}");
    return new MemoryChannel(candidates, { ...options.memory, tells });
  },
  logits: (parts) => LOGITS[parts.options.logits](parts),
};

/** What makes each way to correct scores. */
const LOGITS: Record<Options["logits"], (parts: Parts) => Channel> = {
  ratings: ({ options, candidates }) => new Ratings(candidates.length, options.gain),
  thompson: ({ options, candidates, context }) =>
    thompson(candidates.length, options.gain, context.random("teacher's logits")),
  linucb: ({ options, candidates }) => linUcb(candidates.length, options.gain),
  gradient: ({ options, candidates }) => new GradientBandit(candidates.length, options.gain),
};

/** Channels that act on the scores of candidates alone: a text that is written freely has none. */
const ON_SCORES: readonly LearningChannel[] = ["logits"];

/** The channels that the options ask for, in their order. */
export function openChannels(parts: Parts): Channel[] {
  const { learnsBy, answer } = parts.options;
  return learnsBy
    .filter((name) => name !== "weights")
    .filter((name) => answer === "score" || !ON_SCORES.includes(name))
    .map((name) => OPENERS[name](parts));
}
