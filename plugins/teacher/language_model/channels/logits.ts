import type { Channel } from "@tandem/core";
import { linUcb, thompson } from "./logits/bandit.ts";
import { GradientBandit } from "./logits/gradient.ts";
import { Ratings } from "./logits/ratings.ts";
import type { BuiltinChannel, ChannelParts } from "./opened.ts";

/** The options that the channel reads. */
export interface LogitsOptions {
  /** How it learns. */
  readonly logits: "ratings" | "thompson" | "linucb" | "gradient";
  /** Size of the correction. */
  readonly gain: number;
}

/** What makes each way to correct scores. */
const METHODS: Record<
  LogitsOptions["logits"],
  (candidates: number, parts: ChannelParts<LogitsOptions>) => Channel
> = {
  ratings: (candidates, { options }) => new Ratings(candidates, options.gain),
  thompson: (candidates, { options, context }) =>
    thompson(candidates, options.gain, context.random("teacher's logits")),
  linucb: (candidates, { options }) => linUcb(candidates, options.gain),
  gradient: (candidates, { options }) => new GradientBandit(candidates, options.gain),
};

/** Corrects the model's scores of the candidates by what verdicts have taught about them. */
export const logits: BuiltinChannel<LogitsOptions> = {
  description: "Corrects the scores of candidates by ratings, or by a bandit.",
  onScores: true,
  open: (parts) => METHODS[parts.options.logits](parts.wiring.candidates.length, parts),
};
