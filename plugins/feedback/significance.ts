import { between, changeOf, PAPER_WORDS, positive, share, verdictsOf } from "@tandem/core/kit";
import { definePlugin, type JudgedStep, option, type Plugin } from "@tandem/core";
import type { SignificanceOptions } from "./options.ts";

const options = {
  threshold: option("Standard errors that a change must exceed, z.", between(0, 1e6), 1),
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  rate: option(
    "Weight of the newest moment in the critic's mean squared error, eta.",
    positive(1),
    0.01,
  ),
} as const;

/** The paper's rule, only where the change exceeds the critic's error. */
export const significance: Plugin<"feedback", SignificanceOptions> = definePlugin({
  kind: "feedback",
  name: "significance",
  description: "The paper's rule, only where the change exceeds the critic's error.",
  details: `
    The paper's sign rule (arXiv 2401.06603, Algorithm 1) behind a significance gate: a verdict is
    given only where the change exceeds what the critic's own error would explain,

        |A' - A| > z sqrt(2) sigma,  e_t = r_tp1 + gamma V(s_tp1) - Q(s_t, a_t),
        sigma^2 += max(eta, 1 / n) (mean of e_t^2 - sigma^2) at the n-th moment,

    sqrt(2) since both advantages err, independently as it assumes. Otherwise, and at an episode's
    first suggestion, the rule abstains.`,
  options,
  create({ threshold, gamma, rate }) {
    let [variance, moments] = [0, 0];
    return {
      judge(now, before) {
        moments++;
        variance += Math.max(rate, 1 / moments) * (squaredError(now, gamma) - variance);
        const change = changeOf(now, before);
        const margin = threshold * Math.sqrt(2 * variance);
        return { ...verdictsOf(change, PAPER_WORDS, margin), comparesWithBefore: true };
      },
      save: () => ({ json: { variance, moments } }),
      load: ({ json }) => {
        ({ variance, moments } = json as { variance: number; moments: number });
      },
    };
  },
});

/** Mean of e_t^2 over the environments. */
function squaredError({ rollout, step }: JudgedStep, gamma: number): number {
  const { rewards, nextValues, qValues, envs } = rollout;
  let sum = 0;
  for (let k = step * envs; k < (step + 1) * envs; k++) {
    sum += (rewards[k]! + gamma * nextValues[k]! - qValues[k]!) ** 2;
  }
  return sum / envs;
}
