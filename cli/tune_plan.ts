/** The tuning plan that a module and the command line describe. */
import * as v from "valibot";
import { TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { isPipeline, type Pipeline } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { applySettings } from "../experiments/settings.ts";
import { type MeasureId, MEASURES } from "../lab/plan.ts";
import { dimensionOf } from "../lab/tuning/dimension.ts";
import { defineTuning, type TuningPlan } from "../lab/tuning/plan.ts";
import { type Method, METHODS } from "../lab/tuning/search.ts";
import { findVariants, parseVariant } from "../lab/variants.ts";
import { loadModule } from "./load.ts";

/** What the plan is made of, as the command line has it. */
export interface TuneOptions {
  readonly variants?: readonly string[];
  readonly variant: readonly string[];
  readonly levels?: readonly string[];
  readonly method?: Method;
  readonly trials?: number;
  readonly seeds?: number;
  readonly freshSeeds?: number;
  readonly primary?: MeasureId;
  readonly threshold?: number;
  readonly iterations?: number;
  readonly evaluations: number;
  readonly set: readonly string[];
}

/** What is done where neither the file nor the command line says otherwise. */
const DEFAULTS = {
  method: "tpe",
  trials: 20,
  seeds: 2,
  freshSeeds: 10,
  primary: "final",
  threshold: 0.9,
} as const;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const names = v.pipe(v.array(v.string()), v.minLength(1));

/** What a plan's module exports beside its pipeline. */
const EXPORTS = v.object({
  space: v.custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    'write export const space = { "student.learningRate": logBetween(1e-4, 1e-1) }',
  ),
  variants: v.optional(names),
  levels: v.optional(names),
  search: v.optional(
    v.strictObject({
      method: v.optional(v.picklist(METHODS)),
      trials: v.optional(count),
      seeds: v.optional(count),
      freshSeeds: v.optional(count),
      primary: v.optional(v.picklist(MEASURES)),
      threshold: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
    }),
    {},
  ),
});

/**
 * The plan of a module: `export default` a pipeline, `export const space` schemas by the names of
 * settings, and where they differ from the usual `variants`, `levels` and `search`. What is typed comes
 * before what it says.
 *
 * @throws {TandemError} E_FILE, E_PIPELINE where it is no plan, and as {@linkcode defineTuning}.
 */
export async function tuningPlanOf(
  file: string,
  options: TuneOptions,
  catalog: Catalog,
): Promise<TuningPlan> {
  const module = await loadModule(file);
  const said = exportsOf(file, module);
  const own = options.variant.map(parseVariant);
  const named = options.variants ?? (own.length > 0 ? [] : said.variants ?? ["bidirectional"]);
  // A name of the file's own is told with its settings, as --variant takes them.
  const described = named.filter((name) => name.includes("=")).map(parseVariant);
  const variants = [...named.map((name) => name.split("=")[0]!), ...own.map(({ name }) => name)];
  const pipeline = await measured(module.default as Pipeline, options, catalog);
  const chosen = {
    ...DEFAULTS,
    ...defined(said.search),
    ...defined({
      method: options.method,
      trials: options.trials,
      seeds: options.seeds,
      freshSeeds: options.freshSeeds,
      primary: options.primary,
      threshold: options.threshold,
    }),
  };
  return defineTuning({
    pipeline: pipeline.toJSON(),
    variants: findVariants(variants, [...own, ...described]),
    levels: options.levels ?? said.levels ?? [],
    space: Object.entries(said.space).map(([name, schema]) => dimensionOf(name, schema)),
    ...chosen,
  });
}

function exportsOf(file: string, module: Readonly<Record<string, unknown>>) {
  const shown = outsideText(file);
  if (!isPipeline(module.default)) {
    throw new TandemError(
      "E_PIPELINE",
      `"${shown}" does not export a pipeline; write export default pipeline beside its space.`,
    );
  }
  const parsed = v.safeParse(EXPORTS, module, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new TandemError(
    "E_PIPELINE",
    module.space === undefined
      ? `"${shown}" exports no space; write export const space = { "student.learningRate": logBetween(1e-4, 1e-1) }.`
      : `The "${path}" that "${shown}" exports is malformed: ${issue.message}.`,
  );
}

/** The pipeline as it is run, with so many measurements in a run. */
async function measured(
  pipeline: Pipeline,
  { iterations, evaluations, set }: TuneOptions,
  catalog: Catalog,
): Promise<Pipeline> {
  const long = iterations === undefined ? pipeline : pipeline.with({ schedule: { iterations } });
  const whole = await applySettings(long, set, catalog);
  const every = Math.max(1, Math.ceil(whole.schedule.iterations / evaluations));
  return whole.with({ evaluation: { every, advice: false } });
}

function defined<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}
