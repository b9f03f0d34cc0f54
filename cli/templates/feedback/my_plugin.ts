import { changeOf, definePlugin, verdictsOf } from "@tandem/tandem";
import * as v from "valibot";

const options = {
  /** Smallest change that counts, in units of advantage. */
  margin: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
} as const;

/**
 * Positive where the advantage rose by more than the margin since the moment before, negative where
 * it fell by more. State your own formula here, and its source.
 */
export default definePlugin({
  kind: "feedback",
  name: "my-plugin",
  description: "Positive where the advantage rose, negative where it fell.",
  options,
  create: ({ margin }) => ({
    judge(now, before) {
      // [N] one number a token; now.rollout holds what was seen, said, done and paid.
      const scores = changeOf(now.advantages, before.advantages);
      return verdictsOf(scores, undefined, margin);
    },
  }),
});
