/** Measures a running pipeline on its held-out worlds, and tells what it found. */
import { measureAdvice } from "./advice.ts";
import type { AdviceEdge, TeacherStop } from "../parts/advice_edge.ts";
import type { Breathe } from "../../kit/breath.ts";
import type { Context } from "../../kit/context.ts";
import { TandemError } from "../../base/errors.ts";
import {
  measureCeiling,
  measureFloor,
  measureGuidance,
  measureSuccess,
  measureWithoutTeacher,
  type PlayOptions,
} from "./evaluation.ts";
import { AccuracyTally, canJudge, measureOnErringExpert } from "./teacher_accuracy.ts";
import { testSeeds } from "./world_seeds.ts";
import { addUsage } from "../parts/usage.ts";
import type { AdviceWorth } from "../../stages/events.ts";
import type { AskedStates, SuccessRate, TestResult } from "../../stages/evaluation.ts";
import type { OpenStages } from "../open_stages.ts";
import type { Parts } from "../parts/parts.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import type { Measurement, Retention } from "../result.ts";
import { expectReference } from "../../kit/shapes.ts";
import type { Env, EvaluationResult, Reference, StageState } from "../../stages/mod.ts";

/** What is measured before the first iteration. */
export interface Before {
  /** Success of random actions and of the expert. */
  readonly reference: Reference;
  readonly start: Measurement;
}

interface KeptMeasurer {
  readonly before: Before;
  readonly retention?: Retention;
  readonly latest?: EvaluationResult;
  /** Milliseconds that the latest took. */
  readonly took?: number;
  /** Whether the run was cut before a measurement that was due. */
  readonly isOwed?: boolean;
}

/** Milliseconds from which on a measurement is not waited for when the run shall stop. */
const SLOW = 250;

/** Thrown where a measurement is left out because the run shall stop. */
class LeftOut extends Error {}

/** The share of the states of a student's way that a teacher is judged in. */
const VISITS = 1 / 8;

/** Judges a teacher in some of the states that a student visits while it plays. */
function visits(env: Env, tally: AccuracyTally, context: Context): PlayOptions["watch"] {
  const random = context.random("visited states");
  return (observations, guidance) => {
    for (let i = 0; i < env.spec.envs; i++) {
      if (random.random() < VISITS) tally.add(observations, guidance, env.oracle!, i);
    }
  };
}

/** Measures one run. */
export class Measurer {
  #before: Before | undefined;
  #retention: Retention | undefined;
  /** Whether the teacher has said anything where success was measured. */
  #wasHeard = false;
  #latest: EvaluationResult | undefined;
  /** Milliseconds that the last measurement took. */
  #took = 0;
  /** Whether a measurement is due that the run, cut here, begins with. */
  isOwed = false;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly context: Context,
    private readonly stages: OpenStages,
    private readonly advice: Pick<AdviceEdge, "isWorthIt">,
    private readonly parts: Pick<Parts, "evaluate">,
  ) {}

  /** How the student did when the teacher left, if it has. */
  get retention(): Retention | undefined {
    return this.#retention;
  }

  /** Reference and start: known before the first iteration. */
  async before(): Promise<Before> {
    return this.#before ??= { reference: await this.#reference(), start: await this.measure(0) };
  }

  /** What was measured after an iteration, if it was and nothing was measured since. */
  measuredAfter(iteration: number): Measurement | undefined {
    if (this.#latest?.iteration !== iteration) return undefined;
    const { success, guidanceAccuracy } = this.#latest;
    return { success, guidanceAccuracy };
  }

  /** Success as it was measured after an iteration; null where it was not. */
  successAfter(iteration: number): number | null {
    return this.measuredAfter(iteration)?.success.rate ?? null;
  }

  /** What was measured last. */
  get latest(): EvaluationResult | undefined {
    return this.#latest;
  }

  /** Whether a measurement takes longer than a run that shall stop may take. */
  get isSlow(): boolean {
    return this.#took >= SLOW;
  }

  /** What was found so far that is not measured again. */
  save(): StageState {
    const kept: KeptMeasurer = {
      before: this.#before!,
      retention: this.#retention,
      latest: this.#latest,
      took: this.#took,
      isOwed: this.isOwed,
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { before, retention, latest, took = 0, isOwed = false } = json as KeptMeasurer;
    this.#before = before;
    this.#retention = retention;
    this.#latest = latest;
    this.#took = took;
    this.isOwed = isOwed;
  }

  /** Success and accuracy; once the teacher has left, or is not worth hearing, the student plays alone. */
  measure(iteration: number): Promise<Measurement> {
    return this.#measure(iteration, this.context.breathe);
  }

  /** The same, but for a run that is stopped meanwhile: then it is left out, and nothing is given. */
  measureUnlessStopped(iteration: number): Promise<Measurement | undefined> {
    return this.#unlessStopped((breathe) => this.#measure(iteration, breathe));
  }

  /**
   * At the end, what was learned on the test worlds of a plan; undefined for a run that is stopped
   * meanwhile.
   */
  test(plan: string): Promise<TestResult | undefined> {
    return this.#unlessStopped((breathe) => this.#test(plan, breathe));
  }

  async #unlessStopped<T>(work: (breathe: Breathe) => Promise<T>): Promise<T | undefined> {
    const { breathe, signal } = this.context;
    const expectNoStop = async (turn: Promise<void>) => {
      await turn;
      if (signal.aborted) throw new LeftOut();
    };
    try {
      return await work(() => {
        const turn = breathe();
        return turn && expectNoStop(turn);
      });
    } catch (error) {
      if (error instanceof LeftOut) return undefined;
      throw error;
    }
  }

  async #measure(iteration: number, breathe: Breathe): Promise<Measurement> {
    const { teacher, heldOutStates } = this.stages;
    const { clock } = this.context;
    const started = clock.now();
    const success = this.#isAlone
      ? await this.#alone({ breathe })
      : await this.#withTeacher({ breathe });
    const context = { ...this.context, breathe };
    const withOracle = this.#withOracle;
    const guidanceAccuracy = await measureGuidance(heldOutStates, teacher, context, withOracle);
    this.#took = clock.now() - started;
    this.isOwed = false;
    this.#latest = { iteration, success, guidanceAccuracy };
    this.context.emit({ type: "evaluated", ...this.#latest });
    await this.parts.evaluate(this.#latest);
    return { success, guidanceAccuracy };
  }

  async #test(plan: string, breathe: Breathe): Promise<TestResult> {
    const { teacher, heldOutWorlds, heldOutStates } = this.stages;
    const { seed } = this.context;
    const before = { ...teacher.usage() };
    const seeds = testSeeds(plan, seed, heldOutWorlds.spec.envs);
    const solved = new Uint8Array(seeds.length);
    const play = { breathe, seeds, solved };
    const judges = canJudge(heldOutStates, teacher);
    const tallyOf = (states: AskedStates) => new AccuracyTally(states, heldOutStates.spec, teacher);
    const [onWalk, onVisits] = [tallyOf("walk"), tallyOf("student")];
    const watch = judges ? visits(heldOutWorlds, onVisits, this.context) : undefined;
    const success = this.#isAlone
      ? await this.#alone(play)
      : await this.#withTeacher({ ...play, watch });
    const stateSeeds = testSeeds(plan, seed, heldOutStates.spec.envs);
    const breathing = { ...this.context, breathe };
    const guidanceAccuracy = await measureGuidance(
      heldOutStates,
      teacher,
      breathing,
      this.#withOracle,
      stateSeeds,
      judges ? (seen, said, i) => onWalk.add(seen, said, heldOutStates.oracle!, i) : undefined,
    );
    const erring = judges
      ? await measureOnErringExpert(
        heldOutStates,
        teacher,
        breathing,
        this.#withOracle,
        stateSeeds,
      )
      : undefined;
    const alone = { ...play, solved: new Uint8Array(seeds.length) };
    const withoutTeacher = await this.#silenced(success, () => this.#alone(alone));
    return {
      plan,
      success,
      solved,
      withoutTeacher: withoutTeacher
        ? { success: withoutTeacher, solved: this.#isAlone ? solved : alone.solved }
        : null,
      guidanceAccuracy,
      accuracy: [onWalk.result, onVisits.result, erring].filter((found) => found !== undefined),
      teacher: addUsage(teacher.usage(), before, -1),
    };
  }

  /** After the last iteration with the teacher: what the student can do with it and without it. */
  async measureRetention(iteration: number, why: TeacherStop): Promise<void> {
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
    const { stages, context } = this;
    const worth = await measureAdvice(stages, context, this.#withOracle, candidateActions);
    if (worth) this.context.emit({ type: "advice.measured", iteration, worth });
    return worth;
  }

  /**
   * At the end, what the student achieves without the teacher, so that nobody takes borrowed success
   * for learning; undefined where the teacher has said nothing.
   *
   * @param end What was measured at the end.
   * @param advice What advice is worth, where that was measured.
   */
  withoutTeacher(
    end: SuccessRate,
    advice: AdviceWorth | undefined,
  ): Promise<SuccessRate | undefined> {
    return this.#silenced(end, advice ? () => advice.withoutTeacher : () => this.#alone());
  }

  /** Success without the teacher: `end` where it was measured so, else what `measure` gives. */
  async #silenced(
    end: SuccessRate,
    measure: () => SuccessRate | Promise<SuccessRate>,
  ): Promise<SuccessRate | undefined> {
    if (this.#isAlone) return end;
    if (!this.#wasHeard) return undefined;
    try {
      return await measure();
    } catch (error) {
      // A student that fails in silence does not spoil a run that never left it in silence.
      if (!(error instanceof TandemError) || this.context.signal.aborted) throw error;
      const message = `Success without the teacher could not be measured: ${error.message}`;
      this.context.emit({ type: "warning", code: error.code, message });
      return undefined;
    }
  }

  /** Whether the student plays alone where it is measured. */
  get #isAlone(): boolean {
    return this.#retention !== undefined || !this.advice.isWorthIt;
  }

  #withTeacher(options: PlayOptions = {}): Promise<SuccessRate> {
    const { teacher, student, heldOutWorlds } = this.stages;
    const hear = () => this.#wasHeard = true;
    const play = { breathe: this.context.breathe, hear, ...options };
    return measureSuccess(heldOutWorlds, teacher, student, this.#withOracle, play);
  }

  #alone(options: PlayOptions = {}): Promise<SuccessRate> {
    const { teacher, student, heldOutWorlds } = this.stages;
    const play = { breathe: this.context.breathe, ...options };
    return measureWithoutTeacher(heldOutWorlds, teacher.candidates, student, play);
  }

  /** What the env states of chance and the expert; else what they achieve on the held-out worlds. */
  async #reference(): Promise<Reference> {
    const { heldOutWorlds } = this.stages;
    if (heldOutWorlds.spec.reference) return expectReference(heldOutWorlds.spec.reference);
    const floor = await measureFloor(heldOutWorlds, this.context);
    const ceiling = await measureCeiling(heldOutWorlds, this.context.breathe);
    return { floor: floor.rate, ceiling: ceiling?.rate ?? null, worlds: floor.episodes };
  }

  get #withOracle(): boolean {
    return this.pipeline.stages.teacher.usesOracle;
  }
}
