/**
 * Random numbers that NumPy would have drawn: PCG64 (XSL RR 128/64, O'Neill 2014) seeded through
 * SeedSequence, as `numpy.random.Generator(PCG64(seed))` gives them, draw for draw.
 *
 * 128-bit arithmetic runs on 32-bit words in a typed array: no BigInt and no allocation in a draw.
 * BabyAI's worlds have the same generator a second time, in WebAssembly
 * (plugins/env/babyai/pcg64_kernel.ts): it is faster by blocks of numbers, which thousands of worlds
 * need at a reset, and slower by single draws, which everything else takes. A test holds the two
 * together.
 */

import { entropyWords, generateState, type Seed } from "./seed_sequence.ts";

/** The exact state of a generator as JSON; the numbers of 128 bits are decimal strings. */
export interface Pcg64State {
  /** The 128 bits of state. */
  readonly state: string;
  /** The increment, which tells streams apart. */
  readonly inc: string;
  /** The half word kept back from the last 64-bit draw, or null. */
  readonly half: number | null;
}

export type { Seed } from "./seed_sequence.ts";

const TWO_32 = 4294967296;
const MASK_32 = 0xffffffffn;

// The multiplier of PCG64's linear congruential step, least significant word first.
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;

// Places in the generator's words: state and increment (least significant word first), the last
// 64 bits drawn, the half word kept back and whether there is one.
const INC = 4;
const LOW = 8;
const HIGH = 9;
const HALF = 10;
const HAS_HALF = 11;

/**
 * NumPy's `Generator(PCG64(SeedSequence(seed)))`: the same seed gives the same numbers in the same
 * order. Doubles, integers of 32 bits, shuffles and reseeding by a number take no memory.
 *
 * @example
 * ```ts
 * import { Pcg64 } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const random = new Pcg64(0);
 * assert.deepEqual([random.integers(0, 6), random.integers(0, 6)], [5, 3]);
 * assert.equal(new Pcg64(0).random(), 0.6369616873214543);
 * ```
 */
export class Pcg64 {
  readonly #words = new Uint32Array(12);
  readonly #pool = new Uint32Array(4);

  /**
   * A generator at its start.
   *
   * @param seed What SeedSequence would take; an array is taken word by word.
   */
  constructor(seed: Seed) {
    this.reseed(seed);
  }

  /**
   * Starts again as if made with this seed.
   *
   * @throws RangeError where the seed is negative, not whole, or a word exceeds 32 bits.
   */
  reseed(seed: Seed): void {
    generateState(seed, this.#pool, this.#words);
    this.#start();
  }

  /** The next 32 bits, as an unsigned integer; a draw of 64 bits serves two calls. */
  uint32(): number {
    const words = this.#words;
    if (words[HAS_HALF] === 1) {
      words[HAS_HALF] = 0;
      return words[HALF]!;
    }
    this.#step();
    words[HAS_HALF] = 1;
    words[HALF] = words[HIGH]!;
    return words[LOW]!;
  }

  /** The next 64 bits. It allocates a BigInt: for hashes and tests, not for hot loops. */
  uint64(): bigint {
    this.#step();
    return BigInt(this.#words[HIGH]!) << 32n | BigInt(this.#words[LOW]!);
  }

  /**
   * A uniform integer in [low, high), by Lemire's multiplication (arXiv 1805.10941).
   *
   * @param low The least value, a safe integer.
   * @param high One more than the greatest; nothing is drawn where `high` is `low + 1`.
   * @throws RangeError where the range is empty.
   */
  integers(low: number, high: number): number {
    const range = high - low;
    if (!(range > 1)) {
      if (range === 1) return low;
      throw new RangeError(`integers(${low}, ${high}) has no integer to draw: low must be less.`);
    }
    if (range > TWO_32) return low + Number(this.#bounded64(BigInt(high) - BigInt(low)));
    let word = this.uint32();
    if (range === TWO_32) return low + word;
    let rest = Math.imul(word, range) >>> 0;
    if (rest < range) {
      const threshold = (TWO_32 - range) % range;
      while (rest < threshold) {
        word = this.uint32();
        rest = Math.imul(word, range) >>> 0;
      }
    }
    return low + upper(word * range - rest);
  }

  /** A uniform double in [0, 1) with 53 random bits. */
  random(): number {
    this.#step();
    return (this.#words[HIGH]! * 2097152 + (this.#words[LOW]! >>> 11)) * 2 ** -53;
  }

  /** A uniform double in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** A normal deviate of mean 0 and deviation 1 by Box and Muller: not NumPy's, which is a ziggurat. */
  gaussian(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
    return radius * Math.cos(2 * Math.PI * this.random());
  }

  /** One item, each as likely as the next; NumPy's `choice(items)`. */
  choice<T>(items: ArrayLike<T>): T {
    return items[this.integers(0, items.length)]!;
  }

  /**
   * `size` different integers below `n` in random order; NumPy's `choice(n, size, replace=False)`
   * by Floyd's algorithm, which NumPy uses up to n = 10,000 or where `size` is at most n / 50.
   *
   * @throws RangeError where `size` exceeds `n`.
   */
  sample(n: number, size: number): number[] {
    if (size > n) throw new RangeError(`sample(${n}, ${size}) asks for more than there are.`);
    const drawn = new Set<number>();
    for (let last = n - size; last < n; last++) {
      const value = this.integers(0, last + 1);
      drawn.add(drawn.has(value) ? last : value);
    }
    const items = [...drawn];
    for (let i = size - 1; i > 0; i--) swap(items, i, this.integers(0, i + 1));
    return items;
  }

  /** The integers below `n` in random order. */
  permutation(n: number): number[] {
    return this.shuffle(Array.from({ length: n }, (_, i) => i));
  }

  /**
   * Shuffles in place and returns the same items. NumPy draws each place by masked rejection, not
   * by Lemire's method as in {@linkcode integers}.
   */
  shuffle<T extends { readonly length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const mask = 0xffffffff >>> Math.clz32(i);
      let j = this.uint32() & mask;
      while (j > i) j = this.uint32() & mask;
      swap(items, i, j);
    }
    return items;
  }

  /** The exact state, to go on from later. */
  save(): Pcg64State {
    const words = this.#words;
    return {
      state: String(joinWords(words, 0)),
      inc: String(joinWords(words, INC)),
      half: words[HAS_HALF] === 1 ? words[HALF]! : null,
    };
  }

  /** Goes on where {@linkcode save} was called. */
  load(saved: Pcg64State): void {
    const words = this.#words;
    splitWords(BigInt(saved.state), words, 0);
    splitWords(BigInt(saved.inc), words, INC);
    words[HAS_HALF] = saved.half === null ? 0 : 1;
    words[HALF] = saved.half ?? 0;
  }

  /** Copies another generator's state without taking memory. */
  copyFrom(other: Pcg64): void {
    this.#words.set(other.#words);
  }

  /** From the eight words of the seed: inc = 2 sequence + 1, state = step(seed + inc). */
  #start(): void {
    const words = this.#words;
    for (let i = 3; i >= 0; i--) {
      const below = i === 0 ? 1 : words[INC + i - 1]! >>> 31;
      words[INC + i] = words[INC + i]! << 1 | below;
    }
    let carry = 0;
    for (let i = 0; i < 4; i++) {
      const sum = words[i]! + words[INC + i]! + carry;
      words[i] = sum;
      carry = sum >= TWO_32 ? 1 : 0;
    }
    this.#step();
    words[HAS_HALF] = 0;
  }

  /**
   * state = state x multiplier + inc (mod 2^128), column by column: each column's lower word is
   * exact by `imul`, and the rest, its carry, is a double whose rounding stays far below 2^31.
   */
  #step(): void {
    const words = this.#words;
    const s0 = words[0]!, s1 = words[1]!, s2 = words[2]!, s3 = words[3]!;
    const c0 = words[INC]!, c1 = words[INC + 1]!, c2 = words[INC + 2]!;
    const t0 = (Math.imul(s0, M0) + c0) >>> 0;
    const carry0 = upper(s0 * M0 + c0 - t0);
    const t1 = (Math.imul(s0, M1) + Math.imul(s1, M0) + c1 + carry0) >>> 0;
    const carry1 = upper(s0 * M1 + s1 * M0 + c1 + carry0 - t1);
    const t2 = (Math.imul(s0, M2) + Math.imul(s1, M1) + Math.imul(s2, M0) + c2 + carry1) >>> 0;
    const carry2 = upper(s0 * M2 + s1 * M1 + s2 * M0 + c2 + carry1 - t2);
    const t3 = Math.imul(s0, M3) + Math.imul(s1, M2) + Math.imul(s2, M1) + Math.imul(s3, M0);
    words[0] = t0;
    words[1] = t1;
    words[2] = t2;
    words[3] = t3 + words[INC + 3]! + carry2;
    permute(words);
  }

  #bounded64(range: bigint): bigint {
    let product = this.uint64() * range;
    const threshold = ((1n << 64n) - range) % range;
    while (BigInt.asUintN(64, product) < threshold) product = this.uint64() * range;
    return product >> 64n;
  }
}

/**
 * An independent stream for one part of a run: the generator of SeedSequence with the seed's words
 * followed by the name's UTF-8 bytes, in NumPy `PCG64(SeedSequence([seed, *name.encode()]))`.
 *
 * @param seed The run's seed.
 * @param name What draws from the stream, such as "student".
 * @example
 * ```ts
 * import { namedStream } from "./random.ts";
 * import assert from "node:assert/strict";
 * const student = namedStream(7, "student");
 * assert.equal(student.random(), namedStream(7, "student").random());
 * assert.notEqual(student.random(), namedStream(7, "teacher").random());
 * ```
 */
export function namedStream(seed: Seed, name: string): Pcg64 {
  return new Pcg64([...entropyWords(seed), ...new TextEncoder().encode(name)]);
}

/** Output permutation XSL RR: the halves' exclusive or, rotated right by the top six bits. */
function permute(words: Uint32Array): void {
  const top = words[3]!;
  const one = words[2]! ^ words[0]!, other = top ^ words[1]!;
  // The halves change places where the turn is 32 or more; a mask, for no processor guesses it.
  const change = (one ^ other) & (top >> 31);
  const low = one ^ change, high = other ^ change;
  const shift = (top >>> 26) & 31;
  // Shifting by one first keeps the complementary shift within 31 bits where shift is 0.
  words[LOW] = low >>> shift | high << 1 << (31 - shift);
  words[HIGH] = high >>> shift | low << 1 << (31 - shift);
}

function swap(items: { [index: number]: unknown }, i: number, j: number): void {
  const item = items[i];
  items[i] = items[j];
  items[j] = item;
}

/** The multiple of 2^32 nearest to a value, divided by 2^32. */
function upper(value: number): number {
  return Math.floor(value * 2 ** -32 + 0.5);
}

function joinWords(words: Uint32Array, start: number): bigint {
  let joined = 0n;
  for (let i = 3; i >= 0; i--) joined = joined << 32n | BigInt(words[start + i]!);
  return joined;
}

function splitWords(value: bigint, words: Uint32Array, start: number): void {
  for (let i = 0; i < 4; i++, value >>= 32n) words[start + i] = Number(value & MASK_32);
}
