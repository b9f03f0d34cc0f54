/** Verdicts as channels are told of them. */
import { silence } from "../../../../core/kit/guidance.ts";
import type { Lesson } from "../../../../plugins/teacher/language_model/channels.ts";
import {
  featuresOf,
  type StateFeatures,
} from "../../../../plugins/teacher/language_model/features.ts";

/** States in which one thing is seen. */
export const [KEY, BOX]: readonly StateFeatures[] = [
  featuresOf("go", ["a key"]),
  featuresOf("go", ["a box"]),
] as const;

/** A verdict on a candidate of three in a state. */
export function lessonOn(
  features: StateFeatures,
  candidate: number,
  sign: number,
  more: Partial<Lesson> = {},
): Lesson {
  const guidance = silence(1, ["left", "right", "on"]);
  const plain = { features, candidate, sign, strength: 1, env: 0, seen: [], guidance };
  return { ...plain, prompt: () => "", ...more };
}

/** What something adds to scores of 0. */
export function correctionsBy(
  corrector: {
    correct?(scores: Float32Array, state: StateFeatures, mode: "train" | "evaluate"): void;
  },
  state: StateFeatures,
  mode: "train" | "evaluate" = "evaluate",
): number[] {
  const scores = new Float32Array(3);
  corrector.correct?.(scores, state, mode);
  return [...scores];
}

/** The first of the largest values. */
export function best(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
