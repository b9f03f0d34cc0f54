/** What the channel "logits" may be made of. */
import type { Mode, StageState } from "../../../core/stages/mod.ts";
import type { Lesson } from "./channels.ts";
import { Correction } from "./correction.ts";
import type { StateFeatures } from "./features.ts";

/** Learns from verdicts how to correct the scores of K candidates in a state. */
export interface Corrector {
  /** Adds to scores [K]; what is drawn for exploration is drawn in training alone. */
  correct(scores: Float32Array, state: StateFeatures, mode: Mode): void;
  learn(lesson: Lesson): void;
  save(): StageState;
  load(state: StageState): void;
}

/** Ratings of candidates in states and of what is seen in them; see {@linkcode Correction}. */
export class Ratings implements Corrector {
  readonly #correction: Correction;

  constructor(candidates: number, gain: number) {
    this.#correction = new Correction(candidates, gain);
  }

  correct(scores: Float32Array, state: StateFeatures): void {
    this.#correction.apply(scores, 0, state);
  }

  learn({ features, candidate, sign, strength, before }: Lesson): void {
    this.#correction.learn(features, candidate, sign, strength, before);
  }

  save(): StageState {
    return this.#correction.save();
  }

  load(state: StageState): void {
    this.#correction.load(state);
  }
}
