/** Makes the stages of a pipeline in order, wires them, and disposes of them in reverse order. */
import { type EnvChange, EnvSlot } from "./parts/env_slot.ts";
import type { Context } from "../kit/context.ts";
import { TandemError } from "../base/errors.ts";
import { Evidence } from "./parts/evidence.ts";
import { checkEnvFit, checkTeacherFit } from "../pipeline/fitting.ts";
import { saveParts } from "../kit/state_dict.ts";
import { traitsOf } from "../kit/tensors.ts";
import { type Pipeline, stageTable } from "../pipeline/pipeline.ts";
import type { StageSpec } from "../pipeline/plugin.ts";
import { promptsAhead } from "./prompts_ahead.ts";
import { replaceStage } from "./replace_stage.ts";
import { expectAchieved, expectReplayTaken } from "./parts/extra_fit.ts";
import type { StageStates } from "./result.ts";
import type { Env, RunPart, Stages, Stateful, StateName } from "../stages/mod.ts";
import { StageScope } from "./stage_scope.ts";

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
  /** The extra stages by name. */
  readonly extras: Readonly<Record<string, RunPart>>;
  /**
   * Puts an env with other options in the place of the one that is played; it has to be reset then.
   *
   * @returns Whether it is another one.
   * @throws {TandemError} E_WIRING where it does not fit the stages.
   */
  changeEnv(change: EnvChange): Promise<boolean>;
  /**
   * Puts another stage in the place of one, which hands its state on where both have one.
   *
   * @throws {TandemError} E_WIRING where the run cannot go on with it; what the plugin throws
   * otherwise. The stage before stays then.
   */
  replace(name: StateName, stage: StageSpec): Promise<void>;
  /** All that has a state: the stages and the evidence. */
  parts(): Readonly<Record<string, Stateful>>;
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
  const scope = new StageScope(context, pipeline.schedule);
  try {
    return await open(pipeline, context, scope);
  } catch (error) {
    await scope.empty();
    throw error;
  }
}

async function open(
  { stages, extras, schedule, evaluation }: Pipeline,
  context: Context,
  scope: StageScope,
): Promise<OpenStages> {
  const worlds = (envs: number) => scope.make(stages.env, { envs });
  const first = await worlds(schedule.envs);
  const heldOutWorlds = await worlds(evaluation.episodes);
  const heldOutStates = await worlds(evaluation.states);
  const branches = evaluation.advice ? await worlds(evaluation.states) : undefined;
  for (const stage of [stages.teacher, stages.feedback]) checkExpert(stage, first);
  const { spec } = first;
  const prompts = promptsAhead(schedule, evaluation, spec.maxSteps);
  const teacher = await scope.make(stages.teacher, { env: spec, prompts });
  const { grain, candidates } = teacher;
  checkEnvFit(stages.student, { ...stages.env, fits: traitsOf(spec) });
  checkTeacherFit(stages.student, { ...stages.teacher, fits: [...stages.teacher.fits, grain] });
  const wiring = { env: spec, grain, candidates, iterations: schedule.iterations };
  const student = await scope.make(stages.student, wiring);
  const advantage = await scope.make(stages.advantage, wiring);
  const feedback = await scope.make(stages.feedback, wiring);
  const made: Record<string, RunPart> = {};
  for (const [name, extra] of Object.entries(extras)) {
    made[name] = await scope.make(extra, wiring);
    checkMethods(extra, made[name]);
    expectReplayTaken(name, made[name], student, stages.student.plugin);
    expectAchieved(name, made[name], first);
  }
  const make = (change: EnvChange) => scope.make(stages.env.with(change), { envs: spec.envs });
  const slot = new EnvSlot(first, stages.env.options, make);
  const live: Stages = {
    get env() {
      return slot.now;
    },
    ...{ teacher, student, advantage, feedback },
  };
  const { needs } = feedback;
  checkGroups(stages.feedback, spec.envs, needs?.group);
  const evidence = needs && (needs.frozenCritic || needs.counterfactual) && await Evidence.open({
    env: slot,
    student: () => live.student,
    request: needs,
    steps: schedule.steps,
    context,
    twin: async () => new EnvSlot(await worlds(schedule.envs), stages.env.options, make),
    copy: () => scope.make(stages.student, wiring),
  });
  const replacing = { live, extras: made, scope, wiring, chosen: { ...stages } };
  // One object, so that a stage that is replaced is another one for everybody.
  return Object.assign(live, {
    evidence,
    extras: made,
    changeEnv: (change: EnvChange) => slot.change(change),
    heldOutWorlds,
    heldOutStates,
    branches,
    replace: (name: StateName, stage: StageSpec) => replaceStage(replacing, name, stage),
    parts: () => ({
      ...named(live, slot, made),
      ...cachesOf(named(live, slot, made)),
      evidence: evidence ?? {},
    }),
    save: () => saveParts(named(live, slot, made)),
    dispose: () => scope.empty(),
  });
}

/** @throws {TandemError} E_WIRING for the names that methods of extra stages had before. */
function checkMethods({ plugin }: StageSpec, made: RunPart): void {
  for (const [then, now] of [["world", "begin"], ["reward", "answer"]] as const) {
    if (!(then in made)) continue;
    throw new TandemError(
      "E_WIRING",
      `The extra "${plugin}" has a method "${then}"; its name is "${now}" now, as ` +
        "docs/guide/custom-loops.md shows.",
    );
  }
}

/** @throws {TandemError} E_WIRING where a stage asks an expert that there is not. */
function checkExpert({ usesOracle, kind, plugin }: StageSpec, { oracle, spec }: Env): void {
  if (!usesOracle || oracle) return;
  throw new TandemError(
    "E_WIRING",
    `The ${kind} "${plugin}" asks an expert, and "${spec.id}" has none.`,
  );
}

/** @throws {TandemError} E_WIRING where environments cannot be parted into groups of that size. */
function checkGroups({ plugin }: StageSpec, envs: number, group = 1): void {
  if (envs % group === 0) return;
  throw new TandemError(
    "E_WIRING",
    `The rule "${plugin}" compares groups of ${group} environments, and schedule.envs is "${envs}"; right ` +
      `would be a multiple of ${group}.`,
  );
}

/** What stages could find out again, by the stages' names. */
function cachesOf(stages: Readonly<Record<string, Stateful>>): Readonly<Record<string, Stateful>> {
  const caches = Object.entries(stages).map(([name, { cache }]) => [`${name}.cache`, cache ?? {}]);
  return Object.fromEntries(caches);
}

/** The stages by the names of their states. */
function named(
  stages: Stages,
  env: EnvSlot,
  extras: Readonly<Record<string, RunPart>>,
): Readonly<Record<StateName, Stateful>> {
  const beside = Object.entries(extras).map(([name, extra]) => [`extra.${name}`, extra]);
  const five = stageTable((kind): Stateful => kind === "env" ? env : stages[kind]);
  return { ...five, ...Object.fromEntries(beside) };
}
