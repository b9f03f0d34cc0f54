/** A fingerprint of a run: equal if and only if the run learned and measured the same to the last bit. */
import { createHash, type Hash } from "node:crypto";
import type { RunResult, StageState, TestResult } from "@tandem/core";
import { stateNames } from "@tandem/core/internal";

/** What the digest reads of a result. */
export type Digested = Omit<RunResult, "teacher" | "stageSeconds">;

/**
 * SHA-256, in hexadecimal, over what every stage learned and every measurement that a second run
 * repeats. Times are left out, and so is the teacher's usage, which a cache on disk changes.
 *
 * A metric whose name ends in "seconds" counts as a time.
 */
export function digestOf(result: Digested): string {
  const hash = createHash("sha256");
  const { iterations, envSteps, episodes, start, end, verdicts } = result;
  const metrics = Object.fromEntries(
    Object.entries(result.metrics).filter(([name]) => !/seconds$/i.test(name)),
  );
  add(hash, canonical({ iterations, envSteps, episodes, start, end, verdicts, metrics }));
  for (const name of stateNames(result.states)) addState(hash, name, result.states[name]!);
  if (result.test) add(hash, canonical(tested(result.test)));
  return hash.digest("hex");
}

/** SHA-256, in hexadecimal, of what one stage learned, whatever its name and wherever it is kept. */
export function stateDigest(state: StageState): string {
  const hash = createHash("sha256");
  addState(hash, "", state);
  return hash.digest("hex");
}

function addState(hash: Hash, name: string, { json, arrays = {} }: StageState): void {
  add(hash, canonical([name, json]));
  for (const [name, { shape, data }] of sorted(arrays)) {
    add(hash, canonical([name, data.constructor.name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
}

/** What a second run repeats of what was measured on test worlds. */
function tested({ plan, success, solved, withoutTeacher, guidanceAccuracy }: TestResult): unknown {
  return [
    { plan, success, guidanceAccuracy, alone: withoutTeacher?.success },
    solved.join(""),
    withoutTeacher?.solved.join(""),
  ];
}

/** Adds text behind its length, so that two texts never read as one. */
function add(hash: Hash, text: string): void {
  hash.update(`${text.length}:${text}`);
}

/** SHA-256 in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** JSON that does not depend on the order in which an object's keys were set. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, item) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(sorted(item))
        : item,
  ) ?? "null";
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
