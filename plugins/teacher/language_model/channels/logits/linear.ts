/** Linear models of what candidates are worth, on features of states that are hashed to D numbers. */
import type { StateFeatures } from "@tandem/core";

/** Length of a feature vector, D: a verdict costs D^2 multiplications, some 10 microseconds. */
export const WIDTH = 128;

/** Where a state's feature vector phi(s) is not 0; there it is `value`, so that its length is 1. */
export interface SparseVector {
  readonly at: readonly number[];
  readonly value: number;
}

/**
 * phi(s): 1 / sqrt(n) at the hashes of the n things seen in a state, modulo D (the hashing trick:
 * Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009).
 */
export function vectorOf({ parts, whole }: StateFeatures, width = WIDTH): SparseVector {
  const at = [...new Set((parts.length ? parts : [whole]).map((part) => hash(part) % width))];
  return { at, value: 1 / Math.sqrt(at.length) };
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo, 1991), over UTF-16 code units. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** w . phi */
export function dot(weights: Float64Array, { at, value }: SparseVector): number {
  let sum = 0;
  for (const d of at) sum += weights[d]!;
  return sum * value;
}

/** w += rate phi */
export function addTo(weights: Float64Array, { at, value }: SparseVector, rate: number): void {
  for (const d of at) weights[d]! += rate * value;
}

/**
 * Bayesian linear regression of a worth w on phi, with a prior of precision `ridge` about 0 and noise
 * of variance 1: after verdicts (phi_k, w_k)
 *
 *     A = ridge I + sum phi_k phi_k^T,  theta = A^-1 sum w_k phi_k,
 *
 * of which the inverse and theta are kept up to date by rank one, u = A^-1 phi and q = 1 + phi . u
 * (Sherman & Morrison, 1950; recursive least squares):
 *
 *     theta += u (w - theta . phi) / q,  A^-1 -= u u^T / q
 *
 * @example
 * ```ts
 * import { LinearPosterior } from "./linear.ts";
 * import assert from "node:assert/strict";
 * const posterior = new LinearPosterior(2, 1);
 * posterior.learn({ at: [0], value: 1 }, 1); // A = diag(2, 1)
 * assert.equal(posterior.mean({ at: [0], value: 1 }), 0.5);
 * assert.equal(posterior.variance({ at: [0], value: 1 }), 0.5);
 * assert.equal(posterior.variance({ at: [1], value: 1 }), 1);
 * ```
 */
export class LinearPosterior {
  /** [D] */
  readonly theta: Float64Array;
  /** [D, D] */
  readonly inverse: Float64Array;

  constructor(readonly width: number, ridge: number) {
    this.theta = new Float64Array(width);
    this.inverse = new Float64Array(width * width);
    for (let d = 0; d < width; d++) this.inverse[d * width + d] = 1 / ridge;
  }

  learn(phi: SparseVector, worth: number): void {
    const { theta, inverse, width } = this;
    const u = new Float64Array(width);
    for (const row of phi.at) {
      const from = row * width; // The inverse is symmetric: a row is a column.
      for (let d = 0; d < width; d++) u[d]! += phi.value * inverse[from + d]!;
    }
    const q = 1 + dot(u, phi);
    const step = (worth - dot(theta, phi)) / q;
    for (let d = 0; d < width; d++) {
      const scaled = u[d]! / q;
      if (scaled === 0) continue;
      theta[d]! += step * u[d]!;
      const from = d * width;
      for (let e = 0; e < width; e++) inverse[from + e]! -= scaled * u[e]!;
    }
  }

  /** theta . phi */
  mean(phi: SparseVector): number {
    return dot(this.theta, phi);
  }

  /** phi^T A^-1 phi */
  variance({ at, value }: SparseVector): number {
    let sum = 0;
    for (const row of at) for (const d of at) sum += this.inverse[row * this.width + d]!;
    return sum * value * value;
  }
}
