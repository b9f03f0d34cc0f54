import { positive, whole } from "../../../core/kit/bounds.ts";
import { annealed, grainsOf } from "../../../core/kit/guidance_mode.ts";
import { option } from "../../../core/pipeline/options.ts";
import { definePlugin, type Plugin } from "../../../core/pipeline/plugin.ts";
import { createActorCritic } from "./create.ts";
import { guidanceOptions, sharedOptions, weight } from "./options.ts";

/** Options of {@linkcode ppo}. */
export const ppoOptions = {
  ...sharedOptions,
  epochs: option("Passes over a rollout.", whole(1, 1000), 4),
  clip: option("Clipping range of the probability ratio, epsilon.", positive(1e3), 0.2),
  entropy: option("Weight of the entropy bonus.", weight, 0.01),
  ...guidanceOptions,
} as const;

export const ppo: Plugin<"student", typeof ppoOptions> = definePlugin({
  kind: "student",
  name: "ppo",
  description: "PPO with Q and V heads over the observation and the guidance.",
  details: `
    Proximal policy optimisation (Schulman et al., arXiv 1707.06347, equation 7) with a head for Q
    beside those for the policy and V, so that A = Q - V can be asked of any step.

    The guidance is an input (which candidate, and the teacher's distribution) and nothing more,
    unless \`guidance\` says otherwise: the student is told, never overridden, and its probability
    ratio stays on-policy.`,
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
