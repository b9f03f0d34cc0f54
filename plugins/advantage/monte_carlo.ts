import * as v from "valibot";
import { share } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { lambdaReturns } from "../../core/returns.ts";

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(share, 0.99),
} as const;

/**
 * A_t = G_t - V(s_t) with the return G_t = r_tp1 + gamma r_tp2 + ... to the end of the episode
 * (Sutton & Barto, equation 3.8, with the baseline of equation 13.10). Where the rollout or the step
 * limit cuts the episode, the value stands for what would have followed.
 */
export const monteCarlo: Plugin<"advantage", typeof options> = definePlugin({
  kind: "advantage",
  name: "monte-carlo",
  description: "A = the discounted rewards to the episode's end, less V(s).",
  options,
  create: ({ gamma }) => ({
    estimate: (rollout) => {
      const targets = lambdaReturns(rollout, gamma, 1);
      return { advantages: targets.map((g, k) => g - rollout.values[k]!), targets };
    },
  }),
});
