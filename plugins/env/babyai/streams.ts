/**
 * Many of NumPy's generators at once: each gives what core/kit/random.ts's `Pcg64` gives, drawn in
 * blocks by one kernel. Making worlds is mostly drawing numbers.
 */

import { Pcg64, type Pcg64State, type Seed } from "@tandem/core/kit";
import { generateState } from "@tandem/core/internal";
import { type FillBlock, instantiateKernel } from "./pcg64_kernel.ts";

/** Numbers of 64 bits drawn at once. */
const BLOCK = 32;

// A stream's 32-bit words: state and increment (least significant first), the state that the block
// was drawn from, a half kept from the block before, and the block.
const INC = 4;
const ORIGIN = 8;
const KEPT = 12;
const NUMBERS = 16;
const STREAM = NUMBERS + 2 * BLOCK;

const TWO_32 = 4294967296;
const PAGE = 65536;

/** Streams that share one kernel; stream i starts from seed i. */
export function makeStreams(count: number): Stream[] {
  const initial = Math.ceil(4 * STREAM * count / PAGE);
  const memory = new WebAssembly.Memory({ initial });
  const fill = instantiateKernel(memory);
  const words = new Uint32Array(memory.buffer);
  return Array.from({ length: count }, (_, i) => new Stream(words, i * STREAM, fill, i));
}

/** One generator, as NumPy's `Generator(PCG64(seed))`. */
export class Stream {
  readonly #words: Uint32Array;
  readonly #at: number;
  readonly #fill: FillBlock;
  /** The next number to read, and where the block ends. */
  #next: number;
  readonly #end: number;
  /** Where the half of a number lies that is still to be read, or -1. */
  #half = -1;

  /** To be made by {@linkcode makeStreams}. */
  constructor(words: Uint32Array, at: number, fill: FillBlock, seed: Seed) {
    this.#words = words;
    this.#at = at;
    this.#fill = fill;
    this.#next = this.#end = at + STREAM;
    this.reseed(seed);
  }

  /**
   * Starts again from a seed.
   *
   * @throws RangeError where it is none.
   */
  reseed(seed: Seed): void {
    const words = this.#words, at = this.#at;
    const state = words.subarray(at, at + INC + 4);
    generateState(seed, words.subarray(at + ORIGIN, at + ORIGIN + 4), state);
    // inc = 2 sequence + 1, state = step(seed + inc)
    for (let i = 3; i >= 0; i--) {
      state[INC + i] = state[INC + i]! << 1 | (i === 0 ? 1 : state[INC + i - 1]! >>> 31);
    }
    for (let i = 0, carry = 0; i < 4; i++) {
      const sum = state[i]! + state[INC + i]! + carry;
      state[i] = sum;
      carry = sum >= TWO_32 ? 1 : 0;
    }
    this.#fill(4 * at, 4 * (at + NUMBERS), 1);
    this.#next = this.#end;
    this.#half = -1;
  }

  /**
   * A uniform integer in [low, high), by Lemire's multiplication (arXiv 1805.10941).
   *
   * @param low The least value.
   * @param high One more than the greatest, at most low + 2^21; nothing is drawn for low + 1.
   */
  integers(low: number, high: number): number {
    const range = high - low;
    if (range <= 1) return low;
    let word = this.#uint32();
    let rest = Math.imul(word, range) >>> 0;
    if (rest < range) {
      const threshold = (TWO_32 - range) % range;
      while (rest < threshold) {
        word = this.#uint32();
        rest = Math.imul(word, range) >>> 0;
      }
    }
    // The product has at most 53 bits, so its upper half is exact.
    return low + (word * range * 2 ** -32 | 0);
  }

  /** A uniform double in [low, high). */
  uniform(low: number, high: number): number {
    if (this.#next === this.#end) this.#draw();
    const words = this.#words, at = this.#next;
    this.#next = at + 2;
    return low + (high - low) * (words[at + 1]! * 2097152 + (words[at]! >>> 11)) * 2 ** -53;
  }

  /** Copies another stream's state. */
  copyFrom(other: Stream): void {
    this.#words.set(other.#words.subarray(other.#at, other.#at + STREAM), this.#at);
    this.#next = other.#next - other.#at + this.#at;
    this.#half = other.#half < 0 ? -1 : other.#half - other.#at + this.#at;
  }

  /** The exact state. */
  save(): Pcg64State {
    const words = this.#words, at = this.#at;
    const random = new Pcg64(0), unread = this.#next === this.#end;
    const state = String(joinWords(words, unread ? at : at + ORIGIN));
    random.load({ state, inc: String(joinWords(words, at + INC)), half: null });
    if (!unread) { for (let k = at + NUMBERS; k < this.#next; k += 2) random.uint64(); }
    return { ...random.save(), half: this.#half < 0 ? null : words[this.#half]! };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ state, inc, half }: Pcg64State): void {
    const words = this.#words, at = this.#at;
    splitWords(BigInt(state), words, at);
    splitWords(BigInt(inc), words, at + INC);
    words[at + KEPT] = half ?? 0;
    this.#half = half === null ? -1 : at + KEPT;
    this.#next = this.#end;
  }

  /** The next 32 bits: the lower half of a number, then its upper half. */
  #uint32(): number {
    const half = this.#half;
    if (half >= 0) {
      this.#half = -1;
      return this.#words[half]!;
    }
    if (this.#next === this.#end) this.#draw();
    const at = this.#next;
    this.#next = at + 2;
    this.#half = at + 1;
    return this.#words[at]!;
  }

  #draw(): void {
    const words = this.#words, at = this.#at;
    if (this.#half >= 0) {
      words[at + KEPT] = words[this.#half]!;
      this.#half = at + KEPT;
    }
    for (let k = 0; k < 4; k++) words[at + ORIGIN + k] = words[at + k]!;
    this.#fill(4 * at, 4 * (at + NUMBERS), BLOCK);
    this.#next = at + NUMBERS;
  }
}

function joinWords(words: Uint32Array, at: number): bigint {
  let joined = 0n;
  for (let i = 3; i >= 0; i--) joined = joined << 32n | BigInt(words[at + i]!);
  return joined;
}

function splitWords(value: bigint, words: Uint32Array, at: number): void {
  for (let i = 0; i < 4; i++, value >>= 32n) words[at + i] = Number(BigInt.asUintN(32, value));
}
