/** What a tuning run came to: what was tried, the best of each variant, and what it is worth. */
import { Pcg64 } from "@tandem/core/kit";
import { type Measure, measuresFor } from "../comparison/measures.ts";
import { type Interval, pairedBootstrap } from "../statistics/bootstrap.ts";
import { pairedPermutation } from "../statistics/hypothesis.ts";
import { mean } from "../statistics/sample.ts";
import type { TrialOutcome } from "../store.ts";
import type { TrialRecord } from "../trial.ts";
import type { Variant } from "../variants.ts";
import { type Importance, importanceOf } from "./importance.ts";
import type { TuningPlan } from "./plan.ts";
import { byScore, type Configuration, configurationKey, type Space, type Tried } from "./space.ts";

/** A run and what it came to. */
export interface TunedRun {
  readonly level: string | null;
  readonly seed: number;
  readonly outcome: TrialOutcome;
}

/** A configuration that was tried. */
export interface Attempt {
  /** From 1, by variant. */
  readonly number: number;
  /** From 0. */
  readonly batch: number;
  readonly configuration: Configuration;
  /** The same as `--set` takes it, with what keeps its steps equal to those of the others. */
  readonly settings: readonly string[];
  /** Of a run of the plan's pipeline with as many steps. */
  readonly iterations: number;
  readonly runs: readonly TunedRun[];
}

/** The search of one variant. */
export interface VariantSearch {
  readonly variant: Variant;
  /** The options that the variant has, and the names of those that it has not. */
  readonly space: Space;
  readonly missing: readonly string[];
  /** Those that have ended, in order. */
  readonly attempts: readonly Attempt[];
  /** Runs with fresh seeds, seed by seed, as far as they were run. */
  readonly fresh: {
    readonly tuned: readonly TunedRun[];
    readonly untuned: readonly TunedRun[];
  };
}

/** The best that a search has found. */
export interface Best {
  readonly configuration: Configuration;
  readonly settings: readonly string[];
  /** The value of the primary measure in the search, a mean over its runs: too good, since it was chosen by it. */
  readonly value: number;
  readonly runs: number;
  /** Other configurations that came to the same. */
  readonly tied: number;
}

/** A mean and its 95 % bootstrap interval over seeds. */
export interface Estimate {
  readonly mean: number;
  readonly ci95: Interval;
  readonly seeds: number;
}

/** What the best is worth on fresh seeds. */
export interface Worth {
  readonly tuned: Estimate;
  readonly untuned: Estimate;
  /** Tuned less untuned, paired by seed. */
  readonly difference: Estimate;
  /** Of a paired permutation test of it, two-sided. */
  readonly p: number;
}

/** What was spent on runs. */
export interface Spent {
  readonly runs: number;
  readonly failed: number;
  readonly envSteps: number;
  /** By the clock, measuring among them. */
  readonly seconds: number;
  /** Processor seconds of the runs' own threads; null where they are not known of all. */
  readonly processorSeconds: number | null;
  readonly questions: number;
  readonly tokens: number;
}

/** Seed of the resampling: the same runs give the same intervals. */
const RANDOM_SEED = 10;

/** What a tuning run came to. */
export class TuningResults {
  /** What is made better. Success is not scored: the level is the same for all. */
  readonly measure: Measure;

  /** @param searches In the order of the plan's variants. */
  constructor(readonly plan: TuningPlan, readonly searches: readonly VariantSearch[]) {
    this.measure = measuresFor(plan.threshold, "success").find(({ id }) => id === plan.primary)!;
  }

  /** The mean of the primary measure over runs; undefined where one failed. */
  valueOf(runs: readonly TunedRun[]): number | undefined {
    const records = recordsOf(runs);
    if (records.length < runs.length || runs.length === 0) return undefined;
    return mean(records.map((record) => this.measure.of(record)));
  }

  /** The same as a score, of which more is better; -Infinity where a run failed. */
  scoreOf(runs: readonly TunedRun[]): number {
    const value = this.valueOf(runs);
    if (value === undefined) return -Infinity;
    return this.measure.better === "higher" ? value : -value;
  }

  /** What attempts came to. */
  tried(attempts: readonly Attempt[]): Tried[] {
    return attempts.map(({ configuration, runs }) => ({
      configuration,
      score: this.scoreOf(runs),
    }));
  }

  /** The best of the attempts that were run to their end; undefined where none ended well. */
  bestOf({ attempts }: VariantSearch): Best | undefined {
    const whole = attempts.filter(({ iterations }) =>
      iterations === this.plan.pipeline.schedule.iterations
    );
    // What was tried more than once counts by all of its runs.
    const groups = [...Map.groupBy(whole, ({ configuration }) => configurationKey(configuration))]
      .map(([, group]) => {
        const runs = group.flatMap((attempt) => attempt.runs);
        return { ...group[0]!, runs, score: this.scoreOf(runs) };
      });
    const [first] = groups.toSorted(byScore);
    if (!first || first.score === -Infinity) return undefined;
    const tied = groups.filter(({ score }) => score === first.score).length - 1;
    const { configuration, settings, runs } = first;
    return { configuration, settings, value: this.valueOf(runs)!, runs: runs.length, tied };
  }

  /** What the best is worth on fresh seeds; undefined where a run is missing or failed. */
  worthOf({ fresh }: VariantSearch): Worth | undefined {
    const [tuned, untuned] = [fresh.tuned, fresh.untuned].map((runs) => this.#bySeed(runs));
    if (!tuned || !untuned || tuned.length !== this.plan.freshSeeds) return undefined;
    if (untuned.length !== tuned.length) return undefined;
    return {
      tuned: estimate(tuned),
      untuned: estimate(untuned),
      difference: estimate(tuned.map((value, i) => value - untuned[i]!)),
      p: pairedPermutation(tuned, untuned, new Pcg64(RANDOM_SEED)).pValue,
    };
  }

  /** How much each option of a search decides, by its first and widest batch or by all of equal length. */
  importanceOf({ space, attempts }: VariantSearch): Importance[] | undefined {
    const iterations = attempts[0]?.iterations;
    const alike = attempts.filter((attempt) => attempt.iterations === iterations);
    return importanceOf(space, this.tried(alike));
  }

  /** What a search has cost, and the runs with fresh seeds. */
  spentOn({ attempts, fresh }: VariantSearch): { readonly search: Spent; readonly fresh: Spent } {
    return {
      search: spent(attempts.flatMap(({ runs }) => runs)),
      fresh: spent([...fresh.tuned, ...fresh.untuned]),
    };
  }

  /** A mean over levels for each seed; undefined where a run failed. */
  #bySeed(runs: readonly TunedRun[]): number[] | undefined {
    const values = [...Map.groupBy(runs, ({ seed }) => seed)].map(([, own]) => this.valueOf(own));
    return values.includes(undefined) ? undefined : values as number[];
  }
}

function recordsOf(runs: readonly TunedRun[]): TrialRecord[] {
  return runs.flatMap(({ outcome }) => "record" in outcome ? [outcome.record] : []);
}

function estimate(values: readonly number[]): Estimate {
  const random = new Pcg64(RANDOM_SEED);
  const [ci95] = pairedBootstrap(values, (drawn) => [mean(drawn)], { random });
  return { mean: mean(values), ci95: ci95!, seeds: values.length };
}

function spent(runs: readonly TunedRun[]): Spent {
  const records = recordsOf(runs);
  const sum = (of: (summary: TrialRecord["summary"]) => number) =>
    records.reduce((total, { summary }) => total + of(summary), 0);
  return {
    runs: runs.length,
    failed: runs.length - records.length,
    envSteps: sum(({ envSteps }) => envSteps),
    seconds: sum(({ wallSeconds }) => wallSeconds),
    processorSeconds: records.every(({ summary }) => typeof summary.processorSeconds === "number")
      ? sum(({ processorSeconds }) => processorSeconds ?? 0)
      : null,
    questions: sum(({ teacher }) => teacher.calls),
    tokens: sum(({ teacher }) => teacher.tokens),
  };
}
