/** A search: which configurations are tried next, by what is known of the batches before. */
import { Pcg64 } from "@tandem/core/kit";
import { gridConfigurations } from "./grid.ts";
import { type Rung, rungsOf, survivorsOf } from "./halving.ts";
import { type Configuration, drawConfiguration, type Space, type Tried } from "./space.ts";
import { proposeByTpe } from "./tpe.ts";

/** The ways of searching. */
export const METHODS = ["tpe", "random", "grid", "halving"] as const;

/** The name of a way of searching. */
export type Method = typeof METHODS[number];

/** What is searched, and how. */
export interface Search {
  readonly space: Space;
  readonly method: Method;
  /** What a search may cost, in whole trials. */
  readonly trials: number;
  /** Iterations of a whole trial. */
  readonly iterations: number;
  /** What its draws depend on. */
  readonly seed: string;
}

/** Configurations that are tried side by side, for so many iterations each. */
export interface Batch {
  readonly configurations: readonly Configuration[];
  readonly iterations: number;
}

/** Random draws before the first that learns from them, and draws that learn from the same. */
const [STARTUP, TOGETHER] = [6, 4] as const;

/**
 * How many configurations the batches of a search have, and for how many iterations. It depends on no
 * result, so that every variant gets the same.
 */
export function batchesOf({ method, trials, iterations }: Omit<Search, "space" | "seed">): Rung[] {
  if (method === "halving") return rungsOf(trials, iterations);
  if (method !== "tpe") return [{ size: trials, iterations }];
  const batches = [{ size: Math.min(STARTUP, trials), iterations }];
  for (let left = trials - STARTUP; left > 0; left -= TOGETHER) {
    batches.push({ size: Math.min(TOGETHER, left), iterations });
  }
  return batches;
}

/**
 * The next batch of a search; undefined at its end. It depends on the search and on batches that are
 * finished alone: how many trials run side by side, and in which order they end, changes nothing.
 *
 * @param finished What each batch came to, in the order of its configurations.
 * @throws {TandemError} E_ARGUMENT where a grid has more settings than there are trials.
 */
export function nextBatch(
  search: Search,
  finished: readonly (readonly Tried[])[],
): Batch | undefined {
  const rung = batchesOf(search)[finished.length];
  if (!rung) return undefined;
  const random = new Pcg64([
    ...new TextEncoder().encode(`${search.seed}, batch ${finished.length}`),
  ]);
  return { configurations: propose(search, rung, finished, random), iterations: rung.iterations };
}

function propose(
  { space, method }: Search,
  { size }: Rung,
  finished: readonly (readonly Tried[])[],
  random: Pcg64,
): Configuration[] {
  const drawn = (draw: () => Configuration) => Array.from({ length: size }, draw);
  if (method === "grid") return gridConfigurations(space, size, random);
  const before = finished.at(-1);
  if (!before || method === "random") return drawn(() => drawConfiguration(space, random));
  if (method === "halving") return survivorsOf(before, size);
  const proposed: Configuration[] = [];
  while (proposed.length < size) {
    proposed.push(proposeByTpe(space, finished.flat(), proposed, random));
  }
  return proposed;
}
