/** Ways to stop early, each as the number of pairs after which it claims a difference at 0.05. */
import { pairedPermutation } from "../../lab/statistics/hypothesis.ts";
import {
  type SequentialDesign,
  sequentialPaired,
  SignFlips,
} from "../../lab/statistics/sequential.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { times } from "./worlds.ts";

/** The pairs at which a difference is claimed; Infinity where it never is. */
export type Method = (differences: readonly number[]) => number;

export const [FIRST, BOUND, ALPHA]: readonly [number, number, number] = [5, 30, 0.05];
/** A look after each seed, and after each fifth. */
export const EACH: readonly number[] = times(BOUND - FIRST + 1, (k) => FIRST + k);
const FIFTHS: readonly number[] = [5, 10, 15, 20, 25, 30];
const TENTHS: readonly number[] = [5, 8, 11, 13, 16, 19, 22, 24, 27, 30];
/** Assignments of signs: fewer than in a comparison, which costs power and no validity. */
export const FLIPS: SignFlips = new SignFlips(2 * BOUND, 1024);
const DRAWS = FLIPS.draws;

/** The methods by name. */
export const METHODS: Readonly<Record<string, Method>> = {
  "sign flips, spending share², each seed (chosen)": flips({ looks: EACH }),
  "the same, every fifth seed": flips({ looks: FIFTHS }),
  "sign flips, spending like Pocock": flips({
    looks: EACH,
    spending: (share) => Math.log(1 + (Math.E - 1) * share),
  }),
  "sign flips, spending share": flips({ looks: EACH, spending: (share) => share }),
  "sign flips, spending share³": flips({ looks: EACH, spending: (share) => share ** 3 }),
  "AdaStop's permutations, blocks of five": adaStop,
  "wins and losses alone": (differences) => flips({ looks: EACH })(differences.map(Math.sign)),
  "e-values, normal mixture": eValues,
  "Bonferroni over ten looks": (differences) => firstAt(TENTHS, differences, ALPHA / 10),
};

/** Sign flips looked at ten times as if each look were the only one: what is not valid. */
export const UNCORRECTED: Method = (differences) => firstAt(TENTHS, differences, ALPHA);

/** The shipped test by another design. p never rises, so that the first look is found by halving. */
export function flips(design: SequentialDesign): Method {
  const { looks } = design;
  const claims = (differences: readonly number[]) =>
    sequentialPaired(differences, { ...design, flips: FLIPS, levels: [ALPHA] }).pValue <= ALPHA;
  return (differences) => {
    if (!claims(differences)) return Infinity;
    let [low, high] = [0, looks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (claims(differences.slice(0, looks[middle]))) high = middle;
      else low = middle + 1;
    }
    return looks[low]!;
  };
}

function firstAt(looks: readonly number[], differences: readonly number[], alpha: number): number {
  return looks.find((pairs) => signFlipP(differences.slice(0, pairs)) <= alpha) ?? Infinity;
}

/** The p of one look, from as many assignments as the others have. */
function signFlipP(differences: readonly number[]): number {
  if (differences.length <= 10) {
    return pairedPermutation(differences, differences.map(() => 0), new Pcg64(0)).pValue;
  }
  const looks = [differences.length];
  return sequentialPaired(differences, { looks, flips: FLIPS, levels: [ALPHA, ALPHA / 10] }).pValue;
}

/**
 * AdaStop's test of two agents (arXiv 2306.10882): the runs of each block of five are permuted among
 * the two, whatever their seeds; spending is linear. Half of the variance is that of the seed.
 */
function adaStop(differences: readonly number[]): number {
  const random = new Pcg64(Math.abs(Math.round(1e9 * differences[0]!)));
  const sums = new Float64Array(DRAWS);
  const out = new Uint8Array(DRAWS);
  let rejected = 0;
  for (const [block, pairs] of FIFTHS.entries()) {
    const runs = differences.slice(pairs - 5, pairs).flatMap((difference) => {
      const middle = Math.sqrt(0.75) * random.gaussian();
      return [middle + difference / 2, middle - difference / 2];
    });
    const sides = runs.map((_, i) => (i % 2 === 0 ? 1 : -1));
    for (let b = 0; b < DRAWS; b++) {
      const order = b === 0 ? sides : random.permutation(10).map((i) => sides[i]!);
      for (let i = 0; i < 10; i++) sums[b]! += order[i]! * runs[i]!;
    }
    const allowed = Math.floor(ALPHA * DRAWS * (block + 1) / FIFTHS.length);
    const left = times(DRAWS, (b) => b).filter((b) => out[b] === 0)
      .sort((a, b) => Math.abs(sums[b]!) - Math.abs(sums[a]!));
    for (const b of left.slice(0, allowed - rejected)) out[b] = 1;
    rejected = allowed;
    if (out[0] === 1) return pairs;
  }
  return Infinity;
}

/**
 * The self-normalised mixture martingale for symmetric differences (de la Peña, Annals of Probability
 * 27, 1999; Howard et al., 2021), told the true scale, which favours it; valid at any number of pairs.
 */
function eValues(differences: readonly number[]): number {
  const mixing = 5;
  let [sum, squares] = [0, 0];
  for (const [i, value] of differences.entries()) {
    sum += value;
    squares += value ** 2;
    const e = Math.sqrt(mixing / (squares + mixing)) * Math.exp(sum ** 2 / 2 / (squares + mixing));
    if (i + 1 >= FIRST && e >= 1 / ALPHA) return i + 1;
  }
  return Infinity;
}
