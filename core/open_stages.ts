/** Makes the stages of a pipeline in order, wires them, and disposes of them in reverse order. */
import type { Context } from "./context.ts";
import { TandemError } from "./errors.ts";
import type { Pipeline } from "./pipeline.ts";
import { STAGE_KINDS, type StageKind, type Stages, type StageState } from "./stages.ts";

/** The stages of a running pipeline and the worlds on which it is measured. */
export interface OpenStages extends Stages {
  /** One environment a held-out episode. */
  readonly heldOutWorlds: Stages["env"];
  /** One environment a held-out state. */
  readonly heldOutStates: Stages["env"];
  /** The state of every stage that has one. */
  save(): Promise<Partial<Record<StageKind, StageState>>>;
  /** Frees everything, the last made first. */
  dispose(): Promise<void>;
}

/**
 * Makes all stages.
 *
 * @throws {TandemError} E_WIRING where an environment has no expert and a stage asks for it; what a
 * plugin throws otherwise. Stages made before are disposed of.
 */
export async function openStages(pipeline: Pipeline, context: Context): Promise<OpenStages> {
  const { stages, schedule, evaluation } = pipeline;
  const made: { dispose?(): unknown }[] = [];
  const dispose = async () => {
    for (const stage of made.reverse()) await stage.dispose?.();
    made.length = 0;
  };
  const keep = <T extends { dispose?(): unknown }>(stage: T): T => {
    made.push(stage);
    return stage;
  };
  try {
    const worlds = async (envs: number) => keep(await stages.env.create(context, { envs }));
    const env = await worlds(schedule.envs);
    const heldOutWorlds = await worlds(evaluation.episodes);
    const heldOutStates = await worlds(evaluation.states);
    for (const stage of [stages.teacher, stages.feedback]) {
      if (!stage.usesOracle || env.oracle) continue;
      throw new TandemError(
        "E_WIRING",
        `The ${stage.kind} "${stage.plugin}" asks an expert, and "${env.spec.id}" has none.`,
      );
    }
    const { spec } = env;
    const teacher = keep(await stages.teacher.create(context, { env: spec }));
    const { grain, candidates } = teacher;
    const student = keep(await stages.student.create(context, { env: spec, grain, candidates }));
    const advantage = keep(await stages.advantage.create(context, { env: spec }));
    const feedback = keep(await stages.feedback.create(context, { env: spec, candidates }));
    const all: Stages = { env, teacher, student, advantage, feedback };
    return { ...all, heldOutWorlds, heldOutStates, save: () => saveAll(all), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function saveAll(stages: Stages): Promise<Partial<Record<StageKind, StageState>>> {
  const states: Partial<Record<StageKind, StageState>> = {};
  for (const kind of STAGE_KINDS) {
    const state = await stages[kind].save?.();
    if (state) states[kind] = state;
  }
  return states;
}
