import * as v from "valibot";
import { between, whole } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { verdictsOf } from "../../core/verdicts.ts";

const options = {
  /** Iterations for which the critic stands still. */
  every: v.optional(whole(1, 10_000_000), 10),
  /** Smallest advantage that counts. */
  margin: v.optional(between(0, 1e6), 0),
} as const;

const WORDS = {
  positive: "This token is better than what was expected here.",
  negative: "This token is worse than what was expected here.",
};

/**
 * Judges by the sign of A_t in the eyes of a critic that stands still, a copy of the student that is
 * renewed every so many iterations. The student's own A falls towards 0 as its V learns to expect the
 * advice; by the older critic an improving step keeps its A > 0 (the policy improvement theorem,
 * Sutton & Barto, section 4.2, with the older policy's values).
 */
export const frozenCritic: Plugin<"feedback", typeof options> = definePlugin({
  kind: "feedback",
  name: "frozen-critic",
  description: "Judges by the advantage that a frozen copy of the student's critic sees.",
  options,
  create: ({ every, margin }) => ({
    needs: { frozenCritic: { every } },
    judge: ({ frozenAdvantages }) => verdictsOf(frozenAdvantages!, WORDS, margin),
  }),
});
