import * as v from "valibot";
import { gaeAdvantages, type RewardsAndValues, share } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { GaeOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  lambda: option(
    "Decay of traces, lambda: 0 gives the TD error, 1 the Monte Carlo return.",
    share,
    0.95,
  ),
  truncation: option(
    `What follows where the step limit cut an episode: the value of its last state ("bootstrap"),
    or nothing, as if the task had ended it ("termination"), which biases V: the mistake of many
    published baselines, to be compared with.`,
    v.picklist(["bootstrap", "termination"]),
    "bootstrap",
  ),
} as const;

/** Generalised advantage estimates: TD errors summed with decaying weight. */
export const gae: Plugin<"advantage", GaeOptions> = definePlugin({
  kind: "advantage",
  name: "gae",
  description: "Generalised advantage estimates: TD errors summed with decaying weight.",
  details: `
    A_t = sum_l (gamma lambda)^l delta_tpl, generalised advantage estimation (Schulman et al.,
    arXiv 1506.02438, equation 16). The learning target is A_t + V(s_t), the lambda-return.`,
  options,
  create: ({ gamma, lambda, truncation }) => ({
    estimate: (rollout) => {
      const seen = truncation === "bootstrap" ? rollout : withoutValuesOfTruncated(rollout);
      const advantages = gaeAdvantages(seen, gamma, lambda);
      return { advantages, targets: advantages.map((a, k) => a + rollout.values[k]!) };
    },
  }),
});

/** The same rollout with a next value of 0 where an episode was truncated. */
function withoutValuesOfTruncated(rollout: RewardsAndValues): RewardsAndValues {
  const { steps, envs, rewards, values, terminated, truncated } = rollout;
  const nextValues = rollout.nextValues.map((value, k) => truncated[k] === 1 ? 0 : value);
  return { steps, envs, rewards, values, nextValues, terminated, truncated };
}
