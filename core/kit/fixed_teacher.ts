/** Teachers that learn nothing: what a control is made of. */
import type { Context } from "./context.ts";
import { silence, suggest } from "./guidance.ts";
import type { Pcg64 } from "./random.ts";
import type { Grain, Mode, Observations, Oracle, Teacher } from "../stages/mod.ts";

/** What is suggested in an environment. */
export interface Suggestion {
  /** Index of the candidate. */
  readonly choice: number;
  /** How sure the teacher says it is, 0 to 1; certain unless given. */
  readonly confidence?: number;
  /** log of the probability with which the choice was made, where that is not its confidence. */
  readonly logProb?: number;
}

/**
 * A teacher that no verdict changes. Each suggestion counts as a call.
 *
 * @param candidates What it may suggest, K texts.
 * @param suggestionIn What it suggests in environment i; undefined for silence.
 * @example
 * ```ts
 * import { fixedTeacher } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const teacher = fixedTeacher(["left", "right"], (i) => ({ choice: i % 2, confidence: 0.75 }));
 * const { choices } = await teacher.advise({ envs: 3 } as never, "train");
 * assert.deepEqual([...choices], [0, 1, 0]);
 * ```
 */
export function fixedTeacher(
  candidates: readonly string[],
  suggestionIn: (
    i: number,
    mode: Mode,
    oracle: Oracle | undefined,
    observations: Observations,
  ) => Suggestion | undefined,
  grain: Grain = "action",
): Teacher {
  let calls = 0;
  return {
    grain,
    candidates,
    learnsBy: [],
    advise(observations, mode, oracle) {
      const { envs } = observations;
      const guidance = silence(envs, candidates);
      for (let i = 0; i < envs; i++) {
        const suggestion = suggestionIn(i, mode, oracle, observations);
        if (!suggestion) continue;
        calls++;
        suggest(guidance, i, suggestion.choice, suggestion.confidence);
        if (suggestion.logProb !== undefined) guidance.logProbs[i] = suggestion.logProb;
      }
      return guidance;
    },
    receive: () => {},
    usage: () => ({ calls, cacheHits: 0, tokens: 0 }),
  };
}

/** A teacher's random streams, apart so that being measured leaves the draws of training as they were. */
export function teacherStreams(context: Pick<Context, "random">): Readonly<Record<Mode, Pcg64>> {
  return { train: context.random("teacher"), evaluate: context.random("teacher evaluation") };
}
