/** The runs that stages of a pipeline begin from. */
import { join } from "node:path";
import * as v from "valibot";
import { TandemError } from "../core/base/errors.ts";
import { createContext } from "../core/kit/context.ts";
import { candidatesAt } from "../core/pipeline/fitting.ts";
import { SOURCE, startingFrom } from "../core/pipeline/beginning.ts";
import type { Pipeline, PipelineJson, StageChoice } from "../core/pipeline/pipeline.ts";
import {
  type Catalog,
  nameStages,
  type StageJson,
  type StageSpec,
  use,
} from "../core/pipeline/plugin.ts";
import {
  type EnvSpec,
  type FindLearned,
  type Grain,
  type Learned,
  type PluginKind,
  STAGE_KINDS,
  type StageSource,
  type StateName,
} from "../core/stages/mod.ts";
import { learnedPlace } from "../lab/learned_place.ts";
import { readLearned } from "../lab/learned_state.ts";
import { vocabularyIn } from "../lab/pack/run_files.ts";
import { stateArrays } from "./arrays.ts";

/** A source of which it is known which stage it means. */
export type NamedSource = StageSource & Required<Pick<StageSource, "stage">>;

/** What was read of a run. */
interface Read {
  readonly learned: Learned;
  readonly sha256: string;
}

/** Reads runs, each stage of one once. */
export class LearnedRuns {
  readonly #read = new Map<string, Promise<Read>>();

  /** @param catalogOf The plugins that a document may name: a run's folder is one. */
  constructor(private readonly catalogOf: (document: string) => Promise<Catalog>) {}

  /** What {@linkcode Context.learned} asks for. @throws {TandemError} E_FILE, E_CHECKPOINT */
  readonly find: FindLearned = async (source) => {
    const { learned, sha256 } = await this.#of(source);
    if (source.sha256 !== undefined && source.sha256 !== sha256) throw changed(source, sha256);
    return learned;
  };

  /**
   * The pipeline with the SHA-256 of all that its stages begin with, so that a source that is changed
   * later is seen.
   *
   * @throws {TandemError} E_FILE, E_CHECKPOINT
   */
  async pinned(pipeline: PipelineJson): Promise<PipelineJson> {
    return await withSources(pipeline, this.#pinned);
  }

  /**
   * The same of a value among a stage's options.
   *
   * @param stage The stage that it is an option of.
   */
  async pinnedValue(value: unknown, stage: StateName): Promise<unknown> {
    return await changedWithin(value, stage, this.#pinned);
  }

  /** The same of a source as it is written; undefined where it is none. */
  async pinnedSource(source: unknown, stage: StateName): Promise<StageSource | undefined> {
    const parsed = v.safeParse(SOURCE, source);
    return parsed.success ? await this.#pinned({ stage, ...parsed.output }) : undefined;
  }

  readonly #pinned = async (source: NamedSource): Promise<StageSource> => {
    if (source.run.startsWith("$")) return source; // a variant of the plan
    const { sha256 } = await this.#of(source);
    if (source.sha256 !== undefined && source.sha256 !== sha256) throw changed(source, sha256);
    return { ...source, sha256 };
  };

  /** The same of a pipeline whose stages may come from code. */
  async pinnedPipeline(pipeline: Pipeline, catalog: Catalog): Promise<Pipeline> {
    const json = pipeline.toJSON();
    if ((await sourcesIn(json)).length === 0) return pipeline;
    const pinned = await this.pinned(json);
    const again = async <K extends PluginKind>(
      stage: StageSpec<K>,
      { options, from }: StageJson,
    ) => {
      const isOuter = JSON.stringify(options) === JSON.stringify(stage.toJSON().options);
      const whole = isOuter ? stage : stage.with(await nameStages(stage.schema, options, catalog));
      return startingFrom(whole, from);
    };
    const stages: Record<string, StageSpec> = {};
    for (const kind of STAGE_KINDS) {
      stages[kind] = await again(pipeline.stages[kind] as StageSpec, pinned[kind]);
    }
    const extras: Record<string, StageSpec<"extra">> = {};
    for (const [name, extra] of Object.entries(pipeline.extras)) {
      extras[name] = await again(extra, pinned.extras![name]!);
    }
    return pipeline.with({ ...stages as unknown as StageChoice, extras });
  }

  #of({ run, stage }: NamedSource): Promise<Read> {
    const key = keyOf({ run, stage });
    const known = this.#read.get(key) ?? this.#open(run, stage);
    this.#read.set(key, known);
    return known;
  }

  async #open(run: string, stage: StateName): Promise<Read> {
    const { config: { pipeline }, state, sha256 } = readLearned(run, stage, stateArrays);
    const catalog = await this.catalogOf(join(learnedPlace(run).folder, "config.json"));
    return { learned: { ...await factsOfRun(run, pipeline, stage, catalog), state }, sha256 };
  }
}

/** How a source is known among those of a pipeline. */
export function keyOf({ run, stage }: NamedSource): string {
  return JSON.stringify([run, stage]);
}

/**
 * What is known of a stage before it has learned anything.
 *
 * @param pipeline The one that it is part of.
 * @throws {TandemError} E_CHECKPOINT where the pipeline has no such stage.
 */
export async function factsOf(
  pipeline: PipelineJson,
  stage: StateName,
  catalog: Catalog,
): Promise<Omit<Learned, "state">> {
  const chosen = stageIn(pipeline, stage);
  if (!chosen) {
    throw new TandemError("E_CHECKPOINT", `The pipeline "${pipeline.name}" has no "${stage}".`);
  }
  const { plugin, options } = chosen;
  const env = await specOf(pipeline.env, catalog);
  return { plugin, options, env, candidates: candidatesOf(pipeline.teacher, env, catalog) };
}

/**
 * The same of a stage of a run's folder: of one that was pulled, what its pack says of the world there.
 *
 * @throws {TandemError} E_CHECKPOINT, and E_FILE where that is damaged.
 */
export async function factsOfRun(
  run: string,
  pipeline: PipelineJson,
  stage: StateName,
  catalog: Catalog,
): Promise<Omit<Learned, "state">> {
  const facts = await factsOf(pipeline, stage, catalog);
  return { ...facts, ...vocabularyIn(learnedPlace(run).folder) };
}

function stageIn(pipeline: PipelineJson, name: StateName): StageJson | undefined {
  const kind = STAGE_KINDS.find((kind) => kind === name);
  if (kind) return pipeline[kind];
  const extra = name.slice("extra.".length);
  return Object.hasOwn(pipeline.extras ?? {}, extra) ? pipeline.extras![extra] : undefined;
}

async function specOf({ plugin, options }: StageJson, catalog: Catalog): Promise<EnvSpec> {
  const stage = await use("env", plugin, options, catalog);
  const made = await stage.create(createContext({ seed: 0 }), { envs: 1 });
  await made.dispose?.();
  return made.spec;
}

/** What a teacher may suggest, where that is known without opening it. */
function candidatesOf(
  { plugin, options }: StageJson,
  env: EnvSpec,
  catalog: Catalog,
): readonly string[] | undefined {
  if (!Object.hasOwn(catalog.teacher, plugin)) return undefined;
  try {
    const { fits } = catalog.teacher[plugin]!.stage(options);
    const [grain, ...others] = fits.filter((trait): trait is Grain =>
      ["action", "subgoal", "plan", "reference"].includes(trait)
    );
    return grain !== undefined && others.length === 0 ? candidatesAt(env, grain) : undefined;
  } catch {
    return undefined; // a stage within it stands in its options
  }
}

/** The pipeline with other sources; a stage within another begins from a run's stage of the outer's kind. */
export async function withSources(
  pipeline: PipelineJson,
  change: (source: NamedSource) => Promise<StageSource>,
): Promise<PipelineJson> {
  const within = (value: unknown, stage: StateName) => changedWithin(value, stage, change);
  const stages: Record<string, unknown> = {};
  for (const kind of STAGE_KINDS) stages[kind] = await within(pipeline[kind], kind);
  const extras = Object.entries(pipeline.extras ?? {}).map(async ([name, extra]) =>
    [name, await within(extra, `extra.${name}`)] as const
  );
  return {
    ...pipeline,
    ...stages,
    ...pipeline.extras && { extras: Object.fromEntries(await Promise.all(extras)) },
  } as PipelineJson;
}

async function changedWithin(
  value: unknown,
  stage: StateName,
  change: (source: NamedSource) => Promise<StageSource>,
): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return await Promise.all(value.map((item) => changedWithin(item, stage, change)));
  }
  const entries = Object.entries(value).map(async ([key, item]) =>
    [key, await changedWithin(item, stage, change)] as const
  );
  const changed = Object.fromEntries(await Promise.all(entries));
  if (!isBegun(value)) return changed;
  const { from } = value;
  const source = typeof from === "string" ? { run: from } : from;
  return { ...changed, from: await change({ stage, ...source }) };
}

/** All that stages of a pipeline begin with. */
export async function sourcesIn(pipeline: PipelineJson): Promise<NamedSource[]> {
  const sources: NamedSource[] = [];
  await withSources(pipeline, (source) => {
    sources.push(source);
    return Promise.resolve(source);
  });
  return sources;
}

/** A stage in JSON, as it is written by a person too. */
function isBegun(value: object): value is { readonly from: string | StageSource } {
  const { plugin, from } = value as Partial<StageJson>;
  return typeof plugin === "string" && v.is(SOURCE, from);
}

function changed({ run, stage, sha256 }: NamedSource, now: string): TandemError {
  return new TandemError(
    "E_CHECKPOINT",
    `What the ${stage} of "${run}" had learned is not what is asked for: its SHA-256 is "${now}", and ` +
      `"${sha256}" would be right.`,
  );
}
