import type { StageState } from "../../../core/stages.ts";
import type { Channel, Lesson } from "./channels.ts";
import { Correction } from "./correction.ts";
import type { StateFeatures } from "./features.ts";

/** Corrects the model's scores of the candidates by what verdicts have taught about them. */
export class LogitsChannel implements Channel {
  readonly name = "logits";
  readonly #correction: Correction;

  /** @param candidates Number of candidates, K. @param gain Size of the correction. */
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
