import type { JudgedAction, StateAction, WorthOfVerdict } from "@tandem/core";
import { BoundedMap } from "@tandem/core/internal";
import { UsualStrength } from "./usual_strength.ts";

/** States whose ratings are kept; the one not judged for longest is forgotten first. */
const MOST_STATES = 1 << 16;

/** A suggestion's ratings in a state: their sum and number. */
type Rating = [sum: number, count: number];

/** What a checkpoint holds. */
export interface SavedWorth {
  readonly usual: ReturnType<UsualStrength["save"]>;
  readonly ratings: readonly (readonly [string, readonly (readonly [number, Rating])[]])[];
}

/**
 * What verdicts make suggestions worth, measured once for all channels.
 *
 * A verdict that compares a suggestion with the last one is what a won or lost game is to a chess
 * player: it tells the difference of two ratings (A. Elo, The Rating of Chessplayers, 1978). So
 *
 *     v = R + G(s_tm1, c_tm1),  w = v - mean of v over the verdicts in s,
 *
 * with R the verdict's sign times its strength in units of what is usual, and G(s, c) the mean of v
 * over the verdicts on c in s, 0 where there is none or where the verdict stands by itself.
 *
 * @example
 * ```ts
 * import { featuresOf } from "./features.ts";
 * import { Worth } from "./worth.ts";
 * import assert from "node:assert/strict";
 * const [key, box] = [featuresOf("go", ["a key"]), featuresOf("go", ["a box"])];
 * const worth = new Worth();
 * const first = { features: key, candidate: 0, sign: 1, strength: 0.5 };
 * assert.equal(worth.of(first)?.worth, 1); // as strong as is usual
 * const next = { features: box, candidate: 2, sign: 1, strength: 0.5, comparesWith: first };
 * assert.equal(worth.of(next)?.worth, 2); // as much better than one that was worth 1
 * ```
 */
export class Worth {
  readonly #usual = new UsualStrength();
  readonly #ratings = new BoundedMap<string, Map<number, Rating>>(MOST_STATES);

  /** @returns Undefined where the verdict teaches nothing: its strength is no number above 0. */
  of(verdict: JudgedAction): WorthOfVerdict | undefined {
    const strength = this.#usual.measure(verdict.strength);
    if (strength === 0) return undefined;
    const { sign, comparesWith } = verdict;
    const worth = sign * strength + (comparesWith ? this.#rating(comparesWith) : 0);
    let [sum, count] = [0, 0];
    for (const rating of this.#rate(verdict, worth).values()) {
      sum += rating[0];
      count += rating[1];
    }
    return { worth, relativeWorth: worth - sum / count };
  }

  save(): SavedWorth {
    const ratings = [...this.#ratings.entries()].map(([whole, rated]) => {
      const entries = [...rated].map(([c, [sum, count]]) => [c, [sum, count] as Rating] as const);
      return [whole, entries] as const;
    });
    return { usual: this.#usual.save(), ratings };
  }

  load({ usual, ratings }: SavedWorth): void {
    this.#usual.load(usual);
    this.#ratings.clear();
    for (const [whole, rated] of ratings) {
      this.#ratings.set(whole, new Map(rated.map(([c, [sum, count]]) => [c, [sum, count]])));
    }
  }

  /** G(s, c); 0 where it was never judged. */
  #rating({ features: { whole }, candidate }: StateAction): number {
    const [sum, count] = this.#ratings.get(whole)?.get(candidate) ?? [0, 1];
    return sum / count;
  }

  #rate({ features: { whole }, candidate }: StateAction, v: number): ReadonlyMap<number, Rating> {
    const rated = this.#ratings.get(whole) ?? new Map<number, Rating>();
    const [sum, count] = rated.get(candidate) ?? [0, 0];
    this.#ratings.set(whole, rated);
    return rated.set(candidate, [sum + v, count + 1]);
  }
}
