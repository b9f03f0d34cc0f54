import { between, verdictsOf, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { FrozenCriticOptions } from "./options.ts";

const options = {
  every: option("Iterations for which the critic stands still.", whole(1, 10_000_000), 10),
  margin: option("Smallest advantage that counts.", between(0, 1e6), 0),
} as const;

const WORDS = {
  positive: "This token is better than what was expected here.",
  negative: "This token is worse than what was expected here.",
};

/** Judges by the advantage that a frozen copy of the student's critic sees. */
export const frozenCritic: Plugin<"feedback", FrozenCriticOptions> = definePlugin({
  kind: "feedback",
  name: "frozen-critic",
  description: "Judges by the advantage that a frozen copy of the student's critic sees.",
  details: `
    Judges by the sign of A_t in the eyes of a critic that stands still, a copy of the student
    that is renewed every so many iterations. The student's own A falls towards 0 as its V learns
    to expect the advice; by the older critic an improving step keeps its A > 0 (the policy
    improvement theorem, Sutton & Barto, section 4.2, with the older policy's values).`,
  options,
  create: ({ every, margin }) => ({
    needs: { frozenCritic: { every } },
    judge: ({ frozenAdvantages }) => verdictsOf(frozenAdvantages!, WORDS, margin),
  }),
});
