/** Which of several things is meant, by what words of the mission go with what words of a thing. */
import { descend, type Target } from "../classifier/softmax_regression.ts";

/** A mission and the things in sight. */
export interface Sight {
  /** Words of the mission, each with what it is there for. */
  readonly mission: readonly string[];
  /** The words of each thing, M. */
  readonly things: readonly (readonly string[])[];
}

/** Adagrad's sum of squared gradients before the first. */
const FIRST_SQUARES = 0.01;

/** Pairs of words that are told apart; later ones are passed over. */
const MOST_PAIRS = 1 << 16;

/** A weight and its sum of squared gradients, by its pair of words. */
export type SavedPairs = readonly (readonly [pair: string, weight: number, squares: number])[];

/**
 * A conditional logit (McFadden, 1974), bilinear in the words of mission and thing:
 *
 *     z(thing) = sum over words w of the mission and a of the thing of M[w, a],
 *     p = softmax over the things of z,  M = 0 at first.
 *
 * It learns by Adagrad from labels that say which of the things is right; losses are those of
 * {@linkcode SoftmaxRegression}. That "red" goes with "red" it has to learn.
 *
 * @example
 * ```ts
 * import { BilinearChoice } from "./bilinear_choice.ts";
 * import assert from "node:assert/strict";
 * const choice = new BilinearChoice(0.3);
 * const sight = { mission: ["red"], things: [["red"], ["blue"]] };
 * choice.step(sight, { right: [0], all: true, weight: 1 });
 * const step = 0.3 * 0.5 / Math.sqrt(0.01 + 0.25);
 * assert.deepEqual([...choice.logits(sight)], [step, -step]);
 * ```
 */
export class BilinearChoice {
  readonly #pairs = new Map<string, [weight: number, squares: number]>();

  /** @param rate Adagrad's step size. */
  constructor(private readonly rate: number) {}

  /** [M] z of each thing. */
  logits({ mission, things }: Sight): Float64Array {
    return Float64Array.from(things, (words) => {
      let sum = 0;
      for (const pair of pairsOf(mission, words)) sum += this.#pairs.get(pair)?.[0] ?? 0;
      return sum;
    });
  }

  /** One step down the gradient of a label's loss; its `right` are indices of things. */
  step(sight: Sight, target: Target): void {
    const slopes = descend(this.logits(sight), target);
    const totals = new Map<string, number>();
    for (const [index, words] of sight.things.entries()) {
      for (const pair of pairsOf(sight.mission, words)) {
        totals.set(pair, (totals.get(pair) ?? 0) + slopes[index]!);
      }
    }
    for (const [pair, slope] of totals) {
      const [weight, before] = this.#pairs.get(pair) ?? [0, FIRST_SQUARES];
      if (slope === 0 || this.#pairs.size >= MOST_PAIRS && !this.#pairs.has(pair)) continue;
      const squares = before + slope * slope;
      this.#pairs.set(pair, [weight + this.rate * slope / Math.sqrt(squares), squares]);
    }
  }

  save(): SavedPairs {
    return Array.from(this.#pairs, ([pair, [weight, squares]]) => [pair, weight, squares]);
  }

  load(saved: SavedPairs): void {
    this.#pairs.clear();
    for (const [pair, weight, squares] of saved) this.#pairs.set(pair, [weight, squares]);
  }
}

function pairsOf(mission: readonly string[], words: readonly string[]): string[] {
  return mission.flatMap((word) => words.map((own) => `${word} | ${own}`));
}
