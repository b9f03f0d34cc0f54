import { lambdaReturns, share } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { QMinusVOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  lambda: option("Decay of traces in the learning target, lambda.", share, 0.95),
} as const;

/** A = Q(s, a) - V(s), as the paper defines it. */
export const qMinusV: Plugin<"advantage", QMinusVOptions> = definePlugin({
  kind: "advantage",
  name: "q-minus-v",
  description: "A = Q(s, a) - V(s), as the paper defines it.",
  details: `
    A_t = Q(s_t, a_t) - V(s_t), the paper's advantage (arXiv 2401.06603, Algorithm 1). Q and V
    learn from lambda-returns.`,
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => ({
      advantages: rollout.qValues.map((q, k) => q - rollout.values[k]!),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
