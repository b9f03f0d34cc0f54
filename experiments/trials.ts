/** Makes what a plan names runnable: the pipeline of each trial, and the key it is kept under. */
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { openStages } from "../core/run/open_stages.ts";
import { type Pipeline, pipelineFromJson, type PipelineJson } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { STAGE_KINDS } from "../core/stages/mod.ts";
import { levelSetting, type Plan, type Trial, trialsOf } from "../lab/plan.ts";
import { type TrialContent, trialKey } from "../lab/store.ts";
import { testPlanOf } from "../lab/test_plan.ts";
import { Fingerprints } from "./fingerprints.ts";
import { applySettings } from "./settings.ts";
import { VERSION } from "./version.ts";

/** A trial that can be run. */
export interface RunnableTrial extends Trial {
  readonly content: TrialContent;
  readonly key: string;
}

/**
 * All trials of a plan, each with its pipeline.
 *
 * @param device As `auto` was resolved.
 * @param files What is known of files that pipelines name, for who makes several plans of them.
 * @throws {TandemError} E_ARGUMENT, E_PLUGIN, E_SLOT, E_OPTION where a variant's settings do not fit.
 */
export async function runnableTrials(
  plan: Plan,
  device: string,
  catalog: Catalog,
  files: Fingerprints = new Fingerprints(),
): Promise<RunnableTrial[]> {
  const base = await pipelineFromJson(plan.pipeline, catalog);
  const testPlan = testPlanOf(plan);
  const pipelines = new Map<string, PipelineJson>();
  const trials: RunnableTrial[] = [];
  for (const trial of trialsOf(plan)) {
    const cell = JSON.stringify([trial.variant.name, trial.level]);
    const pipeline = pipelines.get(cell) ??
      onOneThread((await pipelineOf(base, trial, catalog)).toJSON());
    pipelines.set(cell, pipeline);
    const content = {
      pipeline,
      seed: trial.seed,
      device,
      version: VERSION,
      files: await files.of(pipeline),
      ...testPlan !== undefined && { testPlan },
    };
    trials.push({ ...trial, content, key: trialKey(content) });
  }
  return trials;
}

/** The pipeline of a variant on a level. */
export async function pipelineOf(
  base: Pipeline,
  { variant, level }: Pick<Trial, "variant" | "level">,
  catalog: Catalog,
): Promise<Pipeline> {
  const place = levelSetting(level);
  const settings = [...variant.settings.map((setting) => withStages(setting, base))];
  return await applySettings(base, place ? [place, ...settings] : settings, catalog);
}

/**
 * Makes the stages of every variant on the first level, and the env of every other level, to find bad
 * input before a folder is made.
 *
 * @throws {TandemError} Of kind "input"; what else may fail is found by the trials.
 */
export async function expectRunnable(trials: readonly RunnableTrial[], catalog: Catalog) {
  const tried = new Set<string>();
  for (const { content: { pipeline, device }, level } of trials) {
    const whole = level === trials[0]!.level;
    const what = JSON.stringify(whole ? pipeline : pipeline.env);
    if (tried.has(what)) continue;
    tried.add(what);
    const context = createContext({ seed: 0, device: device as DeviceChoice });
    const { stages, ...rest } = await pipelineFromJson(pipeline, catalog);
    try {
      const made = whole
        ? await openStages({ stages, ...rest }, context)
        : await stages.env.create(context, { envs: 1 });
      await made.dispose?.();
    } catch (error) {
      if (error instanceof TandemError && error.kind === "input") throw error;
    }
  }
}

/**
 * The pipeline with one thread wherever an option leaves the number open: trials share the cores
 * among themselves, and what they come to must not depend on how many there are.
 */
function onOneThread<T>(json: T): T {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(onOneThread) as T;
  const entries = Object.entries(json).map((
    [key, value],
  ) => [key, key === "threads" && value === 0 ? 1 : onOneThread(value)]);
  return Object.fromEntries(entries) as T;
}

/** A setting in which `$teacher` is replaced by the pipeline's own teacher, likewise for others. */
function withStages(setting: string, base: Pipeline): string {
  return setting.replace(/=\$(\w+)$/, (whole, name) => {
    const kind = STAGE_KINDS.find((candidate) => candidate === name);
    return kind ? `=${JSON.stringify(base.stages[kind].toJSON())}` : whole;
  });
}
