/** How large a network student's steps are over the iterations: one family of options for all of them. */
import { TandemError } from "@tandem/core";
import { share, whole } from "@tandem/core/kit";
import { option, type OptionsOutput } from "@tandem/core";
import * as v from "valibot";

const iterations = whole(0, 10_000_000);

/** What decides the step size beside `learningRate`. */
export const learningRateOptions = {
  learningRateDecay: option(
    `Iterations in which the step size falls to \`learningRateFloor\` of itself; after that it stays. 0 for
    never; "run" for as many as the run has, so that a run that is made longer is another.`,
    v.union([v.literal("run"), iterations], 'it must be a whole number or "run"'),
    0,
  ),
  learningRateShape: option(
    `How it falls: in a straight line ("linear"), or as half a wave of the cosine does ("cosine", arXiv
    1608.03983).`,
    v.picklist(["linear", "cosine"]),
    "linear",
  ),
  learningRateWarmUp: option(
    "Iterations in which the step size rises at first, in a straight line; they count to those of the decay.",
    iterations,
    0,
  ),
  learningRateFloor: option("The share of the step size at which it stays.", share, 0.1),
} as const;

/** Options as {@linkcode learningRateOptions} parses them. */
export type LearningRateOptions = OptionsOutput<typeof learningRateOptions>;

/**
 * What the step size is multiplied by in the update after so many rollouts, k. With w iterations of
 * warm-up, d of decay and the floor f it is (k + 1) / w while k < w, and then, with
 * p = min(1, (k - w) / (d - w)),
 *
 * - linear: 1 - (1 - f) p;
 * - cosine: f + (1 - f) (1 + cos(pi p)) / 2 (Loshchilov & Hutter 2017, equation 5).
 *
 * @param planned Iterations of the run; absent where there is none.
 * @throws {TandemError} E_OPTION where the decay is no longer than the warm-up, E_WIRING where it shall
 * follow a run and there is none.
 * @example
 * ```ts
 * import { learningRateSchedule } from "./learning_rate.ts";
 * import assert from "node:assert/strict";
 * const decay = { learningRateDecay: "run", learningRateShape: "cosine" } as const;
 * const at = learningRateSchedule({ ...decay, learningRateWarmUp: 2, learningRateFloor: 0 }, 6);
 * assert.deepEqual([0, 1, 2, 4, 6, 99].map(at), [0.5, 1, 1, 0.5, 0, 0]);
 * ```
 */
export function learningRateSchedule(
  options: LearningRateOptions,
  planned: number | undefined,
): (rollouts: number) => number {
  const { learningRateShape: shape, learningRateWarmUp: warmUp, learningRateFloor: floor } =
    options;
  const decay = options.learningRateDecay === "run" ? planned : options.learningRateDecay;
  if (decay === undefined) {
    throw new TandemError(
      "E_WIRING",
      'The student\'s learningRateDecay is "run", and there is no run here; a number of iterations would fit.',
    );
  }
  if (decay !== 0 && decay <= warmUp) {
    throw new TandemError(
      "E_OPTION",
      `student.learningRateWarmUp is "${warmUp}" and the step size shall have fallen after "${decay}" ` +
        "iterations; student.learningRateDecay must be more, or 0.",
    );
  }
  return (rollouts) => {
    if (rollouts < warmUp) return (rollouts + 1) / warmUp;
    if (decay === 0) return 1;
    const [done, all] = [rollouts - warmUp, decay - warmUp];
    if (shape === "linear") return Math.max(floor, 1 - (1 - floor) * done / all);
    return floor + (1 - floor) * (1 + Math.cos(Math.PI * Math.min(1, done / all))) / 2;
  };
}
