import type { Channel, Example, StageState, StateFeatures } from "@tandem/core";
import { bytes, doubles } from "./bandit.ts";
import { addTo, dot, vectorOf } from "./linear.ts";

/** Step size alpha: an estimate is made of some 1 / alpha verdicts. */
const RATE = 0.02;

/** Features that are told apart, D: a verdict costs as many multiplications as things are seen. */
const WIDTH = 4096;

/**
 * Linear estimates of what each candidate is worth, by stochastic gradient descent on the squared
 * error (semi-gradient bandit of Sutton & Barto, second edition, sections 2.5 and 9.3; Widrow & Hoff,
 * 1960), with w the relative worth that a verdict tells:
 *
 *     theta_c += alpha (w - theta_c . phi(s)) phi(s),  score(c) += gain theta_c . phi(s)
 *
 * It forgets what is long past, and needs no matrix.
 */
export class GradientBandit implements Channel {
  /** [K] of [D] */
  readonly #thetas: readonly Float64Array[];

  constructor(candidates: number, private readonly gain: number, private readonly width = WIDTH) {
    this.#thetas = Array.from({ length: candidates }, () => new Float64Array(width));
  }

  correct(scores: Float32Array, state: StateFeatures): void {
    const phi = vectorOf(state, this.width);
    for (const [c, theta] of this.#thetas.entries()) scores[c]! += this.gain * dot(theta, phi);
  }

  learn({ features, candidate, relativeWorth }: Example): void {
    const theta = this.#thetas[candidate]!;
    const phi = vectorOf(features, this.width);
    addTo(theta, phi, RATE * (relativeWorth - dot(theta, phi)));
  }

  save(): StageState {
    const thetas = new Float64Array(this.#thetas.length * this.width);
    for (const [c, theta] of this.#thetas.entries()) thetas.set(theta, c * this.width);
    return { json: {}, arrays: { thetas: bytes(thetas) } };
  }

  load({ arrays }: StageState): void {
    const thetas = doubles(arrays!.thetas!);
    for (const [c, theta] of this.#thetas.entries()) {
      theta.set(thetas.subarray(c * this.width, (c + 1) * this.width));
    }
  }
}
