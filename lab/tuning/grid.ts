/** A grid over a space, filled up to the number of trials. */
import type { Pcg64 } from "@tandem/core/kit";
import { TandemError } from "@tandem/core";
import { type Dimension, type OptionValue, sizeOf, valueAt } from "./dimension.ts";
import { type Configuration, configurationKey, drawConfiguration, type Space } from "./space.ts";

/**
 * So many configurations: the finest grid that has no more, and beyond it random ones, so that every
 * variant gets as many trials as every other, however large its grid.
 *
 * Choices are all on the grid; numbers are at as many places as each other, evenly over their scale
 * with both ends, as far as they have so many values.
 *
 * @throws {TandemError} E_ARGUMENT where the choices alone are more.
 */
export function gridConfigurations(space: Space, count: number, random: Pcg64): Configuration[] {
  const least = gridOf(space, 1);
  if (least.length > count) {
    throw new TandemError(
      "E_ARGUMENT",
      `The grid has ${least.length} settings by its choices alone, and there are "${count}" trials; ` +
        `say --trials ${least.length}, or another --method.`,
    );
  }
  let grid = least;
  for (let points = 2; points <= count; points++) {
    const finer = pointsOf(space, points);
    if (finer > count) break;
    if (finer > grid.length) grid = gridOf(space, points);
  }
  const known = new Set(grid.map(configurationKey));
  const filled = [...grid];
  while (filled.length < count) filled.push(drawAnother(space, random, known));
  return filled;
}

/** A configuration that is not known yet; where that takes too long, one that is. */
function drawAnother(space: Space, random: Pcg64, known: Set<string>): Configuration {
  let drawn = drawConfiguration(space, random);
  for (let tries = 0; tries < 100 && known.has(configurationKey(drawn)); tries++) {
    drawn = drawConfiguration(space, random);
  }
  known.add(configurationKey(drawn));
  return drawn;
}

function pointsOf(space: Space, points: number): number {
  return space.reduce((product, dimension) => product * placesOf(dimension, points), 1);
}

function placesOf(dimension: Dimension, points: number): number {
  return "choices" in dimension ? sizeOf(dimension) : Math.min(points, sizeOf(dimension));
}

function gridOf(space: Space, points: number): Configuration[] {
  return space.reduce<Configuration[]>(
    (grid, dimension) =>
      grid.flatMap((configuration) =>
        gridValues(dimension, points).map((value) => ({
          ...configuration,
          [dimension.name]: value,
        }))
      ),
    [{}],
  );
}

/** A single place is the middle. */
function gridValues(dimension: Dimension, points: number): OptionValue[] {
  if ("choices" in dimension) return [...dimension.choices];
  const count = placesOf(dimension, points);
  const places = Array.from({ length: count }, (_, i) => count === 1 ? 0.5 : i / (count - 1));
  return [...new Set(places.map((place) => valueAt(dimension, place)))];
}
