/** A paired test that stays valid when one looks at it again and again while seeds are added. */
import { Pcg64 } from "@tandem/core/kit";
import { mean } from "./sample.ts";

/** When one looks, and how much of the error each look may spend. */
export interface SequentialDesign {
  /** Pairs at each look, ascending; the last is the bound. */
  readonly looks: readonly number[];
  /** The share of alpha that may be spent by a share of the bound; default {@linkcode spentBySquare}. */
  readonly spending?: (share: number) => number;
  /** What counts as extreme: sums far from 0, or those far above it. Default "two-sided". */
  readonly side?: "two-sided" | "greater";
  /** The assignments of signs that are compared; default 8,192, made anew for each test. */
  readonly flips?: SignFlips;
  /** The p-values that can be told, descending; default some 200 from 1 to 0.0005. */
  readonly levels?: readonly number[];
}

/** What a sequential test has found so far. */
export interface SequentialResult {
  /** Mean of the differences up to the last look that was reached. */
  readonly difference: number;
  /** Valid at any look: under the null hypothesis it is ever at most p with probability at most p. */
  readonly pValue: number;
  /** Looks that were reached. */
  readonly looks: number;
}

/** Assignments of signs. 2^12 are counted twice over: up to 12 pairs the test is exact. */
const DRAWS = 8192;
/** The same signs for all data: the same data gives the same answer. */
const RANDOM_SEED = 8;
/** Significance levels at which p-values are told: coarse where nobody needs more, exact for Holm's steps at 0.05. */
const LEVELS: readonly number[] = levels();

/**
 * The share of alpha that may be spent when a share of the bound has been seen: its square. Of the
 * powers of Kim & DeMets (Biometrika 74, 1987) it takes fewer runs than a fixed number of equal power
 * at half a standard deviation, at one and at two, where lower powers lose much of the power at half
 * and higher ones take more runs at two; docs/results/sequential.md has them side by side.
 */
export function spentBySquare(share: number): number {
  return share ** 2;
}

/**
 * Group-sequential sign-flip test of paired differences. All assignments of signs (up to 12 pairs;
 * beyond, 8,192 of them, the observed one among them) go through the looks together. At each look the
 * most extreme of those that are left are rejected, as many as the spending function allows by then
 * (Lan & DeMets, Biometrika 70, 1983). If a difference is as likely as its negative, the observed
 * assignment is any of them with equal chance: the chance that it is ever rejected is at most alpha,
 * whenever one stops and whatever made one stop. The p-value is the least level such that it and all
 * larger ones have rejected.
 *
 * AdaStop (Mathieu et al., arXiv 2306.10882) does so with permutations of unpaired runs. The test for
 * binary outcomes of arXiv 2503.10966 asks for wins and losses alone, which throws away how large a
 * difference is. docs/results/sequential.md has both beside this one, and e-values.
 *
 * @param differences Of pairs that share a seed, in the order in which they came; as many as there
 * are by now.
 * @throws RangeError where the looks do not ascend from 1 on, or no pair is given.
 * @example Eight differences of one sign, by the third look: 2 of 256 assignments are as extreme.
 * ```ts
 * import { sequentialPaired } from "./sequential.ts";
 * import assert from "node:assert/strict";
 * const design = { looks: [4, 6, 8, 10] };
 * const differences = [3, 1, 2, 4, 2, 3, 1, 2];
 * assert.equal(sequentialPaired(differences.slice(0, 4), design).pValue, 0.8);
 * assert.equal(sequentialPaired(differences, design).pValue, 0.0125);
 * ```
 */
export function sequentialPaired(
  differences: readonly number[],
  design: SequentialDesign,
): SequentialResult {
  const looks = checkedLooks(differences, design);
  const race = new Race(design);
  for (const pairs of looks) race.look(differences, pairs);
  const seen = differences.slice(0, looks.at(-1) ?? differences.length);
  return { difference: mean(seen), pValue: race.pValue, looks: looks.length };
}

/**
 * The least p-value that {@linkcode sequentialPaired} can give by some number of pairs: all
 * differences have one sign. 1 before the first look.
 *
 * @example
 * ```ts
 * import { leastSequentialP } from "./sequential.ts";
 * import assert from "node:assert/strict";
 * assert.equal(leastSequentialP(5, { looks: [5, 10] }), 0.25); // 2 of 32, by a quarter of alpha
 * ```
 */
export function leastSequentialP(pairs: number, design: SequentialDesign): number {
  const { looks, spending = spentBySquare, flips, side = "two-sided", levels = LEVELS } = design;
  const bound = looks.at(-1)!;
  const sides = side === "two-sided" ? 2 : 1;
  const possible = looks.filter((look) => look <= pairs).map((look) =>
    Math.max(sides * 2 ** -look, 1 / (flips?.draws ?? DRAWS)) / spending(look / bound)
  );
  const least = Math.min(1, ...possible);
  return levels.findLast((level) => level >= least - 1e-12) ?? 1;
}

function checkedLooks(
  differences: readonly number[],
  { looks }: SequentialDesign,
): readonly number[] {
  const ascend = looks.every((pairs, k) => Number.isInteger(pairs) && pairs > (looks[k - 1] ?? 0));
  if (!ascend || looks.length === 0) {
    throw new RangeError(`Looks ascend from 1 pair on: "${looks.join(", ")}".`);
  }
  if (differences.length === 0) throw new RangeError("A sequential test needs a pair.");
  return looks.filter((pairs) => pairs <= differences.length);
}

/** All assignments of signs, and which of them each level has rejected. */
class Race {
  readonly #spending: (share: number) => number;
  readonly #isTwoSided: boolean;
  readonly #bound: number;
  readonly #levels: readonly number[];
  readonly #draws: number;
  readonly #sums: Float64Array;
  readonly #packed: Float64Array;
  readonly #flips: SignFlips;
  /** By level: the assignments that it has rejected, and how many they are. */
  readonly #rejected: Uint8Array[];
  readonly #counts: number[];
  /** Whether a level has rejected the observed assignment. */
  readonly #decided: boolean[];
  #pairs = 0;
  #scale = 0;

  constructor({ looks, ...design }: SequentialDesign) {
    const { spending = spentBySquare, side = "two-sided", levels = LEVELS } = design;
    const { flips = new SignFlips(looks.at(-1)!) } = design;
    const { draws } = flips;
    this.#levels = levels;
    this.#spending = spending;
    this.#isTwoSided = side === "two-sided";
    this.#bound = looks.at(-1)!;
    this.#draws = draws;
    this.#sums = new Float64Array(draws);
    this.#packed = new Float64Array(draws);
    this.#flips = flips;
    this.#rejected = levels.map(() => new Uint8Array(draws));
    this.#counts = levels.map(() => 0);
    this.#decided = levels.map(() => false);
  }

  /** The least level from which on all larger ones have rejected the observed assignment. */
  get pValue(): number {
    const open = this.#decided.indexOf(false);
    return open < 0 ? this.#levels.at(-1)! : this.#levels[open - 1] ?? 1;
  }

  look(differences: readonly number[], pairs: number): void {
    for (; this.#pairs < pairs; this.#pairs++) {
      const value = differences[this.#pairs]!;
      const signs = this.#flips.of(this.#pairs);
      for (let b = 0; b < this.#draws; b++) this.#sums[b]! += value * signs[b]!;
      this.#scale += Math.abs(value);
    }
    const sorted = this.#sorted();
    const share = this.#spending(pairs / this.#bound);
    for (const [k, level] of this.#levels.entries()) {
      if (this.#decided[k]) continue;
      this.#spend(k, sorted, Math.floor(level * share * this.#draws + 1e-9));
    }
  }

  /**
   * The sums in order with their assignments, how extreme in the high bits, which in the low; no more
   * of the least extreme than any level can reject.
   */
  #sorted(): Float64Array {
    const [draws, sums, packed] = [this.#draws, this.#sums, this.#packed];
    const unit = this.#scale > 0 ? STEPS / this.#scale : 0;
    const bins = new Uint32Array(BINS + 1);
    for (let b = 0; b < draws; b++) {
      const extreme = this.#isTwoSided ? Math.abs(sums[b]!) : (sums[b]! + this.#scale) / 2;
      const step = Math.round(extreme * unit);
      bins[Math.floor(step / STEPS_A_BIN)]!++;
      packed[b] = step * draws + b;
    }
    // As many may be rejected already as are to be.
    const needed = Math.min(draws, 2 * Math.ceil(this.#levels[0]! * draws));
    let [bin, count] = [BINS, bins[BINS]!];
    while (count < needed) count += bins[--bin]!;
    const least = bin * STEPS_A_BIN * draws;
    return packed.filter((value) => value >= least).sort();
  }

  /** Rejects the most extreme at a level while no more than `allowed` are rejected in all. */
  #spend(level: number, packed: Float64Array, allowed: number): void {
    const [draws, rejected] = [this.#draws, this.#rejected[level]!];
    let room = allowed - this.#counts[level]!;
    for (let top = packed.length - 1; top >= 0 && room > 0;) {
      // Sums that are equal are rejected together or not at all.
      const least = packed[top]! - packed[top]! % draws;
      let [next, count] = [top, 0];
      for (; next >= 0 && packed[next]! >= least; next--) {
        if (rejected[packed[next]! % draws] === 0) count++;
      }
      if (count > room) break;
      for (; top > next; top--) rejected[packed[top]! % draws] = 1;
      room -= count;
    }
    this.#counts[level] = allowed - room;
    this.#decided[level] = rejected[0] === 1;
  }
}

/** Sums are told apart to 2^-38 of the largest; beside it the place of an assignment fits into a double. */
const STEPS = 2 ** 38;
/** Into so many bins of equal width sums are sorted first. */
const BINS = 256;
const STEPS_A_BIN = STEPS / BINS;
/** Pairs of which all signs are counted, at most. */
const COUNTED = 12;

/**
 * Assignments of signs; the first leaves all differences as they are. Of the first pairs there are all
 * assignments, each equally often, so that few pairs are tested exactly; the rest are drawn.
 */
export class SignFlips {
  readonly #signs: readonly Int8Array[];

  /**
   * Draws the assignments.
   *
   * @param pairs The most that will be tested.
   * @param draws How many assignments, a power of 2.
   */
  constructor(pairs: number, readonly draws: number = DRAWS) {
    const random = new Pcg64(RANDOM_SEED);
    const bits = Math.min(COUNTED, Math.floor(Math.log2(draws)));
    this.#signs = Array.from({ length: pairs }, (_, pair) => {
      const signs = new Int8Array(draws).fill(1);
      for (let b = 1; b < draws; b++) {
        const minus = pair < bits ? (b >> pair) % 2 === 1 : random.random() < 0.5;
        if (minus) signs[b] = -1;
      }
      return signs;
    });
  }

  /** The signs of a pair, from 0 on, in all assignments: 1 and -1. */
  of(pair: number): Int8Array {
    return this.#signs[pair]!;
  }
}

/** Levels from 1 down. */
function levels(): number[] {
  const geometric = Array.from({ length: 160 }, (_, k) => 1.06 ** -k).map(twoDigits);
  const holm = Array.from({ length: 100 }, (_, k) => 0.05 / (k + 1));
  return [...new Set([...geometric, ...holm])].sort((a, b) => b - a);
}

/** Rounded up in the second digit, as p-values are read. */
function twoDigits(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}
