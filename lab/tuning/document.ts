/** tuning.json: a tuning run and what it came to, for programs. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { readTextFileSync } from "@tandem/runtimes/files";
import type { Variant } from "../variants.ts";
import type { Attempt, TunedRun, TuningResults, VariantSearch } from "./results.ts";
import { freshSeedsOf } from "./plan.ts";

/** What a report of a tuning run says of its making. */
export interface TuningOrigin {
  /** Tandem's version. */
  readonly version: string;
  /** What computed. */
  readonly device: string;
  /** What was typed. */
  readonly command: string;
  /** The command that runs the pipeline with settings; undefined where `run` does not take them. */
  readonly runs: (settings: readonly string[]) => string | undefined;
  /** The command that compares what was tuned. */
  readonly compares: string;
}

/** The file's name in its folder. */
export const TUNING_FILE = "tuning.json";

/** The document of a tuning run. */
export function tuningDocument(results: TuningResults, origin: TuningOrigin): object {
  const { plan, measure, searches } = results;
  const { version, device, command, compares } = origin;
  return {
    tandem: 1,
    kind: "tuning",
    command,
    compares,
    version,
    device,
    measure: { id: measure.id, name: measure.name, better: measure.better },
    variants: searches.map((search) => variantDocument(results, search, origin)),
    plan,
  };
}

function variantDocument(results: TuningResults, search: VariantSearch, origin: TuningOrigin) {
  const { variant, missing, attempts } = search;
  const best = results.bestOf(search);
  const settings = best && [...variant.settings, ...best.settings];
  return {
    ...variant,
    missing,
    best: best && settings ? { ...best, command: origin.runs(settings) ?? null } : null,
    worth: results.worthOf(search) ?? null,
    freshSeeds: freshSeedsOf(results.plan),
    importance: results.importanceOf(search) ?? null,
    spent: results.spentOn(search),
    attempts: attempts.map((attempt) => attemptDocument(results, attempt)),
  };
}

function attemptDocument(results: TuningResults, { runs, ...attempt }: Attempt) {
  const value = results.valueOf(runs) ?? null;
  return { ...attempt, value, runs: runs.map((run) => runDocument(results, run)) };
}

function runDocument({ measure }: TuningResults, { level, seed, outcome }: TunedRun) {
  return "record" in outcome
    ? { level, seed, value: measure.of(outcome.record), digest: outcome.record.summary.digest }
    : { level, seed, error: outcome.error };
}

const text = v.pipe(v.string(), v.maxLength(1 << 16));
const settings = v.pipe(v.array(text), v.maxLength(1000));

/** What is read of the document again: the best of each variant. */
const TUNED = v.looseObject({
  tandem: v.literal(1),
  kind: v.literal("tuning"),
  variants: v.pipe(
    v.array(v.looseObject({
      name: text,
      settings,
      best: v.nullable(v.looseObject({ settings })),
    })),
    v.maxLength(1000),
  ),
});

/** No tuning run has a longer one. */
const LONGEST = 1 << 28;

/**
 * The variants of a tuning run with the best settings that were found for each, under their names.
 *
 * @param path Of tuning.json.
 * @throws {TandemError} E_FILE where it is none, or has found nothing yet.
 */
export function readTuned(path: string): Variant[] {
  let tuned: v.InferOutput<typeof TUNED>;
  try {
    tuned = v.parse(TUNED, JSON.parse(readTextFileSync(path, LONGEST)));
  } catch (cause) {
    throw new TandemError(
      "E_FILE",
      `"${
        outsideText(path)
      }" is no result of deno task tune; name the folder of one, as @runs/tuned.`,
      { cause },
    );
  }
  return tuned.variants.map(({ name, settings, best }) => {
    if (best) {
      const all = [...settings, ...best.settings];
      return { name, settings: all, about: `tuned: ${best.settings.join(", ")}` };
    }
    throw new TandemError(
      "E_FILE",
      `"${outsideText(path)}" has no best setting of "${
        outsideText(name)
      }" yet; the same command goes on tuning.`,
    );
  });
}
