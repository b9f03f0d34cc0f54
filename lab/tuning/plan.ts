/** What is tuned: a space over a pipeline, for several variants with equal budgets, as a value. */
import { type PipelineJson, TandemError } from "@tandem/core";
import { Pcg64 } from "@tandem/core/kit";
import { canonical, sha256 } from "../digest.ts";
import type { MeasureId } from "../plan.ts";
import { testPlanOf } from "../test_plan.ts";
import type { Variant } from "../variants.ts";
import { batchesOf, type Method } from "./search.ts";
import type { Space } from "./space.ts";

/** A tuning run, as it round-trips through JSON. */
export interface TuningPlan {
  /** The format's number. */
  readonly tandem: 1;
  /** The pipeline that is tuned, with how long a whole trial is. */
  readonly pipeline: PipelineJson;
  /** What is tuned, each by a search of its own with the same budget. */
  readonly variants: readonly Variant[];
  /** Names of levels, or settings of the env as NAME=VALUE; none for the pipeline's own. */
  readonly levels: readonly string[];
  readonly space: Space;
  readonly method: Method;
  /** What the search of a variant costs, in whole trials. */
  readonly trials: number;
  /** Runs of a trial on each level, each with a seed of its own. */
  readonly seeds: number;
  /** Runs by which the best is measured in the end, with seeds that no search has used. */
  readonly freshSeeds: number;
  /** What is made better. */
  readonly primary: MeasureId;
  /** The success that counts as solved, above 0 and at most 1. */
  readonly threshold: number;
}

/** What changes how long a run is, or what it is measured on, and is no option to tune. */
const FIXED = /^(?:env(?:\.|$)|evaluation\.|schedule\.iterations$)/;
/** More runs of one plan would leave its own block of seeds. */
const [MOST_RUNS, MOST_FRESH] = [10_000, 1000] as const;

/**
 * A checked plan.
 *
 * @throws {TandemError} E_ARGUMENT
 */
export function defineTuning(plan: Omit<TuningPlan, "tandem">): TuningPlan {
  const { space, variants, levels, trials, seeds, freshSeeds } = plan;
  const lists = {
    variants: variants.map(({ name }) => name),
    levels,
    space: space.map(({ name }) => name),
  };
  for (const [what, names] of Object.entries(lists)) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw wrong(`The plan names "${twice}" twice among its ${what}.`);
    if (names.length === 0 && what !== "levels") throw wrong(`The plan has no ${what}.`);
  }
  expectTunable(plan);
  const runs = trials * seeds;
  if (runs > MOST_RUNS) {
    throw wrong(`A search of "${runs}" whole runs is too long: take ${MOST_RUNS} at most.`);
  }
  if (freshSeeds > MOST_FRESH) {
    throw wrong(`"${freshSeeds}" fresh seeds are too many: take ${MOST_FRESH} at most.`);
  }
  return { tandem: 1, ...plan };
}

/** @throws {TandemError} E_ARGUMENT where the budget or the task itself would be tuned. */
function expectTunable({ space, variants }: Omit<TuningPlan, "tandem">): void {
  const fixed = space.find(({ name }) => FIXED.test(name));
  if (fixed) {
    throw wrong(
      `The space has "${fixed.name}", which decides how long runs are or what they are measured on; ` +
        "tune options of the other stages, or of the rest of the schedule.",
    );
  }
  const longer = variants.find(({ settings }) =>
    settings.some((setting) => setting.startsWith("schedule.iterations="))
  );
  if (longer) {
    throw wrong(
      `The variant "${longer.name}" sets schedule.iterations; all variants of a tuning run the same steps.`,
    );
  }
}

/** The search of a variant. @param space The options that it has. */
export function searchOf(plan: TuningPlan, space: Space) {
  const { method, trials, pipeline: { schedule: { iterations } } } = plan;
  return { space, method, trials, iterations, seed: searchHash(plan) };
}

/** Runs of the search of a variant, and the iterations of each. */
export function plannedRuns(plan: TuningPlan): number[] {
  const each = plan.seeds * Math.max(1, plan.levels.length);
  return batchesOf(searchOf(plan, plan.space)).flatMap(({ size, iterations }) =>
    new Array<number>(size * each).fill(iterations)
  );
}

/**
 * The seeds of a trial. No comparison can be told them by `--seeds` and `--first-seed`, and the worlds
 * that they train on are those of seeds that end in 50,000 to 79,999.
 *
 * @param repeat How often the same was tried before: then it is tried with other seeds.
 */
export function searchSeeds(plan: TuningPlan, repeat: number): number[] {
  const first = blockOf(searchHash(plan)) + SEARCH + repeat * plan.seeds;
  return Array.from({ length: plan.seeds }, (_, i) => first + i);
}

/**
 * Seeds that no search uses, whichever its plan, drawn for this plan: a plan with more trials measures
 * what it finds with others. The worlds that they train on are those of seeds that end in 80,000 to
 * 99,999.
 */
export function freshSeedsOf(plan: TuningPlan): number[] {
  const hash = planHash(plan);
  const place = new Pcg64(wordsOf(hash)).integers(0, STRIDE - FRESH - MOST_FRESH);
  const first = blockOf(hash) + FRESH + place;
  return Array.from({ length: plan.freshSeeds }, (_, i) => first + i);
}

/** SHA-256 of all that decides what a tuning run comes to, names and descriptions left out. */
export function planHash(
  { method, trials, seeds, freshSeeds, primary, ...plan }: TuningPlan,
): string {
  const rest = { method, trials, seeds, freshSeeds, primary, threshold: plan.threshold };
  return sha256(canonical([searchHash({ ...rest, ...plan }), rest]));
}

/**
 * The hash that the draws and the seeds of a search depend on. Method, trials and measure are left out,
 * so that more trials and another method keep what was run.
 */
function searchHash({ pipeline, variants, levels, space }: TuningPlan): string {
  const compared = testPlanOf({ tandem: 1, pipeline, variants, levels, seeds: [0] })!;
  return sha256(canonical([compared, space]));
}

/** Runs of seeds that end alike train on the same worlds: a block begins where they do anew. */
const STRIDE = 100_000;
/** Where in a block the seeds of searches lie, and the fresh ones. */
const [SEARCH, FRESH] = [50_000, 80_000] as const;
/** Beyond all seeds that a comparison is told, and below those that are no whole numbers any more. */
const [FIRST, LAST] = [2 ** 51, 2 ** 52] as const;

function blockOf(hash: string): number {
  const blocks = Math.floor((LAST - FIRST) / STRIDE);
  const block = Math.floor(new Pcg64(wordsOf(hash)).random() * blocks);
  return (Math.ceil(FIRST / STRIDE) + block) * STRIDE;
}

function wordsOf(hash: string): number[] {
  return (hash.match(/.{8}/g) ?? []).map((word) => parseInt(word, 16));
}

function wrong(sentence: string): TandemError {
  return new TandemError("E_ARGUMENT", sentence);
}
