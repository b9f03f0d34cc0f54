/** How programs lie in memory: their parts, once for each region and slot that they work in. */
import type { Arena, Block } from "./arena.ts";
import { WORDS } from "./assembly/ops.ts";

/**
 * The body is done by one lane for a chunk of rows; "grads" gather by all lanes what chunks left, one
 * after the other; the head comes before the first chunk and the tail after the last.
 *
 * @internal
 */
export type Part = "head" | "body" | "grads" | "tail";

/** Addresses from here on are places in the region of memory that each lane has of its own. */
export const REGION = 2 ** 32;
/** Addresses from here on are places in a slot: there a chunk leaves what "grads" gather. */
export const SLOT = 2 ** 33;

/** A program ready to run. */
export interface Program {
  /**
   * Runs it on the rows 0 .. length - 1, or on those whose numbers stand in `order`, an array of the
   * same arena, from place `from` on.
   */
  run(length: number, order?: Block<Int32Array>, from?: number): void;
}

/** Rows of a chunk, the number of slots, and the bytes of a region and of a slot. */
export interface Sizes {
  readonly chunk: number;
  readonly slots: number;
  readonly region: number;
  readonly slot: number;
}

/** Writes a program down, as `run` of assembly/index.ts takes it; slots go to the lanes in turn. */
export function layOut(
  arena: Arena,
  { head, body, grads, tail }: Readonly<Record<Part, readonly number[][]>>,
  { chunk, slots, region: size, slot: slotSize }: Sizes,
): { readonly region: number; readonly header: number } {
  const region = arena.bytes(size * arena.lanes).at;
  const kept = arena.bytes(slotSize * slots).at;
  const words = [...codeOf(arena, head), ...codeOf(arena, tail), chunk, slots];
  for (let k = 0; k < slots; k++) {
    const places = [region + k % arena.lanes * size, kept + k * slotSize] as const;
    words.push(...codeOf(arena, body, ...places), ...codeOf(arena, grads, ...places));
  }
  const header = arena.integers(words.length);
  header.view.set(words);
  return { region, header: header.at };
}

/** Instructions for one region and one slot: their address and number. */
function codeOf(
  arena: Arena,
  instructions: readonly number[][],
  region = 0,
  slot = 0,
): [number, number] {
  const code = arena.integers(WORDS * instructions.length);
  const place = (word: number) =>
    word >= SLOT ? word - SLOT + slot : word >= REGION ? word - REGION + region : word;
  instructions.forEach((words, i) => code.view.set(words.map(place), i * WORDS));
  return [code.at, instructions.length];
}
