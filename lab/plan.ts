/** A plan: variants x levels x seeds, as a value. */
import * as v from "valibot";
import { type PipelineJson, TandemError, type WorldSet } from "@tandem/core";
import { didYouMean } from "@tandem/core/internal";
import type { Variant } from "./variants.ts";

/** What runs may be compared by: success at the end, over the whole of training, steps until solved. */
export const MEASURES = ["final", "area", "steps"] as const;

/** The name of a measure. */
export type MeasureId = typeof MEASURES[number];

/** How a plan's results are judged, as far as it says. */
export interface Judgement {
  /** The variant that the others are compared with. */
  readonly baseline?: string;
  /** The success that counts as solved, above 0 and at most 1. */
  readonly threshold?: number;
  /** The measure that the plan is about; the others are told beside it. */
  readonly primary?: MeasureId;
  /** The difference in scores that is too small to matter, above 0 and below 1. */
  readonly margin?: number;
  /** Seed counts after which one looks and may stop, ascending; the last is that of all seeds. */
  readonly looks?: readonly number[];
}

/** What shall be compared. It round-trips through JSON. */
export interface Plan extends Judgement {
  /** The format's number. */
  readonly tandem: 1;
  /** The pipeline that is varied, with how long and how it is measured. */
  readonly pipeline: PipelineJson;
  /** What is compared. */
  readonly variants: readonly Variant[];
  /** Names of levels, or settings of the env as NAME=VALUE; none for the pipeline's own. */
  readonly levels: readonly string[];
  /** A run a variant, level and seed. */
  readonly seeds: readonly number[];
  /**
   * On which worlds the end of its runs is measured: on test worlds, drawn for this plan, unless it says
   * "development"; then on those that every run is measured on.
   */
  readonly worlds?: Exclude<WorldSet, "training">;
}

/** One run of a plan. */
export interface Trial {
  /** What is tried. */
  readonly variant: Variant;
  /** A level of the plan; null for the pipeline's own. */
  readonly level: string | null;
  /** The run's seed. */
  readonly seed: number;
}

/**
 * A checked plan.
 *
 * @throws {TandemError} E_ARGUMENT where something is missing or named twice.
 */
export function definePlan(plan: Omit<Plan, "tandem">): Plan {
  const { pipeline, variants, levels, seeds, worlds, ...judgement } = plan;
  const lists = { variants: variants.map(({ name }) => name), levels, seeds };
  for (const [what, names] of Object.entries<readonly (string | number)[]>(lists)) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      throw new TandemError("E_ARGUMENT", `The plan names "${twice}" twice among its ${what}.`);
    }
    if (names.length === 0 && what !== "levels") {
      throw new TandemError("E_ARGUMENT", `The plan has no ${what}.`);
    }
  }
  expectJudgement(judgement, plan);
  return { tandem: 1, pipeline, variants, levels, seeds, ...worlds && { worlds }, ...judgement };
}

function expectJudgement(
  { baseline, looks }: Judgement,
  { variants, seeds }: Omit<Plan, "tandem">,
) {
  const names = variants.map(({ name }) => name);
  if (baseline !== undefined && !names.includes(baseline)) {
    const hint = didYouMean(baseline, names) || ` It has ${names.join(", ")}.`;
    throw new TandemError("E_ARGUMENT", `The plan has no variant "${baseline}".${hint}`);
  }
  if (looks === undefined) return;
  const ascend = looks.every((count, k) => count > (looks[k - 1] ?? 1));
  if (ascend && looks.at(-1) === seeds.length) return;
  throw new TandemError(
    "E_ARGUMENT",
    `The plan's looks "${looks.join(", ")}" must ascend from 2 seeds on to its ${seeds.length}.`,
  );
}

const PLAN = v.strictObject({
  tandem: v.literal(1),
  pipeline: v.looseObject({ tandem: v.literal(1), name: v.string() }),
  variants: v.array(v.strictObject({
    name: v.string(),
    settings: v.optional(v.array(v.string()), []),
    about: v.optional(v.string(), ""),
  })),
  levels: v.optional(v.array(v.string()), []),
  seeds: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  worlds: v.optional(v.picklist(["development", "test"])),
  baseline: v.optional(v.string()),
  threshold: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  primary: v.optional(v.picklist(MEASURES)),
  margin: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1))),
  looks: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger())), v.minLength(1))),
});

/** Whether JSON is meant as a plan rather than as a pipeline. */
export function looksLikePlan(json: unknown): boolean {
  return typeof json === "object" && json !== null && "variants" in json;
}

/**
 * The plan that JSON describes. Its pipeline is not judged here.
 *
 * @throws {TandemError} E_PIPELINE for a malformed document, E_ARGUMENT as {@linkcode definePlan}.
 */
export function planFromJson(json: unknown): Plan {
  const parsed = v.safeParse(PLAN, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = (issue.path ?? []).map(({ key }) => String(key)).join(".") || "document";
    throw new TandemError("E_PIPELINE", `The plan's "${path}" is malformed: ${issue.message}.`);
  }
  const { pipeline, ...rest } = parsed.output;
  return definePlan({ ...rest, pipeline: pipeline as unknown as PipelineJson });
}

/**
 * The runs of a plan: seed by seed, then level by level, all variants side by side, so that what is
 * done first can be compared first.
 */
export function trialsOf({ variants, levels, seeds }: Plan): Trial[] {
  const places = levels.length > 0 ? levels : [null];
  return seeds.flatMap((seed) =>
    places.flatMap((level) => variants.map((variant) => ({ variant, level, seed })))
  );
}

/** The setting that brings a pipeline to a level, or undefined for its own. */
export function levelSetting(level: string | null): string | undefined {
  if (level === null) return undefined;
  return level.includes("=") ? `env.${level}` : `env.level=${level}`;
}

/** A trial in a few words. */
export function trialName({ variant, level, seed }: Trial): string {
  return [variant.name, level, `seed ${seed}`].filter((part) => part !== null).join(", ");
}
