/** Verdicts over which the usual strength is averaged, and how many times it one verdict may count. */
const [STRENGTH_SPAN, STRONGEST] = [2048, 10];

/**
 * Verdicts in units of what strength was usual lately: early ones are large because the critic is,
 * not because they are right.
 *
 * @example
 * ```ts
 * import { UsualStrength } from "./usual_strength.ts";
 * import assert from "node:assert/strict";
 * const usual = new UsualStrength();
 * assert.equal(usual.measure(0.5), 1);
 * assert.equal(usual.measure(1.5), 1.5);
 * assert.equal(usual.measure(0), 0); // teaches nothing
 * ```
 */
export class UsualStrength {
  #mean = 0;
  #judged = 0;

  /** A strength against the mean of those so far, its own among them; 0 where it is no strength. */
  measure(strength: number): number {
    if (!(strength > 0 && strength < Infinity)) return 0;
    this.#judged++;
    const rate = 1 / Math.min(this.#judged, STRENGTH_SPAN);
    this.#mean += rate * (strength - this.#mean);
    return Math.min(STRONGEST, strength / this.#mean);
  }

  save(): { mean: number; judged: number } {
    return { mean: this.#mean, judged: this.#judged };
  }

  load({ mean, judged }: { mean: number; judged: number }): void {
    this.#mean = mean;
    this.#judged = judged;
  }
}
