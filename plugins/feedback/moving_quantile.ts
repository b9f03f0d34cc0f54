import { positive, verdictsOf, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { MovingQuantileOptions } from "./options.ts";

const options = {
  share: option(
    "Share of recent advantages that counts as good, and the same share as bad, q.",
    positive(0.5),
    0.4,
  ),
  window: option("Advantages remembered.", whole(1, 1_000_000), 1024),
  warmUp: option(
    "Advantages to wait for before the first verdict; at most the window.",
    whole(1, 1_000_000),
    64,
  ),
} as const;

const WORDS = {
  positive: "This token is among the better ones.",
  negative: "This token is among the worse ones.",
};

/** Good is what lies among the best of the recent advantages, bad among the worst. */
export const movingQuantile: Plugin<"feedback", MovingQuantileOptions> = definePlugin({
  kind: "feedback",
  name: "moving-quantile",
  description: "Good is what lies among the best of the recent advantages, bad among the worst.",
  details: `
    Compares a suggestion with the recent ones: positive where A_t lies above their (1 -
    q)-quantile, negative where it lies below their q-quantile, an abstention between; the
    strength is the distance from their median. So there are about as many good as bad verdicts
    however the critic drifts, which losses on single verdicts need (KTO, arXiv 2402.01306,
    section 4.2).

    Quantiles interpolate linearly (Hyndman & Fan's definition 7, as NumPy does) over the window
    before the moment.`,
  options,
  create({ share, window, warmUp }) {
    const recent = new Float32Array(window);
    let seen = 0;
    const remember = (advantages: Float32Array) => {
      for (const advantage of advantages) recent[seen++ % window] = advantage;
    };
    return {
      judge({ advantages }) {
        const scores = new Float32Array(advantages.length);
        if (seen >= Math.min(warmUp, window)) {
          const sorted = recent.slice(0, Math.min(seen, window)).sort();
          const [low, middle, high] = [share, 0.5, 1 - share].map((q) => quantile(sorted, q));
          for (const [i, advantage] of advantages.entries()) {
            if (advantage > high! || advantage < low!) scores[i] = advantage - middle!;
          }
        }
        remember(advantages);
        return verdictsOf(scores, WORDS);
      },
      save: () => ({
        json: { seen },
        arrays: { recent: { shape: [window], data: recent.slice() } },
      }),
      load({ json, arrays }) {
        seen = (json as { seen: number }).seen;
        recent.set(arrays!.recent!.data);
      },
    };
  },
});

/** The q-quantile of sorted values, linearly interpolated. */
function quantile(sorted: Float32Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
