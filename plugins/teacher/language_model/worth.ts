import { BoundedMap } from "../../../core/kit/bounded_map.ts";
import type { Deed, Lesson } from "./channels.ts";
import { UsualStrength } from "./usual_strength.ts";

/** States whose ratings are kept; the one not judged for longest is forgotten first. */
const MOST_STATES = 1 << 14;

/** A candidate's ratings in a state: their sum and number. */
type Rating = [sum: number, count: number];

/** What a checkpoint holds. */
export interface SavedWorth {
  readonly usual: ReturnType<UsualStrength["save"]>;
  readonly ratings: readonly (readonly [string, readonly (readonly [number, Rating])[]])[];
}

/**
 * What a verdict says a candidate is worth beyond what else was judged in the same state,
 *
 *     v = R + G(s_tm1, c_tm1),  w = v - mean of v over the verdicts in s,
 *
 * with R the verdict's sign times its strength in units of what is usual, and G(s, c) the mean of v
 * over the verdicts on c in s, 0 where there is none or where the verdict stands by itself.
 */
export class Worth {
  readonly #usual = new UsualStrength();
  readonly #ratings = new BoundedMap<string, Map<number, Rating>>(MOST_STATES);

  /** @returns w, or undefined where the verdict teaches nothing. */
  of(lesson: Lesson): number | undefined {
    const strength = this.#usual.measure(lesson.strength);
    if (strength === 0) return undefined;
    const value = lesson.sign * strength + (lesson.before ? this.#rating(lesson.before) : 0);
    let [sum, count] = [0, 0];
    for (const rating of this.#rate(lesson, value).values()) {
      sum += rating[0];
      count += rating[1];
    }
    return value - sum / count;
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

  #rating({ features: { whole }, candidate }: Deed): number {
    const [sum, count] = this.#ratings.get(whole)?.get(candidate) ?? [0, 1];
    return sum / count;
  }

  #rate({ features: { whole }, candidate }: Deed, value: number): ReadonlyMap<number, Rating> {
    let rated = this.#ratings.get(whole);
    if (!rated) this.#ratings.set(whole, rated = new Map());
    const [sum, count] = rated.get(candidate) ?? [0, 0];
    return rated.set(candidate, [sum + value, count + 1]);
  }
}
