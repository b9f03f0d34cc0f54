/**
 * Steps without the loops among them: where a place is come to again, all since the first time is left
 * out (loop erasure: Lawler, 1980).
 *
 * @param placeOf A name of where a step was done.
 * @example
 * ```ts
 * import { withoutLoops } from "./paths.ts";
 * import assert from "node:assert/strict";
 * const steps = ["a1", "b1", "c1", "b2", "d1"];
 * assert.deepEqual(withoutLoops(steps, ([place]) => place!), ["a1", "b2", "d1"]);
 * ```
 */
export function withoutLoops<T>(
  steps: readonly T[],
  placeOf: (step: T) => string | number,
): readonly T[] {
  const path: T[] = [];
  const indices = new Map<string | number, number>();
  for (const step of steps) {
    const place = placeOf(step);
    const before = indices.get(place);
    if (before !== undefined) {
      for (const left of path.splice(before)) indices.delete(placeOf(left));
    }
    indices.set(place, path.length);
    path.push(step);
  }
  return path;
}
