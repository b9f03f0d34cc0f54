/** Makes what a plan names runnable: the pipeline of each trial, and the key it is kept under. */
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import { openStages } from "../core/run/open_stages.ts";
import { type Pipeline, pipelineFromJson, type PipelineJson } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { type FindLearned, STAGE_KINDS, type StateName } from "../core/stages/mod.ts";
import { levelSetting, type Plan, type Trial, trialName, trialsOf } from "../lab/plan.ts";
import { trialSource } from "../lab/sources.ts";
import { type TrialContent, trialKey } from "../lab/store.ts";
import { testPlanOf } from "../lab/test_plan.ts";
import { findVariants, type Variant, VARIANTS } from "../lab/variants.ts";
import { Fingerprints } from "./fingerprints.ts";
import { factsOf, type LearnedRuns, sourcesIn, withSources } from "./learned_runs.ts";
import { applySettings } from "./settings.ts";
import { VERSION } from "./version.ts";

/** A trial that can be run. */
export interface RunnableTrial extends Trial {
  readonly content: TrialContent;
  readonly key: string;
  /** The trials whose stages had learned what some of this one's begin with. */
  readonly sources: readonly TrialSource[];
}

/** A stage of another trial. */
export interface TrialSource {
  readonly trial: RunnableTrial;
  readonly stage: StateName;
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
  const maker = new TrialMaker(plan, base, device, catalog, files);
  const trials: RunnableTrial[] = [];
  for (const trial of trialsOf(plan)) trials.push(await maker.make(trial));
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

/** Makes the trials of a plan, and those that they begin from, each once. */
class TrialMaker {
  readonly #pipelines = new Map<string, PipelineJson>();
  readonly #made = new Map<string, RunnableTrial>();
  readonly #testPlan: string | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly base: Pipeline,
    private readonly device: string,
    private readonly catalog: Catalog,
    private readonly files: Fingerprints,
  ) {
    this.#testPlan = testPlanOf(plan);
  }

  /** @param within The variants that begin from this one, to find a circle. */
  async make(trial: Trial, within: readonly Variant[] = []): Promise<RunnableTrial> {
    const { variant, level, seed } = trial;
    const known = JSON.stringify([variant.settings, level, seed]);
    const made = this.#made.get(known);
    if (made) return { ...made, ...trial };
    if (within.includes(variant)) throw circular(variant);
    const sources: TrialSource[] = [];
    const pipeline = await withSources(await this.#pipelineOf(trial), async (source) => {
      const named = REFERENCE.exec(source.run)?.groups;
      if (!named) return source;
      const from = await this.make({
        variant: this.#variant(named.variant!, variant),
        level: named.level ?? level,
        seed: neighbour(seed),
      }, [...within, variant]);
      sources.push({ trial: from, stage: source.stage });
      return { stage: source.stage, run: trialSource(from.key) };
    });
    const content = {
      pipeline: sources.length > 0 ? pipeline : await this.#pipelineOf(trial),
      seed,
      device: this.device,
      version: VERSION,
      files: await this.files.of(pipeline),
      ...this.#testPlan !== undefined && { testPlan: this.#testPlan },
    };
    const runnable = { ...trial, content, key: trialKey(content), sources };
    this.#made.set(known, runnable);
    return runnable;
  }

  /** Of all seeds the same object, by which others know that it is the same. */
  async #pipelineOf(trial: Trial): Promise<PipelineJson> {
    const cell = JSON.stringify([trial.variant.settings, trial.level]);
    const pipeline = this.#pipelines.get(cell) ??
      onOneThread((await pipelineOf(this.base, trial, this.catalog)).toJSON());
    this.#pipelines.set(cell, pipeline);
    return pipeline;
  }

  /** A variant that another one names: of the plan, or one that everybody knows. */
  #variant(name: string, by: Variant): Variant {
    const { variants } = this.plan;
    const names = [...variants, ...VARIANTS].map((variant) => variant.name);
    if (names.includes(name)) return findVariants([name], variants)[0]!;
    throw new TandemError(
      "E_ARGUMENT",
      `The variant "${by.name}" begins from "${name}", and there is no such variant.${
        didYouMean(name, names) || ` Known are ${[...new Set(names)].join(", ")}.`
      }`,
    );
  }
}

/** A variant whose trials a stage begins from, on another level where one is named. */
const REFERENCE = /^\$(?<variant>[\w.+-]+)(?:@(?<level>.+))?$/;

/**
 * The seed of the trial that one begins from: 0 and 1 exchange what was learned, 2 and 3, and so on, so
 * that no student meets a teacher that was taught by a student of its own seed.
 */
function neighbour(seed: number): number {
  return seed % 2 === 0 ? seed + 1 : seed - 1;
}

function circular({ name }: Variant): TandemError {
  return new TandemError("E_ARGUMENT", `The variant "${name}" begins with what it learns itself.`);
}

/**
 * Makes the stages of every variant on the first level, and the env of every other level, to find bad
 * input before a folder is made. What stages begin with is looked at on every level.
 *
 * @param runs The runs that stages begin from.
 * @throws {TandemError} Of kind "input"; what else may fail is found by the trials.
 */
export async function expectRunnable(
  trials: readonly RunnableTrial[],
  catalog: Catalog,
  runs: LearnedRuns,
) {
  const tried = new Set<string>();
  for (const trial of trials) {
    const { content: { pipeline, device }, level, sources } = trial;
    const begins = (await sourcesIn(pipeline)).length > 0;
    const whole = level === trials[0]!.level || begins;
    const what = JSON.stringify(
      whole ? [trial.variant.settings, level] : [trial.content.pipeline.env],
    );
    if (tried.has(what)) continue;
    tried.add(what);
    const learned = lookingAt(sources, catalog, runs);
    const context = createContext({ seed: 0, device: device as DeviceChoice, learned });
    const { stages, ...rest } = await pipelineFromJson(pipeline, catalog);
    try {
      const made = whole
        ? await openStages({ stages, ...rest }, context)
        : await stages.env.create(context, { envs: 1 });
      await made.dispose?.();
    } catch (error) {
      if (!(error instanceof TandemError) || error.kind !== "input") continue;
      throw sources.length > 0 ? named(error, trial) : error;
    }
  }
}

/** Finds what is known of trials that have learned nothing yet, and what runs had learned. */
function lookingAt(
  sources: readonly TrialSource[],
  catalog: Catalog,
  runs: LearnedRuns,
): FindLearned {
  return async (source) => {
    const from = sources.find(({ trial: { key } }) => trialSource(key) === source.run)?.trial;
    return from ? await factsOf(from.content.pipeline, source.stage, catalog) : runs.find(source);
  };
}

/** The error with the names of trials in place of their keys. */
function named(error: TandemError, { sources }: RunnableTrial): TandemError {
  const message = sources.reduce(
    (text, { trial }) => text.replaceAll(trialSource(trial.key), trialName(trial)),
    error.message,
  );
  return new TandemError(error.code, message, { cause: error, stage: error.stage });
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
  return setting.replace(/(?<!\.from)=\$(\w+)$/, (whole, name) => {
    const kind = STAGE_KINDS.find((candidate) => candidate === name);
    return kind ? `=${JSON.stringify(base.stages[kind].toJSON())}` : whole;
  });
}
