/** plan.lock.json: what a comparison was to be, written before its first trial, and what departs from it. */
import { join } from "node:path";
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { isMissing, readTextFileSync } from "@tandem/runtimes/files";
import { canonical, sha256 } from "../digest.ts";
import { writeAtomically } from "../disk.ts";
import { type Plan, planFromJson } from "../plan.ts";
import { shortHash, testPlanOf } from "../test_plan.ts";
import type { Question } from "./results.ts";

/** The code that runs a comparison. */
export interface Code {
  readonly version: string;
  /** SHA-256 of Tandem's own files. */
  readonly hash: string;
}

/** What a comparison is to be. */
export interface Intent {
  readonly plan: Plan;
  readonly question: Question;
  readonly code: Code;
}

/** What was registered, and how what is done now differs from it. */
export interface Registration {
  /** When. */
  readonly registeredAt: Date;
  /** Each a sentence; none where nothing departs. */
  readonly deviations: readonly string[];
}

const NAME = "plan.lock.json";
/** No plan is longer. */
const LONGEST = 1 << 26;

const LOCK = v.strictObject({
  tandem: v.literal(1),
  registeredAt: v.pipe(v.string(), v.isoTimestamp()),
  isLate: v.boolean(),
  plan: v.unknown(),
  question: v.looseObject({ baseline: v.string(), threshold: v.number() }),
  code: v.strictObject({ version: v.string(), hash: v.string() }),
});

/**
 * Registers a comparison in its folder, unless it is; then says what departs from what was registered.
 *
 * @param hasTrials Whether trials had ended before: then it is registered late.
 * @throws {TandemError} E_FILE where the file is no registration, E_DISK where it cannot be written.
 */
export function register(
  folder: string,
  intent: Intent,
  hasTrials: boolean,
  now: Date,
): Registration {
  const path = join(folder, NAME);
  const found = textOf(path);
  if (found === undefined) {
    const lock = { tandem: 1, registeredAt: now.toISOString(), isLate: hasTrials, ...intent };
    writeAtomically(path, JSON.stringify(lock, null, 2) + "\n");
    return { registeredAt: now, deviations: hasTrials ? [LATE] : [] };
  }
  const { registeredAt, isLate, ...registered } = lockIn(path, found);
  const deviations = deviationsOf(registered, intent);
  return { registeredAt, deviations: isLate ? [LATE, ...deviations] : deviations };
}

const LATE = "trials had ended before it was registered";

/** How a comparison differs from what was registered. */
function deviationsOf(before: Intent, now: Intent): string[] {
  const changed = (what: string, a: unknown, b: unknown) =>
    canonical(a ?? null) === canonical(b ?? null)
      ? []
      : [`${what} was ${word(a)} and is ${word(b)}`];
  const names = ({ plan }: Intent) => plan.variants.map(({ name }) => name).join(", ");
  const settings = ({ plan }: Intent) => sha256(canonical(plan.variants)).slice(0, 8);
  const variants = changed("the list of variants", names(before), names(now));
  return [
    ...variants,
    ...(variants.length > 0
      ? []
      : changed("the hash of the variants' settings", settings(before), settings(now))),
    ...changed("the list of levels", before.plan.levels.join(", "), now.plan.levels.join(", ")),
    ...changed("the list of seeds", listOf(before.plan.seeds), listOf(now.plan.seeds)),
    ...changed("the list of looks", listOf(before.plan.looks), listOf(now.plan.looks)),
    ...changed("the set of worlds at the end", before.plan.worlds, now.plan.worlds),
    ...changed("the pipeline's hash", pipelineHash(before), pipelineHash(now)),
    ...changed("the draw of test worlds", testWorlds(before), testWorlds(now)),
    ...(["primary", "baseline", "threshold", "margin"] as const).flatMap((part) =>
      changed(`the ${PARTS[part]}`, before.question[part], now.question[part])
    ),
    ...changed("the code", codeText(before.code), codeText(now.code)),
  ];
}

const PARTS = {
  primary: "primary measure",
  baseline: "baseline",
  threshold: "success that counts as solved",
  margin: "margin",
} as const;

function word(value: unknown): string {
  return value === undefined || value === "" ? "none" : `"${value}"`;
}

/** Whole numbers in a few words, such as "0 to 29". */
function listOf(numbers: readonly number[] = []): string {
  const [first, last] = [numbers[0], numbers.at(-1)];
  const isRow = numbers.every((number, i) => number === first! + i);
  return isRow && numbers.length > 2 ? `${first} to ${last}` : numbers.join(", ");
}

function pipelineHash({ plan }: Intent): string {
  return sha256(canonical(plan.pipeline)).slice(0, 8);
}

/** What is drawn by this is new to whoever looked at the registered plan's test worlds. */
function testWorlds({ plan }: Intent): string | undefined {
  const hash = testPlanOf(plan);
  return hash && shortHash(hash);
}

function codeText({ version, hash }: Code): string {
  return `${version}, ${hash.slice(0, 8)}`;
}

/** What a report says of a registration, in a sentence. */
export function registrationText({ registeredAt, deviations }: Registration): string {
  const day = registeredAt.toISOString().replace("T", " ").slice(0, 16);
  return deviations.length === 0
    ? `Registered on ${day} UTC, before its first trial; nothing departs from it.`
    : `Exploratory: registered on ${day} UTC, but ${deviations.join("; ")}.`;
}

function lockIn(path: string, text: string): Intent & { registeredAt: Date; isLate: boolean } {
  try {
    const { registeredAt, plan, question, ...rest } = v.parse(LOCK, JSON.parse(text));
    return {
      ...rest,
      registeredAt: new Date(registeredAt),
      plan: planFromJson(plan),
      question: question as unknown as Question,
    };
  } catch (cause) {
    throw new TandemError(
      "E_FILE",
      `"${path}" is no registration of a comparison. Put back what was there; without it what is done ` +
        "counts as registered late.",
      { cause },
    );
  }
}

function textOf(path: string): string | undefined {
  try {
    return readTextFileSync(path, LONGEST);
  } catch (error) {
    return isMissing(error) ? undefined : "";
  }
}
