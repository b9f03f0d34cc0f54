import type { Mode, StageState } from "../../../core/stages/mod.ts";
import type { Channel, Lesson } from "./channels.ts";
import type { Corrector } from "./corrector.ts";
import type { StateFeatures } from "./features.ts";

/** Corrects the model's scores of the candidates by what verdicts have taught about them. */
export class LogitsChannel implements Channel {
  readonly name = "logits";

  constructor(private readonly corrector: Corrector) {}

  correct(scores: Float32Array, state: StateFeatures, mode: Mode): void {
    this.corrector.correct(scores, state, mode);
  }

  learn(lesson: Lesson): void {
    this.corrector.learn(lesson);
  }

  save(): StageState {
    return this.corrector.save();
  }

  load(state: StageState): void {
    this.corrector.load(state);
  }
}
