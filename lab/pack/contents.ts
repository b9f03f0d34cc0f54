/** What a pack says beside the states: what the student was told of its world, and how well it did. */
import * as v from "valibot";
import type { EnvSpec, SuccessRate } from "@tandem/core";
import { type Read, SUCCESS } from "../trial_schema.ts";
import { COUNT } from "./format.ts";

/** vocabulary.json: what the student was told of its world, by which another world is compared. */
export interface Vocabulary {
  /** The world that was learned in. */
  readonly env: EnvSpec;
  /** What the teacher there could suggest; absent where that was not known without opening it. */
  readonly candidates?: readonly string[];
}

const word = v.pipe(v.string(), v.maxLength(1000));
const words = v.pipe(v.array(word), v.maxLength(100_000));

const VOCABULARY = v.looseObject({
  env: v.looseObject({
    id: word,
    actions: words,
    missionWords: words,
    observation: v.record(word, v.looseObject({})),
  }),
  candidates: v.optional(words),
});

/** The vocabulary that a value is, or where it is none. */
export function readVocabulary(value: unknown): Read<Vocabulary> {
  const parsed = v.safeParse(VOCABULARY, value);
  // As it came, so that it is packed again to the same bytes.
  if (parsed.success) return { value: value as Vocabulary };
  return { wrong: v.getDotPath(parsed.issues[0]!) ?? "whole" };
}

/** evaluation.json: how well it did on development worlds, and after how much. */
export interface PackedEvaluation {
  /** The format's number. */
  readonly tandem: 1;
  /** The set of worlds. */
  readonly worlds: "development";
  /** Iterations that it has learned for, and whether the best of several measurements was chosen. */
  readonly iteration: number | null;
  readonly isBest: boolean;
  /** Steps of all environments in training; null where the record does not tell. */
  readonly envSteps: number | null;
  /** Success with its teacher, and after which iteration it was measured; null where it was not. */
  readonly success: (SuccessRate & { readonly measuredAfter: number }) | null;
  /** Success of random actions and of the expert on the same level; null where not known. */
  readonly floor: number | null;
  readonly ceiling: number | null;
  /** Which stages ask the expert, where any does: such a run is a control. */
  readonly control: string | null;
}

const share = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1)));

const EVALUATION = v.looseObject({
  tandem: v.literal(1),
  worlds: v.literal("development"),
  iteration: v.nullable(COUNT),
  isBest: v.boolean(),
  envSteps: v.nullable(COUNT),
  success: v.nullable(v.intersect([SUCCESS, v.looseObject({ measuredAfter: COUNT })])),
  floor: share,
  ceiling: share,
  control: v.nullable(v.pipe(v.string(), v.maxLength(10_000))),
});

/** The evaluation that a value is, or where it is none. */
export function readEvaluation(value: unknown): Read<PackedEvaluation> {
  const parsed = v.safeParse(EVALUATION, value);
  if (parsed.success) return { value: value as PackedEvaluation };
  return { wrong: v.getDotPath(parsed.issues[0]!) ?? "whole" };
}
