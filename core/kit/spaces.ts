/** Named constructors of spaces, as in Gymnasium. */
import { TandemError } from "../base/errors.ts";
import {
  type Box,
  type Discrete,
  type MultiDiscrete,
  sizeOf,
  type TextSpace,
} from "../stages/mod.ts";

/** A byte holds a category. */
const MOST_CATEGORIES = 256;

/** One of n categories. @throws {TandemError} E_SHAPE */
export function discrete(n: number): Discrete {
  expectWhole("number of categories", n, MOST_CATEGORIES);
  return { kind: "discrete", dtype: "uint8", shape: [], n };
}

/**
 * Several categories side by side.
 *
 * @param nvec Number of categories of each entry, 1 to 256.
 * @throws {TandemError} E_SHAPE
 * @example
 * ```ts
 * import { multiDiscrete } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * assert.deepEqual(multiDiscrete([7, 7]).shape, [2]);
 * assert.throws(() => multiDiscrete([7, 300]), /"300"; right would be a whole number, 1 to 256/);
 * ```
 */
export function multiDiscrete(
  nvec: readonly number[],
  { layout = "vector", channels }: Partial<Pick<MultiDiscrete, "layout" | "channels">> = {},
): MultiDiscrete {
  for (const n of nvec) expectWhole("number of categories", n, MOST_CATEGORIES);
  if (channels !== undefined) expectWhole("number of channels", channels, nvec.length);
  const grid = channels === undefined ? { layout } : { layout, channels };
  return { kind: "multi-discrete", dtype: "uint8", shape: [nvec.length], nvec, ...grid };
}

/** What {@linkcode box} takes. */
export interface BoxOptions {
  /** Sizes of the tensor, such as [4] for four floats. */
  readonly shape: readonly number[];
  /** Least value of all entries, or of each, row-major; infinite unless told. */
  readonly low?: number | readonly number[];
  /** Largest value, likewise. */
  readonly high?: number | readonly number[];
}

/**
 * Floats, each between two bounds.
 *
 * @throws {TandemError} E_SHAPE
 * @example
 * ```ts
 * import { box } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * assert.deepEqual(box({ shape: [2], low: [-1, 0] }).high, [Infinity, Infinity]);
 * assert.throws(() => box({ shape: [2], low: [1, 0, 0] }), /3 bounds; right would be 2/);
 * ```
 */
export function box({ shape, low = -Infinity, high = Infinity }: BoxOptions): Box {
  for (const size of shape) expectWhole("size of a box", size, 2 ** 31 - 1);
  const entries = sizeOf(shape);
  const each = (bound: number | readonly number[]) =>
    typeof bound === "number" ? new Array<number>(entries).fill(bound) : bound;
  const space: Box = { kind: "box", dtype: "float32", shape, low: each(low), high: each(high) };
  for (const bounds of [space.low, space.high]) {
    if (bounds.length === entries) continue;
    throw wrong(`A box of the shape "${shape.join(" x ")}" has ${bounds.length} bounds`, entries);
  }
  const at = space.low.findIndex((least, k) => !(least <= space.high[k]!));
  if (at < 0) return space;
  const bounds = `${space.low[at]} to ${space.high[at]}`;
  throw wrong(`A box has the bounds "${bounds}" at ${at}`, "the lower one first");
}

/**
 * Token ids of a text.
 *
 * @param maxLength The most tokens of a text. @param vocabulary Token ids stand below it.
 * @throws {TandemError} E_SHAPE
 */
export function tokenText(
  { maxLength, vocabulary }: { readonly maxLength: number; readonly vocabulary: number },
): TextSpace {
  expectWhole("number of tokens", maxLength, 2 ** 31 - 1);
  expectWhole("vocabulary", vocabulary, 2 ** 31 - 1);
  return { kind: "text", dtype: "int32", shape: [maxLength], vocabulary };
}

function expectWhole(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw wrong(`A space has the ${what} "${value}"`, `a whole number, 1 to ${most}`);
}

function wrong(complaint: string, right: string | number): TandemError {
  return new TandemError("E_SHAPE", `${complaint}; right would be ${right}.`, { stage: "env" });
}
