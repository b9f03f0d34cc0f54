/** A log-linear model of which candidates are right, learned by Adagrad, with its standard errors. */

/** Which candidates are right in a state. */
export interface Target {
  /** The candidates that are right; at least one. */
  readonly right: readonly number[];
  /** Whether each of them is known to be right, or only that one of them is. */
  readonly all: boolean;
  /** How much it counts, w, above 0. */
  readonly weight: number;
}

/** What is known of a state. */
export interface Label extends Target {
  /** The features that the state has, by their rows in the model. */
  readonly rows: ArrayLike<number>;
}

/** What a model is made with. */
export interface RegressionOptions {
  /** Number of candidates, K. */
  readonly candidates: number;
  /** Adagrad's step size, eta. */
  readonly rate: number;
}

/** Adagrad's sums of squared gradients before the first, and the prior's precision of each weight. */
const [FIRST_SQUARES, PRECISION] = [0.01, 1];

/** Rows that a model begins with; it doubles them as it needs more. */
const FIRST_ROWS = 256;

/**
 * Multinomial logistic regression on features that are there or not: with phi(s) in {0, 1}^F,
 *
 *     z(s) = W phi(s),  p(s) = softmax(z(s)),  W = 0 at first.
 *
 * A label names right candidates R and costs, times its weight w,
 *
 *     -1/|R| sum over c in R of log p_c   where each of R is right: cross-entropy to the uniform distribution;
 *     -log sum over c in R of p_c         where one of R is, none knows which (Jin & Ghahramani, 2002).
 *
 * The second, with R all candidates but one, is how a candidate is blamed: -log(1 - p_c), which ends
 * where it is not said any more, while -w log p_c with w < 0 has no end. Steps are Adagrad's (Duchi, Hazan & Singer, 2011), with g the
 * gradient of a weight and S = 0.01 at first:
 *
 *     S += g^2,  weight -= eta g / sqrt(S)
 *
 * A weight's variance is that of Laplace's approximation with a prior of precision 1 and without
 * covariances: 1 / (1 + sum of w p_c (1 - p_c)) over the labels that have its feature, each at the p with which it came; a
 * logit's variance is the sum of those of its weights.
 *
 * @example
 * ```ts
 * import { SoftmaxRegression } from "./softmax_regression.ts";
 * import assert from "node:assert/strict";
 * const model = new SoftmaxRegression({ candidates: 2, rate: 0.3 });
 * model.grow(1);
 * model.step({ rows: [0], right: [1], all: true, weight: 1 });
 * const step = 0.3 * 0.5 / Math.sqrt(0.01 + 0.25);
 * assert.deepEqual([...model.logits([0])], [-step, step]);
 * ```
 */
export class SoftmaxRegression {
  /** [rows, K] W, Adagrad's S, and the precision of each weight. */
  #weights = new Float64Array(0);
  #squares = new Float64Array(0);
  #precisions = new Float64Array(0);
  #rows = 0;
  readonly #candidates: number;
  /** [K] the gradient at hand. */
  readonly #slopes: Float64Array;

  constructor(private readonly options: RegressionOptions) {
    this.#candidates = options.candidates;
    this.#slopes = new Float64Array(options.candidates);
  }

  /** Number of features, F. */
  get rows(): number {
    return this.#rows;
  }

  /** Makes room for features up to F. */
  grow(rows: number): void {
    this.#rows = Math.max(this.#rows, rows);
    const needed = this.#rows * this.#candidates;
    if (needed <= this.#weights.length) return;
    const larger = (values: Float64Array, fresh: number) => {
      const copy = new Float64Array(Math.max(FIRST_ROWS * this.#candidates, 2 * needed)).fill(
        fresh,
      );
      copy.set(values);
      return copy;
    };
    this.#weights = larger(this.#weights, 0);
    this.#squares = larger(this.#squares, FIRST_SQUARES);
    this.#precisions = larger(this.#precisions, PRECISION);
  }

  /** z(s), [K]. */
  logits(
    rows: ArrayLike<number>,
    into: Float64Array = new Float64Array(this.#candidates),
  ): Float64Array {
    into.fill(0);
    for (let k = 0; k < rows.length; k++) {
      const from = rows[k]! * this.#candidates;
      for (let c = 0; c < this.#candidates; c++) into[c]! += this.#weights[from + c]!;
    }
    return into;
  }

  /**
   * The standard errors of z(s), [K].
   *
   * @param unknown Features of the state that have no row, for no label had them.
   */
  errors(rows: ArrayLike<number>, unknown = 0): Float64Array {
    const variances = new Float64Array(this.#candidates).fill(unknown / PRECISION);
    for (let k = 0; k < rows.length; k++) {
      const from = rows[k]! * this.#candidates;
      for (let c = 0; c < this.#candidates; c++) variances[c]! += 1 / this.#precisions[from + c]!;
    }
    return variances.map(Math.sqrt);
  }

  /** One step down the gradient of a label's loss. */
  step(label: Label): void {
    const [weights, squares] = [this.#weights, this.#squares];
    const slopes = descend(this.logits(label.rows, this.#slopes), label);
    for (let k = 0; k < label.rows.length; k++) {
      const from = label.rows[k]! * this.#candidates;
      for (let c = 0; c < this.#candidates; c++) {
        const slope = slopes[c]!;
        const square = squares[from + c]! += slope * slope;
        weights[from + c]! += this.options.rate * slope / Math.sqrt(square);
      }
    }
  }

  /** Counts a label for the standard errors; once each, however often it is learned from. */
  count(rows: ArrayLike<number>, weight: number): void {
    const p = softmax(this.logits(rows, this.#slopes));
    for (let k = 0; k < rows.length; k++) {
      const from = rows[k]! * this.#candidates;
      for (let c = 0; c < this.#candidates; c++) {
        this.#precisions[from + c]! += weight * p[c]! * (1 - p[c]!);
      }
    }
  }

  /** [3, rows, K] all that was learned. */
  save(): Float64Array {
    const size = this.#rows * this.#candidates;
    const saved = new Float64Array(3 * size);
    for (const [index, values] of this.#all().entries()) {
      saved.set(values.subarray(0, size), index * size);
    }
    return saved;
  }

  load(rows: number, saved: Float64Array): void {
    const size = rows * this.#candidates;
    this.#rows = 0;
    this.#weights = this.#squares = this.#precisions = new Float64Array(0);
    this.grow(rows);
    for (const [index, values] of this.#all().entries()) {
      values.set(saved.subarray(index * size, (index + 1) * size));
    }
  }

  #all(): readonly Float64Array[] {
    return [this.#weights, this.#squares, this.#precisions];
  }
}

/**
 * -dL/dz of a label's loss L, [K], in the place of z: w (q - p), where q is uniform over the right
 * candidates if each is, else p among them alone. Its sum is 0.
 */
export function descend(z: Float64Array, { right, all, weight }: Target): Float64Array {
  const p = softmax(z);
  let mass = 0;
  for (const c of right) mass += p[c]!;
  for (let c = 0; c < p.length; c++) {
    const share = all || mass === 0 ? 1 / right.length : p[c]! / mass;
    p[c] = weight * ((right.includes(c) ? share : 0) - p[c]!);
  }
  return p;
}

/** Softmax in place. */
function softmax(values: Float64Array): Float64Array {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c] = Math.exp(values[c]! - largest);
  for (let c = 0; c < values.length; c++) values[c]! /= sum;
  return values;
}
