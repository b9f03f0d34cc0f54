import { importanceRatios, share } from "@tandem/core/kit";
import { definePlugin, option, type Plugin, type Rollout } from "@tandem/core";
import type { RetraceOptions } from "./options.ts";

const options = {
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  lambda: option("Decay of traces, lambda.", share, 1),
} as const;

/** Retrace: safe off-policy returns of Q with truncated importance weights. */
export const retrace: Plugin<"advantage", RetraceOptions> = definePlugin({
  kind: "advantage",
  name: "retrace",
  description: "Retrace: safe off-policy returns of Q with truncated importance weights.",
  details: `
    Retrace(lambda) (Munos et al., arXiv 1606.02647, equations 3 and 4 with c_t = lambda min(1,
    pi/mu)). The learning target is

        q_t = Q(s_t, a_t) + delta_t + gamma c_tp1 (q_tp1 - Q(s_tp1, a_tp1)),
        delta_t = r_tp1 + gamma V(s_tp1) - Q(s_t, a_t),

    where V stands for E_pi Q(s_tp1, .), and A_t = q_t - V(s_t). mu is the policy that acted, pi
    the one learned about (\`targetLogProbs\` of the rollout); where they are one, pi/mu = 1.

    V has to be the mean of Q, as in \`tabular-q\`: a student whose V and Q are heads of their
    own, such as \`ppo\`, has their difference added up along the trace, and learns better by
    \`gae\`.`,
  options,
  create: ({ gamma, lambda }) => ({
    estimate: (rollout) => {
      const targets = retraceTargets(rollout, gamma, lambda);
      return { advantages: targets.map((q, k) => q - rollout.values[k]!), targets };
    },
  }),
});

function retraceTargets(rollout: Rollout, gamma: number, lambda: number): Float32Array {
  const { envs, rewards, qValues, nextValues, terminated, truncated } = rollout;
  const ratios = importanceRatios(rollout);
  const targets = rewards.map((reward, k) => reward + gamma * nextValues[k]!);
  for (let k = targets.length - envs - 1; k >= 0; k--) {
    if (terminated[k] === 1 || truncated[k] === 1) continue;
    const next = k + envs;
    const c = lambda * Math.min(1, ratios[next]!);
    targets[k]! += gamma * c * (targets[next]! - qValues[next]!);
  }
  return targets;
}
