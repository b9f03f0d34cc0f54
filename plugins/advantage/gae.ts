import * as v from "valibot";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { gaeAdvantages } from "../../core/returns.ts";

const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(unit, 0.99),
  /** Decay of traces, lambda: 0 gives the TD error, 1 the Monte Carlo return. */
  lambda: v.optional(unit, 0.95),
} as const;

/**
 * A_t = sum_l (gamma lambda)^l delta_tpl, generalised advantage estimation (Schulman et al., arXiv
 * 1506.02438, equation 16). The learning target is A_t + V(s_t), the lambda-return.
 */
export const gae: Plugin<"advantage", typeof options> = definePlugin({
  kind: "advantage",
  name: "gae",
  description: "Generalised advantage estimates: TD errors summed with decaying weight.",
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => {
      const advantages = gaeAdvantages(rollout, gamma, lambda);
      return { advantages, targets: advantages.map((a, k) => a + rollout.values[k]!) };
    },
  }),
});
