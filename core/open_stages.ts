/** Makes the stages of a pipeline in order, wires them, and disposes of them in reverse order. */
import { blamed, blaming } from "./blame.ts";
import { ChangingEnv } from "./changing_env.ts";
import type { Context } from "./context.ts";
import { TandemError } from "./errors.ts";
import { Evidence } from "./evidence.ts";
import { Extras } from "./extras.ts";
import { checkFit, GRAINS } from "./fitting.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Stage, Wirings } from "./plugin.ts";
import type { StageStates } from "./result.ts";
import {
  type Env,
  type ExtraStage,
  type PluginKind,
  STAGE_KINDS,
  type Stages,
  type StageState,
  type Stateful,
  type StateName,
} from "./stages.ts";

/** The stages of a running pipeline and the worlds on which it is measured. */
export interface OpenStages extends Stages {
  /** One environment a held-out episode. */
  readonly heldOutWorlds: Stages["env"];
  /** One environment a held-out state. */
  readonly heldOutStates: Stages["env"];
  /** As many worlds again, to branch from held-out states; made where advice is weighed. */
  readonly branches: Stages["env"] | undefined;
  /** Gathers what the feedback rule asks for, if it asks. */
  readonly evidence: Evidence | undefined;
  readonly extras: Extras;
  /** The state of every stage that has one. */
  save(): Promise<StageStates>;
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
  const bin = new Bin(context);
  const make = async <K extends PluginKind>(stage: Stage<K>, wiring: Wirings[K]) =>
    blamed(stage, bin.add(stage, await blaming(stage, () => stage.create(context, wiring))));
  try {
    const first = await make(stages.env, { envs: schedule.envs });
    const heldOutWorlds = await make(stages.env, { envs: evaluation.episodes });
    const heldOutStates = await make(stages.env, { envs: evaluation.states });
    const branches = evaluation.advice
      ? await make(stages.env, { envs: evaluation.states })
      : undefined;
    for (const stage of [stages.teacher, stages.feedback]) {
      if (!stage.usesOracle || first.oracle) continue;
      throw new TandemError(
        "E_WIRING",
        `The ${stage.kind} "${stage.plugin}" asks an expert, and "${first.spec.id}" has none.`,
      );
    }
    const { spec } = first;
    const teacher = await make(stages.teacher, { env: spec });
    const { grain, candidates } = teacher;
    checkFit(stages.student, { ...stages.teacher, fits: [grain] }, GRAINS);
    const wiring = { env: spec, grain, candidates };
    const student = await make(stages.student, wiring);
    const advantage = await make(stages.advantage, { env: spec });
    const feedback = await make(stages.feedback, { env: spec, candidates });
    const extras = await mapValues(
      pipeline.extras,
      (extra) => make(extra, { env: spec, candidates }),
    );
    const changes = Object.values(extras).some((extra) => extra.world);
    const changing = (own: Env) =>
      !changes ? own : new ChangingEnv(own, stages.env.options, (change) => {
        return make(stages.env.with(change), { envs: schedule.envs });
      });
    const env = changing(first);
    const all: Stages = { env, teacher, student, advantage, feedback };
    const evidence = feedback.needs && await Evidence.open({
      stages: all,
      request: feedback.needs,
      steps: schedule.steps,
      context,
      twin: async () => changing(await make(stages.env, { envs: schedule.envs })),
      copy: () => make(stages.student, wiring),
    });
    return {
      ...all,
      evidence,
      extras: new Extras(extras, env),
      heldOutWorlds,
      heldOutStates,
      branches,
      save: () => saveAll(all, extras),
      dispose: () => bin.empty(),
    };
  } catch (error) {
    await bin.empty();
    throw error;
  }
}

/** What is to be disposed of at the end. */
class Bin {
  readonly #made: [Stage, Stateful][] = [];

  constructor(private readonly context: Context) {}

  add<T extends Stateful>(stage: unknown, made: T): T {
    this.#made.push([stage as Stage, made]);
    return made;
  }

  /** Disposes of everything, the last made first; one that fails does not keep the others. */
  async empty(): Promise<void> {
    for (const [stage, made] of this.#made.splice(0).reverse()) {
      try {
        await blaming(stage, () => made.dispose?.());
      } catch (error) {
        const { code, message } = error as TandemError;
        this.context.emit({ type: "warning", code, message });
      }
    }
  }
}

async function saveAll(
  stages: Stages,
  extras: Readonly<Record<string, ExtraStage>>,
): Promise<StageStates> {
  const states: Partial<Record<StateName, StageState>> = {};
  const named: [StateName, Stateful][] = [
    ...STAGE_KINDS.map((kind): [StateName, Stateful] => [kind, stages[kind]]),
    ...Object.entries(extras).map(([name, extra]): [StateName, Stateful] => [
      `extra.${name}`,
      extra,
    ]),
  ];
  for (const [name, stage] of named) {
    const state = await stage.save?.();
    if (state) states[name] = state;
  }
  return states;
}

async function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => Promise<U>,
): Promise<Record<string, U>> {
  const mapped: Record<string, U> = {};
  for (const [key, value] of Object.entries(record)) mapped[key] = await map(value);
  return mapped;
}
