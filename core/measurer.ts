/** Measures a running pipeline on its held-out worlds, and tells what it found. */
import { measureAdvice } from "./advice.ts";
import type { Departure } from "./advice_edge.ts";
import type { Context } from "./context.ts";
import {
  measureCeiling,
  measureFloor,
  measureGuidance,
  measureSuccess,
  measureWithoutTeacher,
} from "./evaluation.ts";
import type { AdviceWorth, SuccessRate } from "./events.ts";
import type { OpenStages } from "./open_stages.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Measurement, Retention } from "./result.ts";

/** Measures one run. */
export class Measurer {
  #retention: Retention | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly context: Context,
    private readonly stages: OpenStages,
  ) {}

  /** How the student did when the teacher left, if it has. */
  get retention(): Retention | undefined {
    return this.#retention;
  }

  /** Success of random actions. */
  floor(): Promise<SuccessRate> {
    return measureFloor(this.stages.heldOutWorlds, this.context);
  }

  /** Success of the expert, if there is one. */
  ceiling(): Promise<SuccessRate | undefined> {
    return measureCeiling(this.stages.heldOutWorlds);
  }

  /** Success and accuracy; once the teacher has left, the student plays alone. */
  async measure(iteration: number): Promise<Measurement> {
    const { teacher, heldOutStates } = this.stages;
    const success = this.#retention ? await this.#alone() : await this.#withTeacher();
    const guidanceAccuracy = await measureGuidance(
      ...[heldOutStates, teacher, this.context, this.#withOracle] as const,
    );
    this.context.emit({ type: "evaluated", iteration, success, guidanceAccuracy });
    return { success, guidanceAccuracy };
  }

  /** After the last iteration with the teacher: what the student can do with it and without it. */
  async farewell(iteration: number, why: Departure): Promise<void> {
    const withTeacher = await this.#withTeacher();
    const alone = await this.#alone();
    this.#retention = { iteration, withTeacher, alone };
    this.context.emit({ type: "teacher.left", why, ...this.#retention });
  }

  /** What advice is worth, where the pipeline asks. */
  async weighAdvice(
    iteration: number,
    candidateActions: Int32Array,
  ): Promise<AdviceWorth | undefined> {
    if (!this.pipeline.evaluation.advice) return undefined;
    const worth = await measureAdvice(
      ...[this.stages, this.context, this.#withOracle, candidateActions] as const,
    );
    if (worth) this.context.emit({ type: "advice.measured", iteration, worth });
    return worth;
  }

  #withTeacher(): Promise<SuccessRate> {
    const { teacher, student, heldOutWorlds } = this.stages;
    return measureSuccess(heldOutWorlds, teacher, student, this.#withOracle);
  }

  #alone(): Promise<SuccessRate> {
    const { teacher, student, heldOutWorlds } = this.stages;
    return measureWithoutTeacher(heldOutWorlds, teacher.candidates, student);
  }

  get #withOracle(): boolean {
    return this.pipeline.stages.teacher.usesOracle;
  }
}
