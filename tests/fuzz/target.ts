/** What a fuzzed thing is. */
import type * as fc from "fast-check";

/** A target: how its input is drawn, and what it is put into. */
export interface Target<T = unknown> {
  readonly input: fc.Arbitrary<T>;
  /** Share of all cases; 1 unless told: what is slow gets less. */
  readonly share?: number;
  /** @throws what is found */
  try(input: T, folder: string): unknown;
}

/** A target whatever its input is. */
export function target<T>(of: Target<T>): Target {
  return of as Target;
}
