/** Learning curves: how high, how soon. */

/** A curve: scores over what was spent. */
export interface Curve {
  /** What was spent, such as environment steps; ascending. */
  readonly x: readonly number[];
  /** The score there. */
  readonly y: readonly number[];
}

/**
 * A checked curve.
 *
 * @param range The least and the greatest score that can be.
 * @throws RangeError where the lengths differ, x does not ascend, or a score is out of range: then
 * the axes may be swapped.
 */
export function curve(
  x: readonly number[],
  y: readonly number[],
  range: readonly [number, number] = [0, 1],
): Curve {
  if (x.length !== y.length || x.length === 0) {
    throw new RangeError(`A curve needs as many scores as points: ${x.length} and ${y.length}.`);
  }
  const ascends = x.every((value, i) => i === 0 || value > x[i - 1]!);
  const fits = y.every((value) => value >= range[0] && value <= range[1]);
  if (ascends && fits) return { x, y };
  const why = ascends
    ? `a score lies outside ${range[0]} to ${range[1]}`
    : "what was spent does not ascend";
  throw new RangeError(`This is no learning curve, ${why}; are the axes swapped?`);
}

/**
 * The area under a curve as a mean height: the trapezoidal rule over x, divided by its length. The
 * score of a single point stands for itself.
 *
 * @example
 * ```ts
 * import { areaUnder } from "@tandem/lab/statistics";
 * import assert from "node:assert/strict";
 * assert.equal(areaUnder({ x: [0, 1, 3], y: [0, 1, 1] }), (0.5 + 2) / 3);
 * ```
 */
export function areaUnder({ x, y }: Curve): number {
  if (x.length === 1) return y[0]!;
  let area = 0;
  for (let i = 1; i < x.length; i++) area += (x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!) / 2;
  return area / (x.at(-1)! - x[0]!);
}

/**
 * The height of a curve at some place: on the straight line between the points beside it, and that of
 * the nearest end outside of it.
 *
 * @example
 * ```ts
 * import { heightAt } from "./curves.ts";
 * import assert from "node:assert/strict";
 * const rising = { x: [0, 10, 20], y: [0, 0.5, 1] };
 * assert.deepEqual([-1, 5, 10, 99].map((x) => heightAt(x, rising)), [0, 0.25, 0.5, 1]);
 * ```
 */
export function heightAt(at: number, { x, y }: Curve): number {
  const next = x.findIndex((place) => place >= at);
  if (next < 0) return y.at(-1)!;
  if (next === 0) return y[0]!;
  const [from, to] = [x[next - 1]!, x[next]!];
  return y[next - 1]! + (at - from) / (to - from) * (y[next]! - y[next - 1]!);
}

/** How long something took, if it came at all. */
export interface Duration {
  /** What was spent until it came, or until one looked for the last time. */
  readonly time: number;
  /** Whether it came; else the time is censored. */
  readonly reached: boolean;
}

/**
 * What was spent until the score first was at or above a threshold, as measured; censored at the
 * curve's end where it never was.
 */
export function timeTo(threshold: number, { x, y }: Curve): Duration {
  const at = y.findIndex((score) => score >= threshold);
  return at < 0 ? { time: x.at(-1)!, reached: false } : { time: x[at]!, reached: true };
}
