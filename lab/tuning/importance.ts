/** How much each option of a space decides by itself, as far as trials tell. */
import { Pcg64 } from "@tandem/core/kit";
import { holm } from "../statistics/hypothesis.ts";
import { mean, ranks } from "../statistics/sample.ts";
import { type Dimension, placeOf } from "./dimension.ts";
import type { Space, Tried } from "./space.ts";

/** What an option decides. */
export interface Importance {
  readonly name: string;
  /** Share of the variance of ranks that it explains by itself, 0 to 1; adjusted for what chance would. */
  readonly share: number;
  /** How likely so much is by chance: by shuffled ranks, after Holm's correction over the options. */
  readonly p: number;
}

const SHUFFLES = 2000;
/** Seed of the shuffles: the same trials give the same answer. */
const RANDOM_SEED = 9;

/**
 * The importance of each option: the adjusted R² of the ranks of the trials on it alone, on a parabola
 * over its scale for a number and on the means of its choices else. What options do together it does
 * not tell.
 *
 * @returns In the order of the space; undefined where there are fewer than five trials, or all are
 * equal.
 */
export function importanceOf(space: Space, tried: readonly Tried[]): Importance[] | undefined {
  const scores = ranks(tried.map(({ score }) => score));
  if (tried.length < 5 || new Set(scores).size === 1) return undefined;
  const random = new Pcg64(RANDOM_SEED);
  const ranked = centred(scores);
  const found = space.map((dimension) => {
    const basis = basisOf(dimension, tried);
    const explained = explainedBy(basis, ranked);
    let atLeast = 1;
    for (let i = 0; i < SHUFFLES; i++) {
      if (explainedBy(basis, random.shuffle([...ranked])) >= explained - 1e-12) atLeast++;
    }
    const free = tried.length - 1 - basis.length;
    const adjusted = free > 0 ? 1 - (1 - explained) * (tried.length - 1) / free : 0;
    return { name: dimension.name, share: Math.max(0, adjusted), p: atLeast / (SHUFFLES + 1) };
  });
  const corrected = holm(found.map(({ p }) => p));
  return found.map((each, i) => ({ ...each, p: corrected[i]! }));
}

/** Orthonormal columns, each with mean 0, that span what a dimension may say. */
function basisOf(dimension: Dimension, tried: readonly Tried[]): number[][] {
  const values = tried.map(({ configuration }) => configuration[dimension.name]!);
  const places = values.map((value) => placeOf(dimension, value));
  const columns = "choices" in dimension
    ? dimension.choices.map((choice) => values.map((value) => Number(value === choice)))
    : [places, places.map((place) => place * place)];
  const basis: number[][] = [];
  for (const column of columns) {
    let rest = centred(column);
    for (const other of basis) {
      const along = dot(rest, other);
      rest = rest.map((value, i) => value - along * other[i]!);
    }
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-6) basis.push(rest.map((value) => value / length));
  }
  return basis;
}

/** The share of a centred column that lies in a basis. */
function explainedBy(basis: readonly number[][], column: readonly number[]): number {
  return basis.reduce((sum, other) => sum + dot(other, column) ** 2, 0) / dot(column, column);
}

function centred(column: readonly number[]): number[] {
  const middle = mean(column);
  return column.map((value) => value - middle);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
