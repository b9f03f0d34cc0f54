/** A pipeline is a value: five stages and how often what happens. It runs nothing by itself. */
import * as v from "valibot";
import { didYouMean, TandemError } from "../base/errors.ts";
import { BEGINNING, beginning, startingFrom } from "./beginning.ts";
import { expectContract } from "./contract.ts";
import type { StageJson } from "./stage.ts";
import { checkEnvFit, checkTeacherFit, type Fitting } from "./fitting.ts";
import { anyObject, parseOptions, quote } from "./options.ts";
import { type Catalog, type StageSpec, use } from "./plugin.ts";
import { checkSchedule, EVALUATION, SCHEDULE } from "./schedule.ts";
import type { Evaluation, Schedule } from "./schedule_types.ts";
import { type PluginKind, STAGE_KINDS, type StageKind, type Trait } from "../stages/mod.ts";

/** Chosen stages by kind. */
export type StageChoice = { readonly [K in StageKind]: StageSpec<K> };

/** Extra stages by the names that the pipeline gives them. */
export type ExtraChoice = Readonly<Record<string, StageSpec<"extra">>>;

/** What {@linkcode definePipeline} takes. */
export interface PipelineDefinition extends StageChoice {
  /** What the pipeline is called in reports and folders. */
  readonly name: string;
  /** One line that says what it is for. */
  readonly description?: string;
  /** Stages beside the five, asked in this order. */
  readonly extras?: ExtraChoice;
  /** How often what happens; defaults for what is left out. */
  readonly schedule?: Partial<Schedule>;
  /** How it is measured; defaults for what is left out. */
  readonly evaluation?: Partial<Evaluation>;
}

/** What may be replaced in a pipeline. */
export type PipelineChange = Partial<StageChoice> & {
  /** Another name. */
  readonly name?: string;
  /** Extra stages to add or replace; undefined takes one away. */
  readonly extras?: Readonly<Record<string, StageSpec<"extra"> | undefined>>;
  /** Parts of the schedule that change. */
  readonly schedule?: Partial<Schedule>;
  /** Parts of the evaluation that change. */
  readonly evaluation?: Partial<Evaluation>;
};

/** A checked pipeline. */
export interface Pipeline {
  /** What the pipeline is called in reports and folders. */
  readonly name: string;
  /** One line that says what it is for; may be empty. */
  readonly description: string;
  /** The five stages by kind. */
  readonly stages: StageChoice;
  /** Stages beside the five, by name. */
  readonly extras: ExtraChoice;
  /** How often what happens. */
  readonly schedule: Schedule;
  /** How it is measured. */
  readonly evaluation: Evaluation;
  /** The same pipeline with some stages or options replaced. */
  with(change: PipelineChange): Pipeline;
  /** As JSON, from which {@linkcode pipelineFromJson} makes it again. */
  toJSON(): PipelineJson;
}

/** A pipeline as JSON: code by plugin name, options in full. */
export type PipelineJson =
  & { readonly tandem: 1; readonly name: string; readonly description: string }
  & Record<StageKind, StageJson>
  & { readonly extras?: Readonly<Record<string, StageJson>> }
  & { schedule: Schedule; evaluation: Evaluation };

/**
 * Defines a pipeline and checks its wiring. A student that cannot take what the env shows or how the
 * teacher speaks does not compile, where the plugins declare what fits.
 *
 * @throws {TandemError} E_PIPELINE for a missing stage, E_SLOT for a plugin in the wrong stage,
 * E_OPTION for a bad option, E_WIRING where the parts do not fit.
 */
export function definePipeline<E extends Trait, G extends Trait, S extends Trait>(
  definition: PipelineDefinition & {
    readonly env: StageSpec<"env", E>;
    readonly teacher: StageSpec<"teacher", G>;
    readonly student: StageSpec<"student", S> & Fitting<E, G, S>;
  },
): Pipeline {
  return checkPipeline(definition);
}

function checkPipeline(definition: PipelineDefinition): Pipeline {
  const stages = Object.fromEntries(
    STAGE_KINDS.map((kind) => [kind, checkSlot(kind, definition[kind])]),
  ) as unknown as StageChoice;
  checkEnvFit(stages.student, stages.env);
  checkTeacherFit(stages.student, stages.teacher);
  const { extras = {} } = definition;
  if (![Object.prototype, null].includes(Object.getPrototypeOf(extras))) {
    throw unfitName("__proto__");
  }
  for (const [name, extra] of Object.entries(extras)) {
    checkExtraName(name);
    checkSlot("extra", extra);
  }
  const named = Object.fromEntries(
    Object.entries(extras).map(([name, extra]) => [name, fromItsLike(name, extra)]),
  );
  const schedule = parseOptions(SCHEDULE, definition.schedule ?? {}, "schedule");
  const evaluation = parseOptions(EVALUATION, definition.evaluation ?? {}, "evaluation");
  checkSchedule(schedule);
  const { name, description = "" } = definition;
  return {
    name,
    description,
    stages,
    extras: named,
    schedule,
    evaluation,
    with: (change) =>
      checkPipeline({
        name: change.name ?? name,
        description,
        ...stages,
        ...dropUndefined(pickStages(change)),
        extras: dropUndefined({ ...named, ...change.extras }) as ExtraChoice,
        schedule: { ...schedule, ...change.schedule },
        evaluation: { ...evaluation, ...change.evaluation },
      }),
    toJSON: () => ({
      tandem: 1,
      name,
      description,
      ...stageTable((kind) => stages[kind].toJSON()),
      ...extrasJson(named),
      schedule,
      evaluation,
    }),
  };
}

/**
 * The pipeline that {@linkcode Pipeline.toJSON} described.
 *
 * @param json What was saved.
 * @param catalog The plugins that names stand for.
 * @throws {TandemError} E_PIPELINE for a malformed document, and as {@linkcode definePipeline}.
 */
export async function pipelineFromJson(json: unknown, catalog: Catalog): Promise<Pipeline> {
  const shape = v.looseObject({
    tandem: v.literal(1),
    name: v.string(),
    description: v.optional(v.string(), ""),
    extras: v.optional(anyObject, {}),
    schedule: v.optional(anyObject, {}),
    evaluation: v.optional(anyObject, {}),
  });
  const parsed = v.safeParse(shape, json, { abortEarly: true });
  if (!parsed.success) throw malformed(parsed.issues[0]);
  expectParts(Object.keys(json as object), [...Object.keys(shape.entries), ...STAGE_KINDS]);
  const stages: Partial<Record<StageKind, StageSpec>> = {};
  for (const kind of STAGE_KINDS) {
    stages[kind] = await stageFromJson(kind, kind, parsed.output[kind], catalog);
  }
  const extras: Record<string, StageSpec<"extra">> = {};
  for (const [name, json] of Object.entries(parsed.output.extras)) {
    checkExtraName(name);
    extras[name] = await stageFromJson("extra", `extras.${name}`, json, catalog);
  }
  return checkPipeline({ ...parsed.output, ...stages as unknown as StageChoice, extras });
}

/** @throws {TandemError} E_PIPELINE for a part that no pipeline has. */
function expectParts(parts: readonly string[], known: readonly string[]): void {
  const strange = parts.find((part) => !known.includes(part));
  if (strange === undefined) return;
  throw new TandemError(
    "E_PIPELINE",
    `A pipeline has no part ${quote(strange)}.${didYouMean(strange, known)}`,
  );
}

async function stageFromJson<K extends PluginKind>(
  kind: K,
  part: string,
  json: unknown,
  catalog: Catalog,
): Promise<StageSpec<K>> {
  const shape = v.object({
    plugin: v.string(),
    options: v.optional(anyObject, {}),
    ...BEGINNING,
  });
  const slot = v.safeParse(shape, json, { abortEarly: true });
  if (!slot.success) throw malformed(slot.issues[0], part);
  const { plugin, options, ...begins } = slot.output;
  return beginning(await use(kind, plugin, options, catalog), begins);
}

/** Whether a value is a pipeline made by {@linkcode definePipeline}. */
export function isPipeline(value: unknown): value is Pipeline {
  return typeof value === "object" && value !== null && "stages" in value && "schedule" in value &&
    "toJSON" in value && "with" in value;
}

/** A table over the kinds of stages. */
export function stageTable<T>(make: (kind: StageKind) => T): Record<StageKind, T> {
  return Object.fromEntries(STAGE_KINDS.map((kind) => [kind, make(kind)])) as Record<StageKind, T>;
}

function checkSlot<K extends PluginKind>(kind: K, stage: StageSpec<K> | undefined): StageSpec<K> {
  if (stage === undefined) {
    throw new TandemError("E_PIPELINE", `The pipeline has no stage "${kind}".`);
  }
  if (typeof stage === "function") {
    throw new TandemError(
      "E_PIPELINE",
      `The stage "${kind}" is a plugin that was not called: write ${kind}: plugin().`,
    );
  }
  if (stage.kind !== kind) {
    throw new TandemError(
      "E_SLOT",
      `"${stage.plugin}" is a plugin of the stage ${stage.kind} and cannot stand in ${kind}.`,
    );
  }
  expectContract(stage, stage.plugin);
  return stage;
}

/** @throws {TandemError} E_PIPELINE for a name that could not be that of a file as well. */
function checkExtraName(name: string): void {
  if (/^[\w-]{1,64}$/.test(name) && !NO_NAMES.includes(name)) return;
  throw unfitName(name);
}

/** Names that objects have a use of their own for: a stage under one would be lost. */
const NO_NAMES: readonly string[] = ["__proto__", "constructor", "prototype"];

function unfitName(name: string): TandemError {
  const right = NO_NAMES.includes(name) ? "any other name" : `letters, digits, "_" and "-"`;
  return new TandemError(
    "E_PIPELINE",
    `An extra stage is named ${quote(name)}; right would be ${right}.`,
  );
}

/** An extra stage that begins from a run begins from that of its own name, unless it names one. */
function fromItsLike(name: string, extra: StageSpec<"extra">): StageSpec<"extra"> {
  const { from } = extra;
  return !from || from.stage ? extra : startingFrom(extra, { ...from, stage: `extra.${name}` });
}

/** Nothing for a pipeline without extra stages. */
function extrasJson(extras: ExtraChoice): Pick<PipelineJson, "extras"> {
  const entries = Object.entries(extras).map(([name, extra]) => [name, extra.toJSON()]);
  return entries.length ? { extras: Object.fromEntries(entries) } : {};
}

function pickStages(change: PipelineChange): Partial<StageChoice> {
  return stageTable((kind) => change[kind]) as unknown as Partial<StageChoice>;
}

function dropUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  ) as Partial<T>;
}

function malformed(issue: v.BaseIssue<unknown>, part = ""): TandemError {
  const path = [part, ...(issue.path ?? []).map((item) => String(item.key))].filter(Boolean).join(
    ".",
  );
  return new TandemError(
    "E_PIPELINE",
    `The pipeline's "${path || "document"}" is ${quote(issue.input)}: ${issue.message}.`,
  );
}
