/**
 * Schemas of numbers with two ends. Every option has a largest value that is sensible: what lies beyond
 * would fill the memory or never end, and is refused in a sentence before anything is made.
 */
import * as v from "valibot";
import { TandemError } from "../base/errors.ts";

/** The smallest number above 0 that an option takes: 32 bits hold it, and can divide by it. */
const TINY = 1e-12;

/** One day in seconds, the longest wait. */
export const DAY = 86_400;

/**
 * A whole number.
 *
 * @param least,most Both may be taken.
 * @example
 * ```ts
 * import { whole } from "@tandem/core/kit";
 * import { parseOptions } from "../pipeline/options.ts";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const schema = { threads: v.optional(whole(0, 64), 1) };
 * assert.throws(() => parseOptions(schema, { threads: 100_000 }, "ppo"), /it must be at most 64\./);
 * ```
 */
export function whole(least: number, most: number): v.GenericSchema<number> {
  return v.pipe(
    v.number("it must be a whole number"),
    v.integer("it must be a whole number"),
    ...ends(least, most),
  );
}

/**
 * A number.
 *
 * @param least,most Both may be taken.
 */
export function between(least: number, most: number): v.GenericSchema<number> {
  return v.pipe(v.number("it must be a number"), ...ends(least, most));
}

/**
 * A number that is tuned on a logarithmic scale: each factor of ten is tried as often as the next.
 *
 * @param least,most Both may be taken; above 0.
 * @example
 * ```ts
 * import { logBetween } from "@tandem/core/kit";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const learningRate = logBetween(1e-4, 1e-1);
 * assert.equal(v.parse(learningRate, 1e-3), 1e-3);
 * assert.deepEqual(v.getMetadata(learningRate), { scale: "log" });
 * ```
 */
export function logBetween(least: number, most: number): v.GenericSchema<number> {
  return v.pipe(between(least, most), v.metadata({ scale: "log" }));
}

/** A number above 0, {@linkcode TINY} at the least. */
export function positive(most: number): v.GenericSchema<number> {
  return between(TINY, most);
}

/** A share or a probability. */
export const share: v.GenericSchema<number> = between(0, 1);

/** The most that one thing may take of the memory, in gigabytes. */
const MOST_MEMORY = 4;

/**
 * Holds what options come to together, before it is allocated.
 *
 * @param what What asks for it, such as "student.replay".
 * @param bytes How much it would take.
 * @throws {TandemError} E_OPTION
 */
export function expectMemory(what: string, bytes: number): void {
  const size = Math.ceil(bytes / 1e9);
  if (size <= MOST_MEMORY) return;
  throw new TandemError(
    "E_OPTION",
    `${what} would take ${size} GB of memory: at most ${MOST_MEMORY} GB are taken.`,
  );
}

function ends(least: number, most: number) {
  return [
    v.minValue<number, number, string>(least, `it must be at least ${least}`),
    v.maxValue<number, number, string>(most, `it must be at most ${most}`),
    v.transform<number, number>((value) => value + 0), // no -0
  ] as const;
}
