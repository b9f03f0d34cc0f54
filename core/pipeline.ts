/** A pipeline is a value: five stages and how often what happens. It runs nothing by itself. */
import * as v from "valibot";
import { TandemError } from "./errors.ts";
import type { StageJson } from "./nested.ts";
import { type OptionsOutput, parseOptions, quote } from "./options.ts";
import { type Catalog, type Stage, use } from "./plugin.ts";
import { STAGE_KINDS, type StageKind } from "./stages.ts";

const count = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));

/** How often what happens. */
export const SCHEDULE = {
  /** Rollouts, each followed by one update of the student. */
  iterations: v.optional(count(0), 40),
  /** Environments stepped together, N. */
  envs: v.optional(count(1), 64),
  /** Steps of a rollout, T. */
  steps: v.optional(count(1), 64),
  /** The feedback edge's cadence: verdicts reach the teacher every so many steps. */
  feedbackEvery: v.optional(count(1), 1),
} as const satisfies Record<string, v.GenericSchema>;

/** How a run is measured, on worlds that training never sees. */
export const EVALUATION = {
  /** Held-out episodes, one a seed. */
  episodes: v.optional(count(1), 200),
  /** Held-out states at which guidance is compared with the expert. */
  states: v.optional(count(1), 256),
  /** Iterations between evaluations; 0 evaluates at the start and the end alone. */
  every: v.optional(count(0), 0),
  /** Whether the end also tells what advice is worth: without the teacher, and word by word. */
  advice: v.optional(v.boolean(), false),
} as const satisfies Record<string, v.GenericSchema>;

/** Chosen stages by kind. */
export type StageChoice = { readonly [K in StageKind]: Stage<K> };

/** What {@linkcode definePipeline} takes. */
export interface PipelineDefinition extends StageChoice {
  readonly name: string;
  readonly description?: string;
  readonly schedule?: Partial<Schedule>;
  readonly evaluation?: Partial<Evaluation>;
}

/** The parsed {@linkcode SCHEDULE}. */
export type Schedule = OptionsOutput<typeof SCHEDULE>;
/** The parsed {@linkcode EVALUATION}. */
export type Evaluation = OptionsOutput<typeof EVALUATION>;

/** What may be replaced in a pipeline. */
export type PipelineChange =
  & Partial<StageChoice>
  & { readonly name?: string; schedule?: Partial<Schedule>; evaluation?: Partial<Evaluation> };

/** A checked pipeline. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly stages: StageChoice;
  readonly schedule: Schedule;
  readonly evaluation: Evaluation;
  /** The same pipeline with some stages or options replaced. */
  with(change: PipelineChange): Pipeline;
  toJSON(): PipelineJson;
}

/** A pipeline as JSON: code by plugin name, options in full. */
export type PipelineJson =
  & { readonly tandem: 1; readonly name: string; readonly description: string }
  & Record<StageKind, StageJson>
  & { schedule: Schedule; evaluation: Evaluation };

/**
 * Defines a pipeline and checks its wiring.
 *
 * @throws {TandemError} E_PIPELINE for a missing stage, E_SLOT for a plugin in the wrong stage,
 * E_OPTION for a bad option, E_WIRING where the parts do not fit.
 */
export function definePipeline(definition: PipelineDefinition): Pipeline {
  const stages = Object.fromEntries(
    STAGE_KINDS.map((kind) => [kind, checkSlot(kind, definition[kind])]),
  ) as unknown as StageChoice;
  const schedule = parseOptions(SCHEDULE, definition.schedule ?? {}, "schedule");
  const evaluation = parseOptions(EVALUATION, definition.evaluation ?? {}, "evaluation");
  if (schedule.feedbackEvery > schedule.steps) {
    throw new TandemError(
      "E_WIRING",
      `schedule.feedbackEvery is "${schedule.feedbackEvery}", more than the "${schedule.steps}" ` +
        `steps of a rollout: no verdict would ever be given.`,
    );
  }
  const { name, description = "" } = definition;
  return {
    name,
    description,
    stages,
    schedule,
    evaluation,
    with: (change) =>
      definePipeline({
        name: change.name ?? name,
        description,
        ...stages,
        ...dropUndefined(pickStages(change)),
        schedule: { ...schedule, ...change.schedule },
        evaluation: { ...evaluation, ...change.evaluation },
      }),
    toJSON: () => ({
      tandem: 1,
      name,
      description,
      ...stageTable((kind) => stages[kind].toJSON()),
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
    schedule: v.optional(v.record(v.string(), v.unknown()), {}),
    evaluation: v.optional(v.record(v.string(), v.unknown()), {}),
  });
  const parsed = v.safeParse(shape, json, { abortEarly: true });
  if (!parsed.success) throw malformed(parsed.issues[0]);
  const known = new Set<string>([...Object.keys(shape.entries), ...STAGE_KINDS]);
  const extra = Object.keys(parsed.output).find((key) => !known.has(key));
  if (extra) throw new TandemError("E_PIPELINE", `A pipeline has no part "${extra}".`);
  const stages: Partial<Record<StageKind, Stage>> = {};
  for (const kind of STAGE_KINDS) {
    const slot = v.safeParse(
      v.object({ plugin: v.string(), options: v.optional(v.record(v.string(), v.unknown()), {}) }),
      parsed.output[kind],
      { abortEarly: true },
    );
    if (!slot.success) throw malformed(slot.issues[0], kind);
    stages[kind] = await use(kind, slot.output.plugin, slot.output.options, catalog);
  }
  return definePipeline({ ...parsed.output, ...stages as unknown as StageChoice });
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

function checkSlot<K extends StageKind>(kind: K, stage: Stage<K> | undefined): Stage<K> {
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
  return stage;
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
