/** A student after its run: made anew with what it learned, in a world of its own. */
import type { Context } from "../kit/context.ts";
import { TandemError } from "../base/errors.ts";
import { silence } from "../kit/guidance.ts";
import { blankMemory, forget } from "../kit/memory.ts";
import { expectDecision, expectGuidance } from "../kit/shapes.ts";
import { withinBox } from "../kit/tensors.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { RunResult } from "./result.ts";
import { StandingGuidance } from "./parts/standing_guidance.ts";
import { StageScope } from "./stage_scope.ts";
import type {
  Actions,
  Decision,
  Env,
  EnvStep,
  Guidance,
  MaybePromise,
  Observations,
  StageState,
  Stateful,
  Student,
  Teacher,
} from "../stages/mod.ts";

/** What {@linkcode openTrained} may be told. */
export interface TrainedOptions {
  /** Environments to step together, N; 1 unless told. */
  readonly envs?: number;
  /** Whether the teacher advises the student; unless told, whether it still did when the run ended. */
  readonly advised?: boolean;
}

/** A step that a trained student took. */
export interface TrainedStep extends EnvStep {
  /** a_t, as the env was told. */
  readonly actions: Actions;
  /** x_t, as the student heard it. */
  readonly guidance: Guidance;
  /** What the student chose, and what it thought of it; also where it was overruled. */
  readonly decision: Decision;
}

/** A trained student in N environments of its own. To be disposed of, by `await using`. */
export interface Trained extends AsyncDisposable {
  /** The environments. */
  readonly env: Env;
  /** The teacher, with what it learned. */
  readonly teacher: Teacher;
  /** The student, with what it learned. */
  readonly student: Student;
  /** Starts an episode from each seed (length N) and gives s_0. */
  reset(seeds: ArrayLike<number>): Observations;
  /**
   * Acts once in each environment, as the student is judged. Episodes that end start anew.
   *
   * @param overrule Tells the student's decision and gives the actions to take in place of its own; where
   * it gives none, the student's are taken.
   */
  step(
    overrule?: (decision: Decision, guidance: Guidance) => MaybePromise<Actions | void>,
  ): Promise<
    TrainedStep
  >;
}

/**
 * Opens the student of a run, and its teacher, with what they learned.
 *
 * @param pipeline The one that was run.
 * @param result What its run came to; of a result that was saved, its states.
 * @throws {TandemError} E_CHECKPOINT where the result holds no state of a stage that has one; what a
 * plugin throws where the state does not fit it.
 * @example
 * ```ts
 * import { createContext, definePipeline, openTrained, runPipeline } from "@tandem/core";
 * import { bot, corridor, gae, paper, tabularQ } from "@tandem/plugins";
 * import assert from "node:assert/strict";
 *
 * const stages = { env: corridor({ length: 6 }), teacher: bot(), student: tabularQ() };
 * const judges = { advantage: gae({ lambda: 0 }), feedback: paper() };
 * const schedule = { iterations: 5, envs: 16, steps: 32 };
 * const pipeline = definePipeline({ name: "first", ...stages, ...judges, schedule });
 * const context = createContext({ seed: 1 });
 * const result = await runPipeline(pipeline, context);
 *
 * await using trained = await openTrained(pipeline, result, context);
 * trained.reset([7]);
 * let solved = false;
 * for (let t = 0; t < 20 && !solved; t++) solved = (await trained.step()).terminated[0] === 1;
 * assert.ok(solved);
 * ```
 */
export async function openTrained(
  pipeline: Pipeline,
  result: Pick<RunResult, "states"> & Partial<Pick<RunResult, "retention">>,
  context: Context,
  options: TrainedOptions = {},
): Promise<Trained> {
  const { envs = 1, advised = result.retention === undefined } = options;
  const { stages, schedule } = pipeline;
  // The states of the result are all that there is to load.
  const scope = new StageScope({ ...context, learned: () => undefined }, schedule);
  try {
    const env = await scope.make(stages.env, { envs });
    const teacher = await scope.make(stages.teacher, { env: env.spec });
    const { grain, candidates } = teacher;
    const { iterations } = schedule;
    const wiring = { env: env.spec, grain, candidates, iterations };
    const student = await scope.make(stages.student, wiring);
    await restore("teacher", teacher, result.states.teacher);
    await restore("student", student, result.states.student);
    const oracle = stages.teacher.usesOracle ? env.oracle : undefined;
    const standing = new StandingGuidance(() => student, candidates, envs);
    const advise = async (observations: Observations) => {
      if (!advised) return silence(envs, candidates);
      const said = await teacher.advise(observations, "evaluate", oracle);
      return standing.hear(expectGuidance(said, envs));
    };
    return {
      ...playing(env, student, advise, standing),
      teacher,
      [Symbol.asyncDispose]: () => scope.empty(),
    };
  } catch (error) {
    await scope.empty();
    throw error;
  }
}

function playing(
  env: Env,
  student: Student,
  advise: (observations: Observations) => Promise<Guidance>,
  standing: StandingGuidance,
): Pick<Trained, "env" | "student" | "reset" | "step"> {
  const memory = blankMemory(student, env.spec.envs);
  let observations: Observations | undefined;
  return {
    env,
    student,
    reset(seeds) {
      memory?.fill(0);
      standing.forget();
      return observations = env.reset(seeds);
    },
    async step(overrule) {
      observations ??= env.reset(Int32Array.from({ length: env.spec.envs }, (_, i) => i));
      const guidance = await advise(observations);
      const decision = await student.act(observations, guidance, "evaluate", memory);
      const own = expectDecision(decision, env.spec).actions;
      const actions = withinBox(await overrule?.(decision, guidance) || own, env.spec);
      const step = env.step(actions);
      observations = step.observations;
      forget(memory, step);
      standing.answer(step, (i) => env.achieved?.(i) ?? []);
      return { ...step, actions, guidance, decision };
    },
  };
}

/** Hands a stage what it learned; one that learns nothing has no state. */
async function restore(name: string, stage: Stateful, state: StageState | undefined) {
  if (!stage.load) return;
  if (!state) {
    throw new TandemError(
      "E_CHECKPOINT",
      `The result holds no state of the ${name}; right would be the result of a run of this pipeline.`,
    );
  }
  await stage.load(state);
}
