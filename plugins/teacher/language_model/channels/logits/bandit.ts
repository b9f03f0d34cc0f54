/** Contextual bandits on features of states: each candidate is an arm. */
import type { Channel, Example, Mode, StageState, StateArray, StateFeatures } from "@tandem/core";
import type { Pcg64, Pcg64State } from "@tandem/core/kit";
import { LinearPosterior, vectorOf, WIDTH } from "./linear.ts";

/** What an arm's score adds for exploration, given its standard error. */
export type Exploration = (deviation: number) => number;

/** How a linear bandit is made. */
export interface BanditParts {
  /** Number of arms, K. */
  readonly candidates: number;
  /** Size of the correction. */
  readonly gain: number;
  /** Precision of the prior: verdicts at which an estimate counts half. */
  readonly ridge?: number;
  readonly width?: number;
  readonly explore: Exploration;
  /** The stream that `explore` draws from, if it does. */
  readonly random?: Pcg64;
}

/** What a checkpoint holds besides arrays. */
interface SavedBandit {
  readonly arms: readonly number[];
  readonly random?: Pcg64State;
}

/**
 * A disjoint linear bandit: arm c has its own {@linkcode LinearPosterior} of its relative worth, and
 *
 *     score(c) += gain (theta_c . phi(s) + explore(sqrt(phi(s)^T A_c^-1 phi(s))))
 *
 * where the exploration is left out in measurements.
 */
export class LinearBandit implements Channel {
  readonly #arms = new Map<number, LinearPosterior>();
  readonly #width: number;
  readonly #prior: number;

  constructor(private readonly parts: BanditParts) {
    this.#width = parts.width ?? WIDTH;
    this.#prior = parts.ridge ?? 4;
  }

  correct(scores: Float32Array, state: StateFeatures, mode: Mode): void {
    if (this.#arms.size === 0) return;
    const { candidates, gain, explore } = this.parts;
    const phi = vectorOf(state, this.#width);
    for (let c = 0; c < candidates; c++) {
      const arm = this.#arms.get(c);
      const mean = arm?.mean(phi) ?? 0;
      const bonus = mode === "train"
        ? explore(Math.sqrt(arm?.variance(phi) ?? 1 / this.#prior))
        : 0;
      scores[c]! += gain * (mean + bonus);
    }
  }

  learn({ features, candidate, relativeWorth }: Example): void {
    let arm = this.#arms.get(candidate);
    if (!arm) this.#arms.set(candidate, arm = this.#newArm());
    arm.learn(vectorOf(features, this.#width), relativeWorth);
  }

  save(): StageState {
    const arrays: Record<string, StateArray> = {};
    for (const [c, { theta, inverse }] of this.#arms) {
      arrays[`theta${c}`] = bytes(theta);
      arrays[`inverse${c}`] = bytes(inverse);
    }
    const json: SavedBandit = {
      arms: [...this.#arms.keys()],
      random: this.parts.random?.save(),
    };
    return { json, arrays };
  }

  load({ json, arrays = {} }: StageState): void {
    const { arms, random } = json as SavedBandit;
    if (random) this.parts.random?.load(random);
    this.#arms.clear();
    for (const c of arms) {
      const arm = this.#newArm();
      arm.theta.set(doubles(arrays[`theta${c}`]!));
      arm.inverse.set(doubles(arrays[`inverse${c}`]!));
      this.#arms.set(c, arm);
    }
  }

  #newArm(): LinearPosterior {
    return new LinearPosterior(this.#width, this.#prior);
  }
}

/**
 * Thompson sampling (W. R. Thompson, 1933; for linear bandits Agrawal & Goyal, 2013): an arm is scored
 * by a draw from its posterior, N(theta . phi, v^2 phi^T A^-1 phi). Scores of different arms are drawn
 * independently, as their posteriors are.
 */
export function thompson(candidates: number, gain: number, random: Pcg64): LinearBandit {
  return new LinearBandit({ candidates, gain, random, explore: (d) => d * random.gaussian() });
}

/**
 * LinUCB with disjoint arms (Li, Chu, Langford & Schapire, 2010, algorithm 1): an arm is scored by the
 * upper end of its confidence interval, theta . phi + alpha sqrt(phi^T A^-1 phi), alpha = 1.
 */
export function linUcb(candidates: number, gain: number): LinearBandit {
  return new LinearBandit({ candidates, gain, explore: (deviation) => deviation });
}

/** The bytes of doubles: rounded to single precision they would not go on exactly. */
export function bytes(values: Float64Array): StateArray {
  return { shape: [values.length, 8], data: new Uint8Array(values.slice().buffer) };
}

/** The doubles of {@linkcode bytes}. */
export function doubles({ data }: StateArray): Float64Array {
  return new Float64Array(Uint8Array.from(data).buffer);
}
