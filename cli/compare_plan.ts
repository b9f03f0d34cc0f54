/** The plan that `compare` is asked for, and how its results are judged. */
import { TandemError } from "../core/base/errors.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import type { LearnedRuns } from "../experiments/learned_runs.ts";
import { pinnedPlan } from "../experiments/pinned_plan.ts";
import { applySettings } from "../experiments/settings.ts";
import type { Question } from "../lab/comparison/results.ts";
import {
  definePlan,
  type Judgement,
  looksLikePlan,
  type MeasureId,
  type Plan,
  planFromJson,
} from "../lab/plan.ts";
import { findVariants, parseVariant } from "../lab/variants.ts";
import { isJson, loadPipeline, readJson } from "./load.ts";
import type { SeedRange } from "./parse.ts";
import type { Owner } from "./permission/owner.ts";
import { TunedVariants } from "./tuned.ts";

/** What the plan is made of, as the command line has it. */
export interface PlanOptions {
  readonly variants?: readonly string[];
  readonly variant: readonly string[];
  readonly levels?: readonly string[];
  readonly seeds?: number | SeedRange;
  readonly until?: "decided";
  readonly lookEvery?: number;
  readonly firstSeed: number;
  readonly iterations?: number;
  readonly evaluations: number;
  readonly set: readonly string[];
  readonly baseline?: string;
  readonly threshold?: number;
  readonly primary?: MeasureId;
  readonly margin?: number;
  readonly worlds: NonNullable<Plan["worlds"]>;
  readonly sandbox: boolean;
}

/** A plan with the plugins that it may name. */
export interface SpokenPlan {
  readonly plan: Plan;
  readonly speaker: Catalog;
}

/** Seeds of a plan, where none are named: of one that looks once, and of one that stops when it is decided. */
const [SEEDS, RANGE] = [5, { first: 5, bound: 30 }] as const;
const SOLVED = 0.9;

/** The plan that the arguments describe, which is their owner's word, or that the file holds. */
export async function planOf(
  file: string,
  options: PlanOptions,
  owner: Owner,
  catalog: Catalog,
  runs: LearnedRuns,
): Promise<SpokenPlan> {
  const reading = { sandbox: options.sandbox, hasSandboxFlag: true };
  const json = isJson(file) ? await readJson(file) : undefined;
  if (looksLikePlan(json)) {
    const speaker = await owner.ofDocument({ document: file, ...reading });
    const plan = await pinnedPlan(planFromJson(json), runs);
    if (options.until) throw lookedAt(plan);
    return { plan: definePlan({ ...plan, ...judgementIn(options) }), speaker };
  }
  const { variants, variant, levels = [], firstSeed, iterations } = options;
  const tuned = new TunedVariants(owner);
  const own = tuned.within(variant.map(parseVariant));
  const said = variants ?? [...(own.length > 0 ? [] : ["paper"]), ...own.map(({ name }) => name)];
  const names = tuned.named(said);
  const { looks, seeds } = seedsOf(options);
  let { pipeline } = await loadPipeline(file, { owner, ...reading });
  if (iterations !== undefined) pipeline = pipeline.with({ schedule: { iterations } });
  pipeline = measuredOften(pipeline, options.evaluations);
  pipeline = await applySettings(pipeline, options.set, catalog);
  await tuned.expectAllowed(pipeline, options.sandbox);
  const plan = definePlan({
    pipeline: pipeline.toJSON(),
    variants: findVariants(names, [...own, ...tuned.all]),
    levels,
    seeds: Array.from({ length: seeds }, (_, i) => firstSeed + i),
    ...options.worlds === "development" && { worlds: options.worlds },
    ...judgementIn(options),
    ...(looks && { looks, primary: options.primary ?? "final" }),
  });
  return { plan: await pinnedPlan(plan, runs), speaker: catalog };
}

/** How a plan's results are judged. */
export function questionOf(plan: Plan): Question {
  const names = plan.variants.map(({ name }) => name);
  const usual = names.includes("alone") ? "alone" : names[0]!;
  const { baseline = usual, threshold = SOLVED, primary, margin } = plan;
  return { baseline, threshold, primary, margin };
}

/** What the command line says of it. */
function judgementIn({ baseline, threshold, primary, margin }: PlanOptions): Judgement {
  const said = Object.entries({ baseline, threshold, primary, margin });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** How many seeds there are at most, and after how many one looks. */
function seedsOf({ seeds, until, lookEvery }: PlanOptions): { seeds: number; looks?: number[] } {
  if (until === undefined) {
    if (typeof seeds === "object" || lookEvery !== undefined) {
      const what = typeof seeds === "object"
        ? `--seeds ${seeds.first}..${seeds.bound}`
        : "--look-every";
      throw new TandemError("E_ARGUMENT", `${what} needs --until decided, which adds seeds.`);
    }
    return { seeds: seeds ?? SEEDS };
  }
  if (typeof seeds === "number") {
    throw new TandemError(
      "E_ARGUMENT",
      `--until decided needs the first look and the bound, such as --seeds 5..30, in place of "${seeds}".`,
    );
  }
  const { first, bound } = seeds ?? RANGE;
  const looks: number[] = [];
  for (let count = first; count < bound; count += lookEvery ?? 1) looks.push(count);
  return { seeds: bound, looks: [...looks, bound] };
}

function lookedAt({ looks }: Plan): TandemError {
  return new TandemError(
    "E_ARGUMENT",
    looks
      ? "The plan says itself when one looks and stops; leave --until out."
      : "--until is for a new plan, and this one was made to be looked at once.",
  );
}

/** The pipeline with so many measurements in a run, and of what advice is worth. */
function measuredOften(pipeline: Pipeline, evaluations: number): Pipeline {
  const every = Math.max(1, Math.ceil(pipeline.schedule.iterations / evaluations));
  return pipeline.with({ evaluation: { every, advice: true } });
}
