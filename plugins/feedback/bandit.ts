import { between, verdictsOf, whole } from "@tandem/core/kit";
import { BoundedMap } from "@tandem/core/internal";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { BanditOptions } from "./options.ts";

const options = {
  confidence: option(
    "Width of the interval about an arm's mean that credit must leave, in units of advantage, c.",
    between(0, 1e6),
    0,
  ),
  capacity: option(
    "States remembered; the one not met for longest is forgotten first.",
    whole(1, 1_000_000),
    16_384,
  ),
} as const;

/** Means and counts of a state's arms. */
interface Arms {
  readonly means: number[];
  readonly pulls: number[];
}

const WORDS = {
  positive: "This token does better here than the others.",
  negative: "This token does worse here than the others.",
};

/** Judges a suggestion by its record in the state against that of the others. */
export const bandit: Plugin<"feedback", BanditOptions> = definePlugin({
  kind: "feedback",
  name: "bandit",
  description: "Judges a suggestion by its record in the state against that of the others.",
  details: `
    Credit as in a contextual bandit: each state is a context and each candidate x an arm whose
    value is the mean advantage it brought. With m(s, x) that mean after n(s, x) pulls and m(s)
    the mean of all pulls in s, the credit is m(s, x_t) - m(s): one lucky or unlucky step does not
    decide, the suggestion's record does. The rule abstains until a second arm was pulled in the
    state, and where |credit| <= c / sqrt(n(s, x_t)) (Sutton & Barto, sections 2.2 and 2.7).`,
  options,
  create({ confidence, capacity }, _context, { candidates }) {
    const states = new BoundedMap<number, Arms>(capacity);
    const zeros = () => new Array<number>(candidates.length).fill(0);
    const credit = (key: number, arm: number, advantage: number): number => {
      const known = states.get(key);
      const { means, pulls } = known ?? { means: zeros(), pulls: zeros() };
      if (!known) states.set(key, { means, pulls });
      pulls[arm]!++;
      means[arm]! += (advantage - means[arm]!) / pulls[arm]!;
      if (pulls.every((count, other) => count === 0 || other === arm)) return 0;
      const all = pulls.reduce((sum, count) => sum + count);
      const mean = means.reduce((sum, value, other) => sum + value * pulls[other]!, 0) / all;
      const credit = means[arm]! - mean;
      return Math.abs(credit) > confidence / Math.sqrt(pulls[arm]!) ? credit : 0;
    };
    return {
      judge({ advantages, rollout, step }) {
        const keys = rollout.keys.subarray(step * rollout.envs);
        const { choices } = rollout.guidance[step]!;
        const credits = advantages.map((advantage, i) =>
          choices[i]! < 0 ? 0 : credit(keys[i]!, choices[i]!, advantage)
        );
        return verdictsOf(credits, WORDS);
      },
      save: () => ({ json: structuredClone([...states.entries()]) }),
      load({ json }) {
        states.clear();
        for (const [key, arms] of structuredClone(json) as [number, Arms][]) states.set(key, arms);
      },
    };
  },
});
