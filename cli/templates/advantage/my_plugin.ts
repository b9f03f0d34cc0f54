import { definePlugin, option } from "@tandem/core";
import { lambdaReturns, tdErrors } from "@tandem/core/kit";
import * as v from "valibot";

const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const options = {
  gamma: option("Discount of rewards, gamma.", unit, 0.99),
  lambda: option("Decay of traces in the learning target, lambda.", unit, 0.95),
} as const;

export default definePlugin({
  kind: "advantage",
  name: "my-plugin",
  description: "A = r + gamma V(s') - V(s).",
  details: `
    A_t = r_tp1 + gamma V(s_tp1) - V(s_t) (Sutton & Barto, equation 6.5). State your own formula
    here, and its source.`,
  options,
  create: ({ gamma, lambda }) => ({
    // [T, N] each, time-major: step t of environment i lies at t * rollout.envs + i.
    estimate: (rollout) => ({
      advantages: tdErrors(rollout, gamma),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
