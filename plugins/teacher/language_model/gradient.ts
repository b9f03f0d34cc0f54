import type { StageState } from "../../../core/stages/mod.ts";
import { bytes, doubles } from "./bandit.ts";
import type { Lesson } from "./channels.ts";
import type { Corrector } from "./corrector.ts";
import type { StateFeatures } from "./features.ts";
import { addTo, dot, vectorOf } from "./linear.ts";
import { type SavedWorth, Worth } from "./worth.ts";

/** Step size alpha: an estimate is made of some 1 / alpha verdicts. */
const RATE = 0.02;

/** Features that are told apart, D: a verdict costs as many multiplications as things are seen. */
const WIDTH = 4096;

/**
 * Linear estimates of what each candidate is worth, by stochastic gradient descent on the squared
 * error (semi-gradient bandit of Sutton & Barto, second edition, sections 2.5 and 9.3; Widrow & Hoff,
 * 1960), with w the worth that a verdict tells, see {@linkcode Worth}:
 *
 *     theta_c += alpha (w - theta_c . phi(s)) phi(s),  score(c) += gain theta_c . phi(s)
 *
 * It forgets what is long past, and needs no matrix.
 */
export class GradientBandit implements Corrector {
  /** [K] of [D] */
  readonly #thetas: readonly Float64Array[];
  readonly #worth = new Worth();

  constructor(candidates: number, private readonly gain: number, private readonly width = WIDTH) {
    this.#thetas = Array.from({ length: candidates }, () => new Float64Array(width));
  }

  correct(scores: Float32Array, state: StateFeatures): void {
    const phi = vectorOf(state, this.width);
    for (const [c, theta] of this.#thetas.entries()) scores[c]! += this.gain * dot(theta, phi);
  }

  learn(lesson: Lesson): void {
    const worth = this.#worth.of(lesson);
    if (worth === undefined) return;
    const theta = this.#thetas[lesson.candidate]!;
    const phi = vectorOf(lesson.features, this.width);
    addTo(theta, phi, RATE * (worth - dot(theta, phi)));
  }

  save(): StageState {
    const thetas = new Float64Array(this.#thetas.length * this.width);
    for (const [c, theta] of this.#thetas.entries()) thetas.set(theta, c * this.width);
    return { json: this.#worth.save(), arrays: { thetas: bytes(thetas) } };
  }

  load({ json, arrays = {} }: StageState): void {
    this.#worth.load(json as SavedWorth);
    const thetas = doubles(arrays.thetas!);
    for (const [c, theta] of this.#thetas.entries()) {
      theta.set(thetas.subarray(c * this.width, (c + 1) * this.width));
    }
  }
}
