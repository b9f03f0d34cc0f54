import type { StageState } from "../../../core/stages/mod.ts";
import type { Deed } from "./channels.ts";
import type { StateFeatures } from "./features.ts";

/** Most features that are kept; states judged after that are corrected by the features known. */
const MOST_FEATURES = 1 << 16;

/** Verdicts at which an average counts half: with fewer, what is more general counts more. */
const HALF_TRUST = 16;

/** Verdicts over which the usual strength is averaged, and how many times it one verdict may count. */
const [STRENGTH_SPAN, STRONGEST] = [2048, 10];

/**
 * What verdicts have taught about K candidates: a rating G(s, c) of each candidate c in each state s,
 * the mean of what it was worth, and the same for each thing f seen in the state.
 *
 * A verdict that compares a token with the last one is what a won or lost game is to a chess player:
 * it tells the difference of two ratings, so the token was worth
 *
 *     w = R + G(s_tm1, c_tm1)
 *
 * and R alone where a verdict stands by itself. R is its sign times its strength, in units of what
 * strength was usual lately: early verdicts are large because the critic is, not because they are
 * right. What ratings add to the model's scores is drawn to 0 where little was judged:
 *
 *     d_f(c) = n_f(c) / (n_f(c) + h) (G(f, c) - mean of w over all of f's verdicts)
 *     score(c) += gain (n_s(c) d_s(c) + h mean over f in s of d_f(c)) / (n_s(c) + h)
 *
 * with n the numbers of verdicts and h = 16. States never judged are corrected by what is seen in them.
 * (Sample averages: Sutton & Barto, second edition, section 2.4; ratings from comparisons: A. Elo, The
 * Rating of Chessplayers, 1978.)
 *
 * @example
 * ```ts
 * import { Correction } from "./correction.ts";
 * import { featuresOf } from "./features.ts";
 * import assert from "node:assert/strict";
 * const correction = new Correction(2, 34);
 * const state = featuresOf("go to the key", ["You see a key"]);
 * correction.learn(state, 0, 1, 0.5);
 * correction.learn(state, 1, -1, 0.5);
 * const scores = Float32Array.of(0, 0);
 * correction.apply(scores, 0, state);
 * assert.deepEqual([...scores], [2, -2]);
 * ```
 */
export class Correction {
  readonly #index = new Map<string, number>();
  /** [features, K] sums of w and numbers of verdicts. */
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);
  #usualStrength = 0;
  #judged = 0;

  /** @param candidates Number of candidates, K. @param gain Size of the correction. */
  constructor(private readonly candidates: number, private readonly gain: number) {}

  /** Adds the correction of a state to K scores that stand at `offset`. */
  apply(scores: Float32Array, offset: number, { whole, parts }: StateFeatures): void {
    if (this.#judged === 0) return;
    const state = this.#index.get(whole);
    const seen = parts.map((part) => this.#index.get(part));
    for (let c = 0; c < this.candidates; c++) {
      let general = 0;
      for (const part of seen) general += this.#preference(part, c) / parts.length;
      const visits = state === undefined ? 0 : this.#counts[state * this.candidates + c]!;
      const special = this.#preference(state, c);
      scores[offset + c]! += this.gain * (visits * special + HALF_TRUST * general) /
        (visits + HALF_TRUST);
    }
  }

  /**
   * Learns from one verdict on a candidate.
   *
   * @param sign 1 or -1.
   * @param strength Above 0; anything else teaches nothing.
   * @param before What the verdict compares it with; undefined where it stands by itself.
   */
  learn(
    { whole, parts }: StateFeatures,
    candidate: number,
    sign: number,
    strength: number,
    before?: Deed,
  ): void {
    if (!(strength > 0 && strength < Infinity)) return;
    this.#judged++;
    const rate = 1 / Math.min(this.#judged, STRENGTH_SPAN);
    this.#usualStrength += rate * (strength - this.#usualStrength);
    const verdict = sign * Math.min(STRONGEST, strength / this.#usualStrength);
    const worth = verdict + (before ? this.#rating(before) : 0);
    for (const feature of [whole, ...parts]) this.#add(feature, candidate, worth);
  }

  save(): StageState {
    const shape = [this.#index.size, this.candidates];
    const size = this.#index.size * this.candidates;
    return {
      json: {
        names: [...this.#index.keys()],
        usualStrength: this.#usualStrength,
        judged: this.#judged,
      },
      arrays: {
        // Their bytes: rounded to single precision they would not go on exactly.
        sums: { shape: [...shape, 8], data: new Uint8Array(this.#sums.slice(0, size).buffer) },
        counts: { shape, data: Float32Array.from(this.#counts.subarray(0, size)) },
      },
    };
  }

  load(state: StageState): void {
    const json = state.json as { names: string[]; usualStrength: number; judged: number };
    this.#index.clear();
    for (const [index, name] of json.names.entries()) this.#index.set(name, index);
    this.#usualStrength = json.usualStrength;
    this.#judged = json.judged;
    this.#sums.fill(0);
    this.#counts.fill(0);
    this.#grow();
    this.#sums.set(new Float64Array(Uint8Array.from(state.arrays!.sums!.data).buffer));
    this.#counts.set(state.arrays!.counts!.data);
  }

  /** How much better a candidate did than what else was judged, drawn to 0 where it was judged little. */
  #preference(feature: number | undefined, candidate: number): number {
    if (feature === undefined) return 0;
    const row = feature * this.candidates;
    const count = this.#counts[row + candidate]!;
    if (count === 0) return 0;
    let [sum, judged] = [0, 0];
    for (let c = 0; c < this.candidates; c++) {
      sum += this.#sums[row + c]!;
      judged += this.#counts[row + c]!;
    }
    return count / (count + HALF_TRUST) * (this.#sums[row + candidate]! / count - sum / judged);
  }

  /** G(s, c); 0 where it was never judged. */
  #rating({ features: { whole }, candidate }: Deed): number {
    const at = (this.#index.get(whole) ?? NaN) * this.candidates + candidate;
    const count = this.#counts[at] ?? 0;
    return count === 0 ? 0 : this.#sums[at]! / count;
  }

  #add(feature: string, candidate: number, worth: number): void {
    let index = this.#index.get(feature);
    if (index === undefined) {
      if (this.#index.size >= MOST_FEATURES) return;
      this.#index.set(feature, index = this.#index.size);
      this.#grow();
    }
    this.#sums[index * this.candidates + candidate]! += worth;
    this.#counts[index * this.candidates + candidate]! += 1;
  }

  #grow(): void {
    const needed = this.#index.size * this.candidates;
    if (needed <= this.#sums.length) return;
    const larger = (values: Float64Array) => {
      const copy = new Float64Array(Math.max(64 * this.candidates, 2 * needed));
      copy.set(values);
      return copy;
    };
    this.#sums = larger(this.#sums);
    this.#counts = larger(this.#counts);
  }
}
