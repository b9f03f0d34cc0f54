/** What episodes of two kinds came to lately: without the teacher, and with it. */

/** Episodes over which a return is forgotten: what the student could do before says little. */
const SPAN = 256;
/** Returns of an arm below which nothing is known of it. */
const KNOWN = 2;

/** Returns of one kind, the older ones counting less. */
export interface Arm {
  /** How many there were, faded. */
  readonly weight: number;
  /** Their sum, faded alike. */
  readonly sum: number;
  /** The sum of their squares, faded alike. */
  readonly squares: number;
}

/** The arms 0 (without) and 1 (with). */
export type Arms = readonly [Arm, Arm];

const UNKNOWN: Arm = { weight: 0, sum: 0, squares: 0 };

/**
 * Returns of episodes without the teacher (arm 0) and with it (arm 1): each that ends leaves 1 - 1 / 256 of
 * what was counted before (discounted bandits: Garivier & Moulines, arXiv 0805.3415).
 *
 * @example Returns 0, 0 and 3 without the teacher, 2, 2 and 5 with it; faded by less than 3 in a hundred.
 * ```ts
 * import { TwoArms } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * const arms = new TwoArms();
 * assert.ok(!arms.isKnown);
 * for (const gain of [0, 0, 3]) {
 *   arms.enter(0, gain);
 *   arms.enter(1, gain + 2);
 * }
 * assert.ok(arms.isKnown);
 * assert.ok(Math.abs(arms.mean(1) - arms.mean(0) - 2) < 0.03);
 * assert.ok(Math.abs(arms.deviation - Math.SQRT2) < 0.03);
 * ```
 */
export class TwoArms {
  #arms: Arms = [UNKNOWN, UNKNOWN];

  /** Counts an episode that ended with a return. */
  enter(arm: 0 | 1, gain: number): void {
    const fade = 1 - 1 / SPAN;
    const [without, withTeacher] = this.#arms.map(({ weight, sum, squares }, k) => {
      const one = k === arm ? 1 : 0;
      return {
        weight: fade * weight + one,
        sum: fade * sum + one * gain,
        squares: fade * squares + one * gain * gain,
      };
    });
    this.#arms = [without!, withTeacher!];
  }

  /** Whether two returns of each arm count. */
  get isKnown(): boolean {
    return this.#arms.every(({ weight }) => weight >= KNOWN);
  }

  /** The discounted number of an arm's returns, n. */
  weight(arm: 0 | 1): number {
    return this.#arms[arm].weight;
  }

  /** The discounted mean of an arm's returns. */
  mean(arm: 0 | 1): number {
    return meanOf(this.#arms[arm]);
  }

  /** Standard deviation of the returns about the means of their arms. */
  get deviation(): number {
    const within = this.#arms.reduce((all, arm) => all + arm.squares - arm.sum * meanOf(arm), 0);
    const weight = this.#arms.reduce((all, { weight }) => all + weight, 0);
    return Math.sqrt(Math.max(0, within) / weight);
  }

  /** What was counted. */
  save(): Arms {
    return this.#arms;
  }

  /** Goes on where {@linkcode save} was called. */
  load(arms: Arms): void {
    this.#arms = arms;
  }
}

function meanOf({ weight, sum }: Arm): number {
  return sum / weight;
}
