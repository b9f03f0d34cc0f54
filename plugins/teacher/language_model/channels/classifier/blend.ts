import type { StageState } from "@tandem/core";
import { BoundedMap } from "@tandem/core/internal";
import { bytes, doubles } from "../logits/bandit.ts";
import { descend, type Target } from "./softmax_regression.ts";

/** Where bins of standard errors end; what is above the last is in one more. */
const EDGES = [0.25, 0.5, 0.75, 1, 1.5, 2];

/** Adagrad's step size, and its sum of squares before the first gradient. */
const [RATE, FIRST_SQUARES] = [0.1, 1];

/** States of which the model's scores are remembered until a verdict on them comes. */
const MOST_STATES = 8192;

/** What was learned of a state. */
export interface Learned {
  /** [K] in logits. */
  readonly z: Float64Array;
  /** The standard error of the largest. */
  readonly error: number;
}

/** What a checkpoint holds besides arrays. */
interface SavedBlend {
  readonly weights: readonly number[];
  readonly squares: readonly number[];
}

/** How much each of two counts. */
export interface Weights {
  /** The language model's, u. */
  readonly model: number;
  /** That of what was learned, v. */
  readonly learned: number;
}

/**
 * How much the language model counts, u, beside what was learned, v, by how sure the latter is:
 *
 *     p(s) = softmax(u log p_LM(s) + v z(s))
 *
 * with two weights for each bin of the standard error of z's largest: v = 1 at first, u the square of the
 * bin's upper end, at most 1. From a label, before z learns from it, they learn by the gradient of its
 * loss, u where the model was asked about the state, which it was not under a mission that was only
 * achieved (logistic mixing: Mahoney, 2005; stacking: Wolpert, 1992). So the model keeps its weight where
 * it knows what z does not, and loses it where it drags z.
 *
 * @example
 * ```ts
 * import { Blend } from "./blend.ts";
 * import assert from "node:assert/strict";
 * const blend = new Blend();
 * assert.deepEqual([0.1, 0.3, 1, 9].map((error) => blend.weights(error).model), [0.0625, 0.25, 1, 1]);
 * ```
 */
export class Blend {
  /** [bins, 2] u and v, and Adagrad's sums of squares. */
  readonly #weights = Float64Array.from(
    [...EDGES, Infinity].flatMap((edge) => [Math.min(1, edge ** 2), 1]),
  );
  readonly #squares = new Float64Array(this.#weights.length).fill(FIRST_SQUARES);
  readonly #scores = new BoundedMap<number, Float64Array>(MOST_STATES);

  /** Those for a standard error. */
  weights(error: number): Weights {
    const at = 2 * binOf(error);
    return { model: this.#weights[at]!, learned: this.#weights[at + 1]! };
  }

  /** Remembers the model's scores of a state, [K]. */
  remember(state: number, scores: Float32Array): void {
    this.#scores.set(state, Float64Array.from(scores));
  }

  /** Learns from a label on a state. */
  learn(state: number, { z, error }: Learned, target: Target): void {
    const scores = this.#scores.peek(state);
    const { model, learned } = this.weights(error);
    const logits = z.map((logit, c) => model * (scores?.[c] ?? 0) + learned * logit);
    const slopes = descend(logits, target);
    const at = 2 * binOf(error);
    if (scores) this.#step(at, slopes, scores);
    this.#step(at + 1, slopes, z);
  }

  save(): StageState {
    const entries = [...this.#scores.entries()];
    const json: SavedBlend = { weights: [...this.#weights], squares: [...this.#squares] };
    const states = Int32Array.from(entries, ([state]) => state);
    const scores = Float64Array.from(entries.flatMap(([, scores]) => [...scores]));
    return {
      json,
      arrays: { states: { shape: [states.length], data: states }, scores: bytes(scores) },
    };
  }

  load({ json, arrays }: StageState): void {
    const { weights, squares } = json as SavedBlend;
    this.#weights.set(weights);
    this.#squares.set(squares);
    this.#scores.clear();
    const states = arrays!.states!.data;
    const scores = doubles(arrays!.scores!);
    const size = scores.length / states.length;
    for (const [i, state] of states.entries()) {
      this.#scores.set(state, scores.slice(i * size, (i + 1) * size));
    }
  }

  /** One step of Adagrad; no weight falls below 0. Slopes sum to 0, so that logits count by their differences. */
  #step(at: number, slopes: Float64Array, logits: Float64Array): void {
    const slope = dot(slopes, logits);
    const square = this.#squares[at]! += slope * slope;
    this.#weights[at] = Math.max(0, this.#weights[at]! + RATE * slope / Math.sqrt(square));
  }
}

/** [K] . [K] */
function dot(some: Float64Array, others: Float64Array): number {
  return some.reduce((sum, value, k) => sum + value * others[k]!, 0);
}

function binOf(error: number): number {
  const bin = EDGES.findIndex((edge) => error <= edge);
  return bin < 0 ? EDGES.length : bin;
}
