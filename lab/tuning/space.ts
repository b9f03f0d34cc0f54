/** A space: the options that are tuned together, and the settings that it holds. */
import type { Pcg64 } from "@tandem/core/kit";
import { canonical } from "../digest.ts";
import { type Dimension, type OptionValue, valueAt } from "./dimension.ts";

/** The options that are tuned, each by its own name. */
export type Space = readonly Dimension[];

/** A value for each option of a space, by name. */
export type Configuration = Readonly<Record<string, OptionValue>>;

/** A configuration and what it came to. */
export interface Tried {
  readonly configuration: Configuration;
  /** Higher is better; -Infinity where a run failed. */
  readonly score: number;
}

/** Orders the better one first. Failures are equal. */
export function byScore(a: Pick<Tried, "score">, b: Pick<Tried, "score">): number {
  return a.score === b.score ? 0 : b.score > a.score ? 1 : -1;
}

/** Draws a configuration: each option evenly over its scale. */
export function drawConfiguration(space: Space, random: Pcg64): Configuration {
  return configurationOf(space, (dimension) => valueAt(dimension, random.random()));
}

/** The configuration of a value for each option. */
export function configurationOf(
  space: Space,
  value: (dimension: Dimension) => OptionValue,
): Configuration {
  return Object.fromEntries(space.map((dimension) => [dimension.name, value(dimension)]));
}

/** A configuration as `--set` takes it, a setting an option. */
export function settingsOf(configuration: Configuration): string[] {
  return Object.entries(configuration).map(([name, value]) =>
    `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}

/** By what two configurations are known to be the same. */
export function configurationKey(configuration: Configuration): string {
  return canonical(configuration);
}
