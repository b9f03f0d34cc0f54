import type { Channel, Example, StageState, StateFeatures } from "@tandem/core";

/** Most features that are kept; states judged after that are corrected by the features known. */
const MOST_FEATURES = 1 << 16;

/** Verdicts at which an average counts half: with fewer, what is more general counts more. */
const HALF_TRUST = 16;

/**
 * Corrects the model's scores of K candidates by what verdicts made them worth: a rating G(s, c) of
 * each candidate c in each state s, the mean of its worth, and the same for each thing f seen in the
 * state. What ratings add to scores is drawn to 0 where little was judged:
 *
 *     d_f(c) = n_f(c) / (n_f(c) + h) (G(f, c) - mean worth of all of f's verdicts)
 *     score(c) += gain (n_s(c) d_s(c) + h mean over f in s of d_f(c)) / (n_s(c) + h)
 *
 * with n the numbers of verdicts and h = 16. States never judged are corrected by what is seen in them.
 * (Sample averages: Sutton & Barto, second edition, section 2.4.)
 */
export class Ratings implements Channel {
  readonly #index = new Map<string, number>();
  /** [features, K] sums of worth and numbers of verdicts. */
  #sums = new Float64Array(0);
  #counts = new Float64Array(0);

  /** @param candidates Number of candidates, K. @param gain Size of the correction. */
  constructor(private readonly candidates: number, private readonly gain: number) {}

  correct(scores: Float32Array, { whole, parts }: StateFeatures): void {
    if (this.#index.size === 0) return;
    const state = this.#index.get(whole);
    const seen = parts.map((part) => this.#index.get(part));
    for (let c = 0; c < this.candidates; c++) {
      let general = 0;
      for (const part of seen) general += this.#preference(part, c) / parts.length;
      const visits = state === undefined ? 0 : this.#counts[state * this.candidates + c]!;
      const special = this.#preference(state, c);
      scores[c]! += this.gain * (visits * special + HALF_TRUST * general) / (visits + HALF_TRUST);
    }
  }

  learn({ features: { whole, parts }, candidate, worth }: Example): void {
    for (const feature of [whole, ...parts]) this.#add(feature, candidate, worth);
  }

  save(): StageState {
    const shape = [this.#index.size, this.candidates];
    const size = this.#index.size * this.candidates;
    return {
      json: { names: [...this.#index.keys()] },
      arrays: {
        // Their bytes: rounded to single precision they would not go on exactly.
        sums: { shape: [...shape, 8], data: new Uint8Array(this.#sums.slice(0, size).buffer) },
        counts: { shape, data: Float32Array.from(this.#counts.subarray(0, size)) },
      },
    };
  }

  load({ json, arrays }: StageState): void {
    const { names } = json as { names: string[] };
    this.#index.clear();
    for (const [index, name] of names.entries()) this.#index.set(name, index);
    this.#sums.fill(0);
    this.#counts.fill(0);
    this.#grow();
    this.#sums.set(new Float64Array(Uint8Array.from(arrays!.sums!.data).buffer));
    this.#counts.set(arrays!.counts!.data);
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
