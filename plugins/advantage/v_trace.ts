import { importanceRatios, positive, share, tdErrors } from "@tandem/core/kit";
import { definePlugin, option, type Plugin, type Rollout } from "@tandem/core";
import type { VTraceOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  lambda: option("Decay of traces, lambda.", share, 1),
  rhoBar: option(
    "Largest weight of a TD error, rho-bar: which policy's value is learned.",
    positive(1e6),
    1,
  ),
  cBar: option("Largest factor of a trace, c-bar: how fast.", positive(1e6), 1),
} as const;

/** V-trace: returns corrected for acting by another policy, with clipped weights. */
export const vTrace: Plugin<"advantage", VTraceOptions> = definePlugin({
  kind: "advantage",
  name: "v-trace",
  description: "V-trace: returns corrected for acting by another policy, with clipped weights.",
  details: `
    V-trace (Espeholt et al., arXiv 1802.01561, equation 1 and section 4.2). With rho_t =
    min(rhoBar, pi/mu) and c_t = lambda min(cBar, pi/mu), the learning target is

        v_t = V(s_t) + rho_t delta_t + gamma c_t (v_tp1 - V(s_tp1))

    and A_t = rho_t (r_tp1 + gamma v_tp1 - V(s_t)), with V(s_tp1) for v_tp1 at the end of the
    rollout or of an episode. mu is the policy that acted, pi the one learned about
    (\`targetLogProbs\` of the rollout); where they are one, pi/mu = 1 and with lambda 1 both are
    Monte Carlo's.`,
  options,
  create: (options) => ({ estimate: (rollout) => estimate(rollout, options) }),
});

function estimate(rollout: Rollout, { gamma, lambda, rhoBar, cBar }: Required<VTraceOptions>) {
  const { steps, envs, rewards, values, nextValues, terminated, truncated } = rollout;
  const ratios = importanceRatios(rollout);
  const deltas = tdErrors(rollout, gamma);
  const targets = new Float32Array(steps * envs);
  const advantages = new Float32Array(steps * envs);
  for (let k = targets.length - 1; k >= 0; k--) {
    const rho = Math.min(rhoBar, ratios[k]!);
    const c = lambda * Math.min(cBar, ratios[k]!);
    const goesOn = k + envs < targets.length && terminated[k] === 0 && truncated[k] === 0;
    const surplus = goesOn ? targets[k + envs]! - nextValues[k]! : 0;
    targets[k] = values[k]! + rho * deltas[k]! + gamma * c * surplus;
    advantages[k] = rho * (rewards[k]! + gamma * (nextValues[k]! + surplus) - values[k]!);
  }
  return { advantages, targets };
}
