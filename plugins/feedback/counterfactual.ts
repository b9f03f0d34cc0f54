import { between, share, verdictsOf, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { CounterfactualOptions } from "./options.ts";

const options = {
  horizon: option("Steps that the two branches are followed, H.", whole(1, 10_000), 4),
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  margin: option("Smallest effect that counts, in units of return.", between(0, 1e6), 0),
} as const;

const WORDS = {
  positive: "This token did better than silence would have.",
  negative: "This token did worse than silence would have.",
};

/** Judges by what the suggestion changed: the same state and draws with and without it. */
export const counterfactual: Plugin<"feedback", CounterfactualOptions> = definePlugin({
  kind: "feedback",
  name: "counterfactual",
  description:
    "Judges by what the suggestion changed: the same state and draws with and without it.",
  details: `
    The suggestion's causal effect by paired rollouts: from the same state and with the same
    random numbers the student acts once under x_t and once without guidance, and goes on alone,

        effect = G(x_t) - G(no x_t),  G = sum_{h<H} gamma^h r_{t+h+1} + gamma^H V(s_{t+H}),

    which estimates the individual treatment effect E[G | do(x_t)] - E[G | do(no x_t)] (Pearl,
    Causality, chapter 3) with the variance that common random numbers leave. Where x_t changes no
    action the effect is 0 and the rule abstains. It costs 2 H env steps and policy calls a step.`,
  options,
  create: ({ horizon, gamma, margin }) => ({
    needs: { counterfactual: { horizon, discount: gamma } },
    judge: ({ effects }) => verdictsOf(effects!, WORDS, margin),
  }),
});
