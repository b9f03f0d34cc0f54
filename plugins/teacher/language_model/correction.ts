import type { StageState } from "../../../core/stages.ts";

/** Most features that are kept; states seen after that are corrected by the features known. */
const MOST_FEATURES = 1 << 16;

/** Verdicts at which an average counts half: with fewer, what is more general counts more. */
const HALF_TRUST = 16;

/** Verdicts over which the usual strength is averaged, and how many times it one verdict may count. */
const [STRENGTH_SPAN, STRONGEST] = [2048, 10];

/** The features of a state: the whole of it, and each thing seen in it. */
export interface StateFeatures {
  readonly whole: number;
  readonly parts: readonly number[];
}

/**
 * What verdicts have taught about K candidates, as a contextual bandit: the mean verdict R of each
 * candidate in each state, against the mean of all verdicts in that state.
 *
 *     d_f(c) = n_f(c) / (n_f(c) + h) (mean of R over (f, c) - mean of R over f)
 *     score(c) += gain (n_s(c) d_s(c) + h mean over parts of d_f(c)) / (n_s(c) + h)
 *
 * with s the state as a whole, f the things seen in it and h = 16 verdicts. R is the verdict's sign
 * times its strength, in units of what strength was usual lately: early verdicts are large because
 * the critic is, not because they are right. Means are compared within a state alone, because how the
 * token before did is the same for all of its candidates. States never judged are corrected by their
 * parts. (Action values as sample averages: Sutton & Barto, second edition, section 2.4.)
 */
export class Correction {
  readonly #index = new Map<string, number>();
  /** [features, K] sums of R and numbers of verdicts. */
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);
  #usualStrength = 0;
  #judged = 0;

  /** @param candidates Number of candidates, K. @param gain Size of the correction. */
  constructor(private readonly candidates: number, private readonly gain: number) {}

  /** The features of a state in words. */
  featuresOf(mission: string, seen: readonly string[]): StateFeatures {
    const features = {
      whole: this.#indexOf([mission, ...seen].join("|")),
      parts: seen.map((line) => this.#indexOf(`${mission}|${line}`)).filter((index) => index >= 0),
    };
    this.#grow();
    return features;
  }

  /** Adds the correction of a state to K scores that stand at `offset`. */
  apply(scores: Float32Array, offset: number, { whole, parts }: StateFeatures): void {
    if (this.#judged === 0) return;
    for (let c = 0; c < this.candidates; c++) {
      let general = 0;
      for (const part of parts) general += this.#preference(part, c) / parts.length;
      const visits = whole < 0 ? 0 : this.#counts[whole * this.candidates + c]!;
      const special = visits === 0 ? 0 : this.#preference(whole, c);
      scores[offset + c]! += this.gain * (visits * special + HALF_TRUST * general) /
        (visits + HALF_TRUST);
    }
  }

  /** Learns from one verdict on a candidate. @param sign 1 or -1. */
  learn({ whole, parts }: StateFeatures, candidate: number, sign: number, strength: number): void {
    if (strength === 0) return;
    this.#judged++;
    const rate = 1 / Math.min(this.#judged, STRENGTH_SPAN);
    this.#usualStrength += rate * (strength - this.#usualStrength);
    const reward = sign * Math.min(STRONGEST, strength / this.#usualStrength);
    if (whole >= 0) this.#add(whole, candidate, reward);
    for (const part of parts) this.#add(part, candidate, reward);
  }

  save(): StageState {
    const shape = [this.#index.size, this.candidates];
    const size = this.#index.size * this.candidates;
    const table = (values: Float64Array) => ({
      shape,
      data: Float32Array.from(values.subarray(0, size)),
    });
    return {
      json: {
        names: [...this.#index.keys()],
        usualStrength: this.#usualStrength,
        judged: this.#judged,
      },
      arrays: { sums: table(this.#sums), counts: table(this.#counts) },
    };
  }

  load(state: StageState): void {
    const json = state.json as { names: string[]; usualStrength: number; judged: number };
    this.#index.clear();
    for (const [index, name] of json.names.entries()) this.#index.set(name, index);
    this.#usualStrength = json.usualStrength;
    this.#judged = json.judged;
    this.#grow();
    this.#sums.set(state.arrays!.sums!.data);
    this.#counts.set(state.arrays!.counts!.data);
  }

  /** How much better a candidate did than what else was judged, drawn to 0 where it was judged little. */
  #preference(feature: number, candidate: number): number {
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

  #add(feature: number, candidate: number, reward: number): void {
    this.#sums[feature * this.candidates + candidate]! += reward;
    this.#counts[feature * this.candidates + candidate]! += 1;
  }

  #indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    if (this.#index.size >= MOST_FEATURES) return -1;
    this.#index.set(name, this.#index.size);
    return this.#index.size - 1;
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
