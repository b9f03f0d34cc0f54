import * as v from "valibot";
import { share, whole } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { nStepReturns } from "../../core/returns.ts";

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(share, 0.99),
  /** Rewards before the value takes over, n. */
  n: v.optional(whole(1, 65_536), 5),
} as const;

/**
 * A_t = r_tp1 + ... + gamma^(n-1) r_tpn + gamma^n V(s_tpn) - V(s_t) (Sutton & Barto, equation 7.1,
 * less the baseline); the sum alone is the learning target. An episode's or the rollout's end cuts
 * it short.
 */
export const nStep: Plugin<"advantage", typeof options> = definePlugin({
  kind: "advantage",
  name: "n-step",
  description: "A = n rewards and the value after them, less V(s).",
  options,
  create: ({ gamma, n }) => ({
    estimate: (rollout) => {
      const targets = nStepReturns(rollout, gamma, n);
      return { advantages: targets.map((g, k) => g - rollout.values[k]!), targets };
    },
  }),
});
