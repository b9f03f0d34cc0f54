import * as v from "valibot";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { positive } from "@tandem/core/kit";
import { modelEffects } from "@tandem/runtimes/hub";
import { createLanguageModelStudent } from "./create.ts";
import { ppoLoss } from "./loss.ts";
import { modelOptions, weight } from "./options.ts";
import type { LamorelOptions } from "../options.ts";

const lamorelOptions = {
  ...modelOptions,
  clip: option("Clipping range of the probability ratio, epsilon.", positive(1e3), 0.2),
  entropy: option("Weight of the entropy bonus.", weight, 0.01),
  valueClip: option(
    `Whether V too is held within the clipping range of what it was, counted in scaled rewards: V
    then moves by about \`clip\` a rollout, which is little where rewards are scaled by 20.`,
    v.boolean(),
    true,
  ),
  standardise: option(
    `Whether advantages are standardised over a rollout, as Lamorel's examples do and GLAM does
    not.`,
    v.boolean(),
    false,
  ),
} as const;

/** A language model is the policy, trained by PPO: GLAM's and LLaRP's way. */
export const lamorel: Plugin<"student", LamorelOptions> = definePlugin({
  kind: "student",
  name: "lamorel",
  description: "A language model is the policy, trained by PPO: GLAM's and LLaRP's way.",
  details: `
    The baseline of arXiv 2401.06603: a language model that is itself the policy and is trained by
    PPO, as GLAM does with Lamorel (Carta et al., arXiv 2302.02662):

    P(a | s) = exp(l(a | s)) / sum_a' exp(l(a' | s)), l being the score of an action's text behind
    the prompt, and V(s) a perceptron of three layers on the decoder's first hidden state.

    Beside it a frozen model under a trained policy head, as LLaRP has it: \`head: "policy",
    train: "heads"\`. The published mistakes can be put right one by one: \`scoring\`
    "normalised", \`valueClip\` off, and the estimator's \`truncation\` "bootstrap" where GLAM
    takes a time limit for a terminal state.`,
  options: lamorelOptions,
  effects: ({ model }) => modelEffects(model),
  shapesState: ["model", "actions", "head", "train", "rank", "alpha", "hidden"],
  create: (options, context, wiring) =>
    createLanguageModelStudent(
      { options, loss: ppoLoss(options), standardise: options.standardise },
      context,
      wiring,
    ),
});
