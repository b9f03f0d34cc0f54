/** What sandboxed code may answer: the one schema of each call. Its lengths and numbers are bounded. */
import * as v from "valibot";
import { outsideText } from "@tandem/core/internal";
import { PLUGIN_KINDS, type StageState } from "@tandem/core";
import type { Calls } from "./inside.ts";
import { SandboxFailure } from "./failure.ts";

/** Characters of a verdict's words that are kept. */
const MOST_WORDS = 1000;
/** Characters of JSON that an answer may have, a state's included. */
export const MOST_JSON = 2 ** 23;
/** Characters of a rule's options as JSON. */
const MOST_OPTIONS = 2 ** 16;
const MOST_DESCRIPTION = 400;
const MOST_NAME = 200;
/** Steps that a rule may ask to be looked ahead, and iterations between copies of the student. */
const MOST_HORIZON = 1000, MOST_EVERY = 1_000_000;
/** Steps of before that verdicts may name, verdicts on them at one step, and candidates in one. */
const MOST_PAST = 10_000, MOST_EARLIER = 100_000, MOST_RIGHT = 1000;

const options = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(
    (value) => isRecord(value) && !hasArrays(value),
    "gave options that are no object of plain values",
  ),
  v.check(
    (value) => JSON.stringify(value).length <= MOST_OPTIONS,
    `gave options of more than ${MOST_OPTIONS} characters`,
  ),
);

const stage = v.object({
  kind: v.picklist(PLUGIN_KINDS, "is of no kind that there is"),
  plugin: v.pipe(v.string("has no name"), v.transform((name) => outsideText(name))),
  description: v.pipe(
    v.string("has no description"),
    v.transform((text) => outsideText(text, { max: MOST_DESCRIPTION })),
  ),
  options,
  usesOracle: v.boolean("does not say whether it asks the expert"),
});

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const needs = v.strictObject({
  frozenCritic: v.optional(v.strictObject({ every: whole(MOST_EVERY) })),
  counterfactual: v.optional(v.strictObject({
    horizon: whole(MOST_HORIZON),
    discount: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  })),
  achievements: v.optional(v.boolean()),
  past: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_PAST))),
});

const created = v.object({
  needs: v.optional(v.custom<v.InferOutput<typeof needs>>(
    (value) => v.is(needs, value),
    "asks for evidence that there is not: right would be frozenCritic { every } from 1 to " +
      `${MOST_EVERY}, counterfactual { horizon, discount } from 1 to ${MOST_HORIZON} and 0 to 1, ` +
      `achievements, past from 0 to ${MOST_PAST}`,
  )),
  stateful: v.boolean(),
});

const dimensions = v.pipe(
  v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  v.maxLength(8),
);
const stateArray = v.pipe(
  v.strictObject({
    shape: dimensions,
    data: v.union([
      v.instance(Float32Array),
      v.instance(Int32Array),
      v.instance(Uint8Array),
    ]),
  }),
  v.check(({ shape, data }) => shape.reduce((size, length) => size * length, 1) === data.length),
);
const state = v.strictObject({
  json: v.optional(v.unknown(), null),
  arrays: v.optional(
    v.custom<StageState["arrays"]>((value) =>
      isRecord(value) &&
      Object.entries(value).every(([name, array]) => isName(name) && v.is(stateArray, array))
    ),
  ),
});
const saved = v.custom<StageState>(
  (value) => v.is(state, value) && !hasArrays((value as StageState).json),
  "saved no state: right would be { json, arrays? }, arrays of { shape, data } with as many " +
    "numbers as the shape has",
);

const candidates = v.pipe(
  v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  v.minLength(1),
  v.maxLength(MOST_RIGHT),
);
const mission = v.pipe(v.string(), v.transform(shown));
const earlier = v.pipe(
  v.array(v.object({
    stepsAgo: v.pipe(v.number(), v.safeInteger()),
    env: v.pipe(v.number(), v.safeInteger()),
    sign: v.picklist([-1, 0, 1]),
    strength: v.number(),
    words: v.pipe(v.string(), v.transform(shown)),
    right: v.optional(candidates),
    mission: v.optional(mission),
  })),
  v.maxLength(MOST_EARLIER),
);

const judged = (length: number) =>
  v.object({
    signs: v.pipe(
      v.instance(Int8Array, `gave no Int8Array of ${length} signs`),
      v.length(length, `gave no Int8Array of ${length} signs`),
      v.check(
        (signs) => signs.every((sign) => sign >= -1 && sign <= 1),
        "gave a sign that is none of -1, 0 and 1",
      ),
    ),
    strengths: v.pipe(
      v.instance(Float32Array, `gave no Float32Array of ${length} strengths`),
      v.length(length, `gave no Float32Array of ${length} strengths`),
      v.check(
        (strengths) => strengths.every((strength) => strength >= 0 && strength < Infinity),
        "gave a strength that is no number from 0 on",
      ),
    ),
    words: v.pipe(
      v.custom<readonly string[]>(
        (words) =>
          Array.isArray(words) && words.length === length &&
          words.every((text) => typeof text === "string"),
        "gave words that are no text",
      ),
      v.transform((words) => words.map(shown)),
    ),
    comparesWithBefore: v.optional(v.boolean("gave a comparesWithBefore that is no boolean")),
    right: v.optional(v.pipe(v.array(v.optional(candidates)), v.length(length))),
    missions: v.optional(v.pipe(v.array(v.optional(mission)), v.length(length))),
    earlier: v.optional(earlier),
  });

/** A verdict's words as they may be shown; most are in plain letters. */
function shown(words: string): string {
  if (words.length <= MOST_WORDS && /^[ -~]*$/.test(words)) return words;
  return outsideText(words, { max: MOST_WORDS, lines: true });
}

/** The schemas of what {@linkcode Calls} answer. */
export const ANSWERS = {
  stage: () => stage,
  create: () => created,
  judge: judged,
  save: () => saved,
  load: () => v.null("answered what nobody asked"),
} satisfies Record<keyof Calls, (length: number) => v.GenericSchema<unknown>>;

/** What a call is answered. */
export type Answer<N extends keyof Calls> = v.InferOutput<ReturnType<(typeof ANSWERS)[N]>>;

/**
 * The answer of a call, as it may be used.
 *
 * @param length The number of verdicts that were asked for, where they were.
 * @throws {SandboxFailure} where it is not as the contract has it.
 */
export function answerOf<N extends keyof Calls>(name: N, value: unknown, length = 0): Answer<N> {
  const parsed = v.safeParse(ANSWERS[name](length), value);
  if (parsed.success) return parsed.output as Answer<N>;
  const [{ message }] = parsed.issues;
  // What valibot says by itself names a key, and repeats what it received.
  const isOurs = /^[a-z]/.test(message);
  throw new SandboxFailure(isOurs ? message : `gave an answer to "${name}" that is none`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !ArrayBuffer.isView(value);
}

/** A name of letters that a file can hold. */
function isName(name: string): boolean {
  return name.length > 0 && name.length <= MOST_NAME && name !== "__metadata__" &&
    outsideText(name) === name;
}

/** Whether typed arrays are where JSON is wanted. */
function hasArrays(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ArrayBuffer.isView(value) || Object.values(value).some(hasArrays);
}
