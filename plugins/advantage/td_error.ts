import * as v from "valibot";
import { share } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { lambdaReturns, tdErrors } from "../../core/returns.ts";

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(share, 0.99),
  /** Decay of traces in the learning target, lambda. */
  lambda: v.optional(share, 0.95),
} as const;

/**
 * A_t = r_tp1 + gamma V(s_tp1) - V(s_t), the TD error by which the paper estimates the advantage
 * (arXiv 2401.06603, footnote to Algorithm 1; Sutton & Barto, equation 6.5).
 */
export const tdError: Plugin<"advantage", typeof options> = definePlugin({
  kind: "advantage",
  name: "td-error",
  description: "A = r + gamma V(s') - V(s), the paper's estimate of the advantage.",
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => ({
      advantages: tdErrors(rollout, gamma),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
