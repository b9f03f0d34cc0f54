/**
 * The tree-structured Parzen estimator. Bergstra, Bardenet, Bengio & Kégl, "Algorithms for
 * Hyper-Parameter Optimization", NeurIPS 2011, section 4.
 */
import type { Pcg64 } from "@tandem/core/kit";
import { type Dimension, valueAt } from "./dimension.ts";
import { parzenEstimator } from "./parzen.ts";
import { byScore, type Configuration, configurationOf, type Space, type Tried } from "./space.ts";

/** The share of what was tried that counts as good: their gamma. */
const GOOD = 0.15;
/** Values that are drawn for each option, of which the most promising is taken. */
const CANDIDATES = 24;

/**
 * A configuration that may be better than what was tried: for each option, of 24 values drawn from the
 * density l of the best 15 % the one with the highest l / g, where g is that of the others. By it the
 * expected improvement grows (their equation 7).
 *
 * @param tried At least two.
 * @param pending Proposed beside it and not tried yet: they count as no good, so that proposals differ.
 */
export function proposeByTpe(
  space: Space,
  tried: readonly Tried[],
  pending: readonly Configuration[],
  random: Pcg64,
): Configuration {
  const ranked = tried.toSorted(byScore).map(({ configuration }) => configuration);
  const split = Math.max(1, Math.ceil(GOOD * ranked.length));
  const [good, others] = [ranked.slice(0, split), [...ranked.slice(split), ...pending]];
  return configurationOf(space, (dimension) => {
    const [l, g] = [good, others].map((group) => densityOf(dimension, group));
    let [best, promise] = [0, -Infinity];
    for (let i = 0; i < CANDIDATES; i++) {
      const place = l!.draw(random);
      const ratio = l!.at(place) / g!.at(place);
      if (ratio > promise) [best, promise] = [place, ratio];
    }
    return valueAt(dimension, best);
  });
}

function densityOf(dimension: Dimension, tried: readonly Configuration[]) {
  return parzenEstimator(dimension, tried.map((configuration) => configuration[dimension.name]!));
}
