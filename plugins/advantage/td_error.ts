import { lambdaReturns, share, tdErrors } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { TdErrorOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  lambda: option("Decay of traces in the learning target, lambda.", share, 0.95),
} as const;

/** A = r + gamma V(s') - V(s), the paper's estimate of the advantage. */
export const tdError: Plugin<"advantage", TdErrorOptions> = definePlugin({
  kind: "advantage",
  name: "td-error",
  description: "A = r + gamma V(s') - V(s), the paper's estimate of the advantage.",
  details: `
    A_t = r_tp1 + gamma V(s_tp1) - V(s_t), the TD error by which the paper estimates the advantage
    (arXiv 2401.06603, footnote to Algorithm 1; Sutton & Barto, equation 6.5).`,
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => ({
      advantages: tdErrors(rollout, gamma),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
