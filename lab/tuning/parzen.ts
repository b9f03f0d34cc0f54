/** Densities over one dimension by what was seen of it. */
import type { Pcg64 } from "@tandem/core/kit";
import { normalCdf, normalQuantile } from "../statistics/distributions.ts";
import { type Dimension, type OptionValue, placeOf, sizeOf } from "./dimension.ts";

/** A density over places from 0 to 1; over the parts of choices, each as wide as the others. */
export interface Density {
  /** Draws a place. */
  draw(random: Pcg64): number;
  /** The density at a place. */
  at(place: number): number;
}

/**
 * The Parzen estimator of a dimension. What is seen counts once each, and a uniform density over the
 * whole as one more, so that nothing is ever ruled out.
 *
 * Numbers have a Gaussian each, cut off at the ends, whose width is the distance to the farther of its
 * neighbours (Bergstra et al. 2011, section 4.1), not below 1 / (n + 1); a single one has the width 1.
 * Choices are counted.
 *
 * @param seen Values.
 */
export function parzenEstimator(dimension: Dimension, seen: readonly OptionValue[]): Density {
  const places = seen.map((value) => placeOf(dimension, value));
  return "choices" in dimension ? counted(places, sizeOf(dimension)) : smoothed(places);
}

function counted(places: readonly number[], parts: number): Density {
  const partOf = (place: number) => Math.min(parts - 1, Math.floor(place * parts));
  const weights = new Array<number>(parts).fill(1 / parts);
  for (const place of places) weights[partOf(place)]!++;
  const total = places.length + 1;
  return {
    draw(random) {
      let left = random.random() * total;
      const part = weights.findIndex((weight) => (left -= weight) < 0);
      return ((part < 0 ? parts - 1 : part) + 0.5) / parts;
    },
    at: (place) => parts * weights[partOf(place)]! / total,
  };
}

function smoothed(places: readonly number[]): Density {
  const kernels = kernelsOf(places);
  return {
    draw(random) {
      const kernel = kernels[random.integers(0, kernels.length + 1)];
      return kernel ? kernel.draw(random.random()) : random.random();
    },
    at: (place) =>
      kernels.reduce((sum, kernel) => sum + kernel.at(place), 1) / (kernels.length + 1),
  };
}

function kernelsOf(places: readonly number[]): Kernel[] {
  const sorted = places.toSorted((a, b) => a - b);
  const least = 1 / (places.length + 1);
  return sorted.map((place, i) => {
    const [before, after] = [sorted[i - 1] ?? place, sorted[i + 1] ?? place];
    const width = Math.max(place - before, after - place) || 1;
    return new Kernel(place, Math.min(1, Math.max(least, width)));
  });
}

/** Shares of a Gaussian of which a quantile is known. */
const [LEAST, MOST] = [1e-300, 1 - 2 ** -53] as const;

/** A Gaussian that is cut off at 0 and 1. */
class Kernel {
  readonly #below: number;
  readonly #mass: number;

  constructor(private readonly centre: number, private readonly width: number) {
    this.#below = normalCdf(-centre / width);
    this.#mass = normalCdf((1 - centre) / width) - this.#below;
  }

  /** @param share 0 to 1, of its mass that lies below. */
  draw(share: number): number {
    const below = Math.min(MOST, Math.max(LEAST, this.#below + share * this.#mass));
    const place = this.centre + this.width * normalQuantile(below);
    return Math.min(1, Math.max(0, place));
  }

  at(place: number): number {
    const z = (place - this.centre) / this.width;
    return Math.exp(-z * z / 2) / (this.width * Math.sqrt(2 * Math.PI) * this.#mass);
  }
}
