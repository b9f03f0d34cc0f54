/** Ready-made guidance values, so that a teacher need not write the contract out. */
import { type Guidance, isPromise, type MaybePromise } from "../stages/mod.ts";

/** Guidance held in arrays; see {@linkcode Guidance} for shapes. */
export class ArrayGuidance implements Guidance {
  readonly choices: Int32Array;
  readonly distribution: Float32Array;
  readonly logProbs: Float32Array;

  /** Silence for N environments: every choice -1, every probability 0. */
  constructor(readonly envs: number, readonly candidates: readonly string[]) {
    this.choices = new Int32Array(envs).fill(-1);
    this.distribution = new Float32Array(envs * candidates.length);
    this.logProbs = new Float32Array(envs);
  }

  /**
   * Suggests a candidate in environment i with some confidence; the others share the rest alike.
   *
   * @param confidence 0 to 1.
   */
  suggest(i: number, choice: number, confidence = 1): void {
    const count = this.candidates.length;
    const rest = count > 1 ? (1 - confidence) / (count - 1) : 0;
    this.choices[i] = choice;
    this.distribution.fill(rest, i * count, (i + 1) * count);
    this.distribution[i * count + choice] = confidence;
    this.logProbs[i] = Math.log(confidence);
  }

  text(i: number): string {
    return this.candidates[this.choices[i]!] ?? "";
  }

  tokens(_i: number): ArrayLike<number> {
    return [];
  }
}

/** The index of the largest of `length` values from `offset`; the first of equals. */
export function argmax(values: ArrayLike<number>, offset = 0, length = values.length): number {
  let best = 0;
  for (let k = 1; k < length; k++) {
    if (values[offset + k]! > values[offset + best]!) best = k;
  }
  return best;
}

/**
 * Draws an index with the probabilities that stand at `offset`.
 *
 * @param draw Uniform in [0, 1).
 * @example
 * ```ts
 * import { drawFrom } from "./guidance.ts";
 * import assert from "node:assert/strict";
 * assert.equal(drawFrom([0.2, 0.3, 0.5], 0, 3, 0.49), 1);
 * assert.equal(drawFrom([0.2, 0.3, 0.5], 0, 3, 0.5), 2);
 * ```
 */
export function drawFrom(
  probabilities: ArrayLike<number>,
  offset: number,
  length: number,
  draw: number,
): number {
  let [sum, last] = [0, 0];
  for (let k = 0; k < length; k++) {
    const probability = probabilities[offset + k]!;
    if (probability <= 0) continue;
    sum += probability;
    if (draw < sum) return k;
    last = k; // Rounding may leave the sum below 1: the last possible one is meant.
  }
  return last;
}

/** Goes on with a value now, or when its promise is kept. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value);
}
