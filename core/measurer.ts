/** Measures a running pipeline on its held-out worlds, and tells what it found. */
import { measureAdvice } from "./advice.ts";
import type { AdviceEdge, Departure } from "./advice_edge.ts";
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
import type { StageState } from "./stages.ts";

/** What is measured before the first iteration. */
export interface Before {
  /** Success of random actions. */
  readonly floor: SuccessRate;
  /** Success of the expert, if there is one. */
  readonly ceiling: SuccessRate | undefined;
  readonly start: Measurement;
}

interface KeptMeasurer {
  readonly before: Before;
  readonly retention?: Retention;
}

/** Measures one run. */
export class Measurer {
  #before: Before | undefined;
  #retention: Retention | undefined;
  #latest: { readonly iteration: number; readonly success: number } | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly context: Context,
    private readonly stages: OpenStages,
    private readonly advice: Pick<AdviceEdge, "isWorthIt">,
  ) {}

  /** How the student did when the teacher left, if it has. */
  get retention(): Retention | undefined {
    return this.#retention;
  }

  /** Floor, ceiling and start: measured before the first iteration, and known afterwards. */
  async before(): Promise<Before> {
    const worlds = this.stages.heldOutWorlds;
    return this.#before ??= {
      floor: await measureFloor(worlds, this.context),
      ceiling: await measureCeiling(worlds),
      start: await this.measure(0),
    };
  }

  /** Success as it was measured after an iteration; null where it was not. */
  successAfter(iteration: number): number | null {
    return this.#latest?.iteration === iteration ? this.#latest.success : null;
  }

  /** What was found so far that is not measured again. */
  save(): StageState {
    const kept: KeptMeasurer = { before: this.#before!, retention: this.#retention };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { before, retention } = json as KeptMeasurer;
    this.#before = before;
    this.#retention = retention;
  }

  /** Success and accuracy; once the teacher has left, or is not worth hearing, the student plays alone. */
  async measure(iteration: number): Promise<Measurement> {
    const { teacher, heldOutStates } = this.stages;
    const isAlone = this.#retention || !this.advice.isWorthIt;
    const success = isAlone ? await this.#alone() : await this.#withTeacher();
    const guidanceAccuracy = await measureGuidance(
      ...[heldOutStates, teacher, this.context, this.#withOracle] as const,
    );
    this.#latest = { iteration, success: success.rate };
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
