/** The channels that the teacher knows by name. A built-in channel is a file and a line here. */
import { classifier } from "./classifier.ts";
import { logits } from "./logits.ts";
import { memory } from "./memory.ts";
import { prompt } from "./prompt.ts";
import { reference } from "./reference.ts";
import { weights } from "./weights.ts";

/** By the names of the option `learnsBy`. */
export const CHANNELS = { prompt, memory, logits, classifier, reference, weights } as const;

/** A name of {@linkcode CHANNELS}. */
export type ChannelName = keyof typeof CHANNELS;

/** The names, as the option's schema lists them. */
export const CHANNEL_NAMES = Object.keys(CHANNELS) as readonly ChannelName[];
