import { verdictsOf, whole } from "@tandem/core/kit";
import { BoundedMap } from "@tandem/core/internal";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { PerStateOptions } from "./options.ts";

const options = {
  window: option(
    "Visits over which a state's baseline forgets: a plain mean up to then, n_max.",
    whole(1, 100_000),
    100,
  ),
  capacity: option(
    "States remembered; the one not met for longest is forgotten first.",
    whole(1, 1_000_000),
    65_536,
  ),
} as const;

interface Baseline {
  mean: number;
  visits: number;
}

const WORDS = {
  positive: "This token is better than what was said here before.",
  negative: "This token is worse than what was said here before.",
};

/** Compares the advantage with the mean of those seen in the same state. */
export const perState: Plugin<"feedback", PerStateOptions> = definePlugin({
  kind: "feedback",
  name: "per-state",
  description: "Compares the advantage with the mean of those seen in the same state.",
  details: `
    Compares a suggestion with those given in the same state before, not with the last suggestion,
    which was given in another state: the score is A_t - b(s_t), with the running mean

        b(s) += (A_t - b(s)) / min(n(s), n_max)

    (Sutton & Barto, equation 2.3, as the baseline of section 13.4). Where a state is met for the
    first time, the rule abstains.`,
  options,
  create({ window, capacity }) {
    const baselines = new BoundedMap<number, Baseline>(capacity);
    const score = (key: number, advantage: number): number => {
      const known = baselines.get(key);
      if (!known) {
        baselines.set(key, { mean: advantage, visits: 1 });
        return 0;
      }
      const surplus = advantage - known.mean;
      known.visits++;
      known.mean += surplus / Math.min(known.visits, window);
      return surplus;
    };
    return {
      judge({ advantages, rollout, step }) {
        const keys = rollout.keys.subarray(step * rollout.envs);
        return verdictsOf(advantages.map((advantage, i) => score(keys[i]!, advantage)), WORDS);
      },
      save: () => ({ json: structuredClone([...baselines.entries()]) }),
      load({ json }) {
        baselines.clear();
        const saved = structuredClone(json) as [number, Baseline][];
        for (const [key, baseline] of saved) baselines.set(key, baseline);
      },
    };
  },
});
