import { lambdaReturns, share } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { MonteCarloOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
} as const;

/** A = the discounted rewards to the episode's end, less V(s). */
export const monteCarlo: Plugin<"advantage", MonteCarloOptions> = definePlugin({
  kind: "advantage",
  name: "monte-carlo",
  description: "A = the discounted rewards to the episode's end, less V(s).",
  details: `
    A_t = G_t - V(s_t) with the return G_t = r_tp1 + gamma r_tp2 + ... to the end of the episode
    (Sutton & Barto, equation 3.8, with the baseline of equation 13.10). Where the rollout or the
    step limit cuts the episode, the value stands for what would have followed.`,
  options,
  create: ({ gamma }) => ({
    estimate: (rollout) => {
      const targets = lambdaReturns(rollout, gamma, 1);
      return { advantages: targets.map((g, k) => g - rollout.values[k]!), targets };
    },
  }),
});
