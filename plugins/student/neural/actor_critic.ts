import { definePlugin, option, type Plugin } from "@tandem/core";
import { annealed } from "@tandem/core/kit";
import { fitsOf, guidanceOptions, replayOptions, sharedOptions, weight } from "./options.ts";
import { createActorCritic } from "./ppo.ts";
import type { ActorCriticOptions } from "../options.ts";

const actorCriticOptions = {
  ...sharedOptions,
  entropy: option("Weight of the entropy bonus.", weight, 0.01),
  ...guidanceOptions,
  ...replayOptions,
} as const;

/** Advantage actor-critic (A2C) with Q and V heads. */
export const actorCritic: Plugin<"student", ActorCriticOptions> = definePlugin({
  kind: "student",
  name: "actor-critic",
  description: "Advantage actor-critic (A2C) with Q and V heads.",
  details: `
    Advantage actor-critic, the synchronous form of A3C (Mnih et al., arXiv 1602.01783, section
    4):

    L = -mean(A log P(a | x, s)) + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2) - c_h mean(H),

    with A = G - V(s) as it was when the action was taken. It goes through a rollout once; with a
    minibatch of the whole rollout it takes one step, as there, and with smaller ones several.`,
  options: actorCriticOptions,
  fits: fitsOf,
  shapesState: ["hidden", "guidance", "reference"],
  create(options, context, wiring) {
    const { entropy, valueLoss, qLoss, replayLoss } = options;
    const loss = { clip: 0, entropy, valueLoss, qLoss, replayLoss, standardise: false };
    const imitationAt = annealed(options);
    return createActorCritic({ ...options, epochs: 1, loss, imitationAt }, context, wiring);
  },
});
