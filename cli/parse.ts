import { InvalidArgumentError } from "@commander-js/extra-typings";
import { DAY } from "../core/kit/bounds.ts";

/** Reads an option's argument as a whole number between two that may both be taken. */
export function wholeBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(
      number > most ? `It must be at most ${most}.` : `It must be a whole number from ${least} on.`,
    );
  };
}

/** An option's argument as a whole number from 0 on. */
export const wholeNumber: (text: string) => number = wholeBetween(0, Number.MAX_SAFE_INTEGER);

/** An option's argument as a whole number from 1 on. */
export const positiveNumber: (text: string) => number = wholeBetween(1, Number.MAX_SAFE_INTEGER);

/** From how many seeds one looks, and how many there are at most. */
export interface SeedRange {
  readonly first: number;
  readonly bound: number;
}

/** A number of seeds, or the first look and the bound as 5..30. */
export function seeds(text: string): number | SeedRange {
  const [, first, bound] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined) return wholeBetween(1, MOST_SEEDS)(text);
  const range = { first: Number(first), bound: Number(bound) };
  if (range.first >= 2 && range.bound >= range.first && range.bound <= MOST_LOOKED_AT) return range;
  throw new InvalidArgumentError(
    `It must be two numbers from 2 on, the second at most ${MOST_LOOKED_AT}, such as 5..30.`,
  );
}

const MOST_SEEDS = 100_000;
/** Signs are kept for each seed. */
const MOST_LOOKED_AT = 1000;

/** So many trials side by side: more than any machine has threads for is a slip. */
export const jobCount: (text: string) => number = wholeBetween(1, 1024);

/** An option's argument as a number of seconds above 0, a day at the most. */
export function positiveSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= DAY) return value;
  throw new InvalidArgumentError(`It must be a number of seconds above 0, at most ${DAY}.`);
}

/** An option's argument as hours above 0. */
export const hours: (text: string) => number = above("a number of hours above 0, such as 2.5");

/** An option's argument as a standard deviation above 0. */
export const spread: (text: string) => number = above("a number above 0, such as 0.15");

function above(what: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
    throw new InvalidArgumentError(`It must be ${what}.`);
  };
}

/** An option's argument as a share above 0. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("It must be a share above 0 and at most 1, such as 0.9.");
}

/** A folder's path without the slashes at its end. */
export function folder(text: string): string {
  return text.replace(/(?<=.)\/+$/, "");
}

/** An option's argument as names by commas. */
export function list(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** The same, at least one. */
export function names(text: string): string[] {
  const found = list(text);
  if (found.length > 0) return found;
  throw new InvalidArgumentError("It must be names by commas, at least one.");
}

/** Collects the arguments of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
