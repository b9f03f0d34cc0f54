import * as v from "valibot";
import { whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { READING, readingOf } from "./match.ts";
import { NAMED, network, sharedOptions } from "./options.ts";
import { createActorCritic } from "./ppo.ts";
import type { BehaviourCloningOptions } from "../options.ts";

const behaviourCloningOptions = {
  ...sharedOptions,
  epochs: option("Passes over a rollout.", whole(1, 1000), 4),
  network,
  runtime: option(
    `What computes: "tfjs" on the run's device.`,
    v.picklist(["auto", "tfjs"]),
    "auto",
  ),
} as const;

/** Learns to do what the teacher says; under the teacher bot it clones the expert. */
export const behaviourCloning: Plugin<"student", BehaviourCloningOptions> = definePlugin({
  kind: "student",
  name: "behaviour-cloning",
  description: "Learns to do what the teacher says; under the teacher bot it clones the expert.",
  details: `
    Behaviour cloning (Pomerleau, 1991) in the states that the student itself comes to, as DAgger
    gathers them (Ross et al., arXiv 1011.0686), though from the last rollout alone:

        L = mean over the states in which the teacher spoke of -sum_a p(a | s) log P(a | s)
          + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2),

    with p the teacher's distribution. Guidance is no input, so that the policy is the student's
    own. No expert is asked here: cloning BabyAI's bot is this student under the teacher \`bot\`,
    whose use of the expert labels the run as a control. Rewards teach V and Q alone, for the
    feedback.`,
  options: behaviourCloningOptions,
  fits: (
    { network },
  ) => [...(network === "match" ? ["grid", "discrete"] as const : NAMED), "action"],
  shapesState: ["hidden", "network"],
  create(options, context, wiring) {
    const { valueLoss, qLoss } = options;
    const loss = { clip: 0, policyLoss: 0, entropy: 0, valueLoss, qLoss, standardise: false };
    const guidance = {
      hears: true,
      guidance: "annealed",
      reference: "map",
      initialTrust: 1,
      missionSteps: 1,
    } as const;
    const distillation = { distillation: 0, distillationGate: "open" } as const;
    const imitationAt = () => 1;
    const reading = options.network === "match"
      ? readingOf("behaviour-cloning", wiring.env, READING)
      : undefined;
    const all = { ...options, ...guidance, ...distillation, loss, imitationAt, reading };
    return createActorCritic(all, context, wiring);
  },
});
