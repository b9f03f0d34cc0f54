import type { StageState } from "../../../core/stages.ts";

/** Most features that are kept; states seen after that are corrected by the features known. */
const MOST_FEATURES = 1 << 16;

/** Strengths are counted in units of their running mean, and capped here. */
const STRONGEST = 3;

/**
 * A learned correction of K candidates' scores: a contextual gradient bandit with one weight a
 * feature and candidate. A state's features are the things seen in it, so what is learned in one
 * state carries over to those that look alike.
 *
 * With pi the teacher's corrected distribution, x the candidate judged, R the signed strength of the
 * verdict and F the state's features, for each candidate c and f in F:
 *
 *     w[f, c] += alpha R ([c = x] - pi(c)) / sqrt(|F|)
 *
 * (Sutton & Barto, second edition, equation 2.12, with linear preferences.)
 */
export class Correction {
  readonly #index = new Map<string, number>();
  #weights: Float32Array;
  #meanStrength = 0;
  #judged = 0;

  /** @param candidates Number of candidates, K. @param learningRate alpha. */
  constructor(private readonly candidates: number, private readonly learningRate: number) {
    this.#weights = new Float32Array(64 * candidates);
  }

  /** Indices of a state's features. */
  featuresOf(mission: string, seen: readonly string[]): Int32Array {
    const indices = [mission, ...seen.map((line) => `${mission}|${line}`)].flatMap((name) => {
      const known = this.#index.get(name);
      if (known !== undefined) return known;
      if (this.#index.size >= MOST_FEATURES) return [];
      this.#index.set(name, this.#index.size);
      return this.#index.size - 1;
    });
    this.#grow();
    return Int32Array.from(indices);
  }

  /** Adds the correction of a state to K scores that stand at `offset`. */
  apply(scores: Float32Array, offset: number, features: Int32Array): void {
    const scale = 1 / Math.sqrt(features.length || 1);
    for (const feature of features) {
      const row = feature * this.candidates;
      for (let c = 0; c < this.candidates; c++) {
        scores[offset + c]! += scale * this.#weights[row + c]!;
      }
    }
  }

  /**
   * Learns from one verdict.
   *
   * @param distribution The teacher's probabilities when it spoke, K from `offset`.
   * @param sign 1 or -1.
   */
  learn(
    features: Int32Array,
    candidate: number,
    distribution: Float32Array,
    offset: number,
    sign: number,
    strength: number,
  ): void {
    this.#judged++;
    this.#meanStrength += (strength - this.#meanStrength) / Math.min(this.#judged, 1000);
    if (this.#meanStrength <= 0) return;
    const reward = sign * Math.min(STRONGEST, strength / this.#meanStrength);
    const step = this.learningRate * reward / Math.sqrt(features.length || 1);
    for (const feature of features) {
      const row = feature * this.candidates;
      for (let c = 0; c < this.candidates; c++) {
        const chosen = c === candidate ? 1 : 0;
        this.#weights[row + c]! += step * (chosen - distribution[offset + c]!);
      }
    }
  }

  save(): StageState {
    const names = [...this.#index.keys()];
    const shape = [names.length, this.candidates];
    const data = this.#weights.slice(0, names.length * this.candidates);
    const json = { names, meanStrength: this.#meanStrength, judged: this.#judged };
    return { json, arrays: { correction: { shape, data } } };
  }

  load(state: StageState): void {
    const json = state.json as { names: string[]; meanStrength: number; judged: number };
    this.#index.clear();
    for (const [index, name] of json.names.entries()) this.#index.set(name, index);
    this.#meanStrength = json.meanStrength;
    this.#judged = json.judged;
    this.#weights = new Float32Array(0);
    this.#grow();
    this.#weights.set(state.arrays!.correction!.data);
  }

  #grow(): void {
    const needed = this.#index.size * this.candidates;
    if (needed <= this.#weights.length) return;
    const larger = new Float32Array(Math.max(64 * this.candidates, 2 * needed));
    larger.set(this.#weights);
    this.#weights = larger;
  }
}
