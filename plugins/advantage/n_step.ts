import { nStepReturns, share, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { NStepOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  n: option("Rewards before the value takes over, n.", whole(1, 65_536), 5),
} as const;

/** A = n rewards and the value after them, less V(s). */
export const nStep: Plugin<"advantage", NStepOptions> = definePlugin({
  kind: "advantage",
  name: "n-step",
  description: "A = n rewards and the value after them, less V(s).",
  details: `
    A_t = r_tp1 + ... + gamma^(n-1) r_tpn + gamma^n V(s_tpn) - V(s_t) (Sutton & Barto, equation
    7.1, less the baseline); the sum alone is the learning target. An episode's or the rollout's
    end cuts it short.`,
  options,
  create: ({ gamma, n }) => ({
    estimate: (rollout) => {
      const targets = nStepReturns(rollout, gamma, n);
      return { advantages: targets.map((g, k) => g - rollout.values[k]!), targets };
    },
  }),
});
