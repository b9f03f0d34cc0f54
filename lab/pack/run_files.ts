/** What a run's folder says of a pack beside the states: its vocabulary and its evaluation. */
import { join } from "node:path";
import { type SuccessRate, TandemError, type TandemEvent } from "@tandem/core";
import { parseJson } from "@tandem/core/internal";
import { disk } from "@tandem/runtimes/files";
import { readEvents } from "../event_log.ts";
import { readSummaryOf } from "../learned_state.ts";
import type { Read } from "../trial_schema.ts";
import {
  type PackedEvaluation,
  readEvaluation,
  readVocabulary,
  type Vocabulary,
} from "./contents.ts";

const MOST = 2 ** 26;

/**
 * What the student of a pulled run was told of its world; undefined for a run that was made here, whose
 * env tells it.
 *
 * @throws {TandemError} E_FILE where it is there and damaged.
 */
export function vocabularyIn(folder: string): Vocabulary | undefined {
  return fileIn(folder, "vocabulary.json", readVocabulary);
}

/**
 * How well what a run learned does, by the run's own measurements on development worlds; of a pulled
 * run, what its pack said.
 *
 * @param iteration Iterations that it has learned for, where that is known.
 * @param isBest Whether it was chosen for it.
 * @throws {TandemError} E_FILE where what the folder says is damaged.
 */
export function evaluationIn(
  folder: string,
  iteration: number | undefined,
  isBest: boolean,
): Omit<PackedEvaluation, "control"> {
  const kept = fileIn(folder, "evaluation.json", readEvaluation);
  if (kept) return kept;
  const { floor = null, ceiling = null } = readSummaryOf(folder) ?? {};
  return {
    tandem: 1,
    worlds: "development",
    iteration: iteration ?? null,
    isBest,
    ...measuredIn(eventsIn(folder), iteration ?? Infinity),
    floor,
    ceiling,
  };
}

/** The last measurement up to an iteration, and the steps that it took. */
function measuredIn(
  events: Iterable<TandemEvent>,
  until: number,
): Pick<PackedEvaluation, "success" | "envSteps"> {
  let success: (SuccessRate & { readonly measuredAfter: number }) | null = null;
  let envSteps: number | null = null;
  for (const event of events) {
    if (!("iteration" in event) || event.iteration > until) continue;
    if (event.type === "evaluated") success = { ...event.success, measuredAfter: event.iteration };
    if (event.type === "iteration.ended") envSteps = event.envSteps;
  }
  return { success, envSteps };
}

/** None where the folder keeps none, as that of a comparison's trial. */
function eventsIn(folder: string): Iterable<TandemEvent> {
  return disk.list(folder).includes("events.jsonl") ? readEvents(join(folder, "events.jsonl")) : [];
}

function fileIn<T>(
  folder: string,
  name: string,
  read: (value: unknown) => Read<T>,
): T | undefined {
  if (!disk.list(folder).includes(name)) return undefined;
  const path = join(folder, name);
  let found: Read<T>;
  try {
    found = read(parseJson(new TextDecoder().decode(disk.read(path, MOST))));
  } catch (cause) {
    throw new TandemError("E_FILE", `"${path}" cannot be read: it is no JSON.`, { cause });
  }
  if ("value" in found) return found.value;
  throw new TandemError("E_FILE", `"${path}" cannot be read: it has no right "${found.wrong}".`);
}
