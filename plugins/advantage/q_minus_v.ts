import * as v from "valibot";
import { share } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { lambdaReturns } from "../../core/returns.ts";

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(share, 0.99),
  /** Decay of traces in the learning target, lambda. */
  lambda: v.optional(share, 0.95),
} as const;

/**
 * A_t = Q(s_t, a_t) - V(s_t), the paper's advantage (arXiv 2401.06603, Algorithm 1). Q and V learn
 * from lambda-returns.
 */
export const qMinusV: Plugin<"advantage", typeof options> = definePlugin({
  kind: "advantage",
  name: "q-minus-v",
  description: "A = Q(s, a) - V(s), as the paper defines it.",
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => ({
      advantages: rollout.qValues.map((q, k) => q - rollout.values[k]!),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
