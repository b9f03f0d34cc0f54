import * as v from "valibot";
import { positive, whole } from "../../../core/bounds.ts";
import { annealed, grainsOf } from "../../../core/hearing.ts";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";
import { createActorCritic } from "./create.ts";
import { guidanceOptions, sharedOptions, weight } from "./options.ts";

/** Options of {@linkcode ppo}. */
export const ppoOptions = {
  ...sharedOptions,
  /** Passes over a rollout. */
  epochs: v.optional(whole(1, 1000), 4),
  /** Clipping range of the probability ratio, epsilon. */
  clip: v.optional(positive(1e3), 0.2),
  /** Weight of the entropy bonus. */
  entropy: v.optional(weight, 0.01),
  ...guidanceOptions,
} as const;

/**
 * Proximal policy optimisation (Schulman et al., arXiv 1707.06347, equation 7) with a head for Q
 * beside those for the policy and V, so that A = Q - V can be asked of any step.
 *
 * The guidance is an input (which candidate, and the teacher's distribution) and nothing more, unless
 * `guidance` says otherwise: the student is told, never overridden, and its probability ratio stays
 * on-policy.
 */
export const ppo: Plugin<"student", typeof ppoOptions> = definePlugin({
  kind: "student",
  name: "ppo",
  description: "PPO with Q and V heads over the observation and the guidance.",
  options: ppoOptions,
  fits: grainsOf,
  create(options, context, wiring) {
    const { clip, entropy, valueLoss, qLoss, epochs, minibatch } = options;
    return createActorCritic(
      {
        options,
        guidance: options,
        loss: { clip, entropy, valueLoss, qLoss, standardise: true },
        passes: { epochs, minibatch, imitation: annealed(options) },
      },
      context,
      wiring,
    );
  },
});
