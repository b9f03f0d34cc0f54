import { definePlugin, option } from "@tandem/core";
import { changeOf, verdictsOf } from "@tandem/core/kit";
import * as v from "valibot";

const options = {
  margin: option(
    "Smallest change that counts, in units of advantage.",
    v.pipe(v.number(), v.minValue(0)),
    0,
  ),
} as const;

export default definePlugin({
  kind: "feedback",
  name: "my-plugin",
  description: "Positive where the advantage rose, negative where it fell.",
  details: `
    Positive where the advantage rose by more than the margin since the moment before, negative
    where it fell by more. State your own formula here, and its source.`,
  options,
  create: ({ margin }) => ({
    judge(now, before) {
      // [N] one number a suggestion; now.rollout holds what was seen, said, done and paid.
      // NaN where an episode begins: there is no suggestion before, and verdictsOf() abstains.
      const scores = changeOf(now, before);
      return verdictsOf(scores, undefined, margin);
    },
  }),
});
