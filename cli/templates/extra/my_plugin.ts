import { definePlugin, option } from "@tandem/core";
import * as v from "valibot";

const options = {
  weight: option(
    "The bonus of a state that is met for the first time, in units of reward.",
    v.pipe(v.number(), v.minValue(0)),
    0.1,
  ),
} as const;

export default definePlugin({
  kind: "extra",
  name: "my-plugin",
  description: "A bonus for states that were seldom met.",
  details: `
    weight / sqrt(n(s_tp1)) on top of the reward, with n the visits of a state so far (Strehl &
    Littman, Journal of Computer and System Sciences 74, 2008). State your own formula here, and
    its source.`,
  options,
  create({ weight }) {
    const visits = new Map<number, number>();
    return {
      // Other callbacks: begin, decide, judge, finish, report and evaluate (docs/guide/custom-loops.md).
      answer: ({ step }) =>
        step.rewards.map((_, i) => {
          const key = step.observations.key(i);
          const count = (visits.get(key) ?? 0) + 1;
          visits.set(key, count);
          return weight / Math.sqrt(count);
        }),
      save: () => ({ json: [...visits] }),
      load({ json }) {
        visits.clear();
        for (const [key, count] of json as [number, number][]) visits.set(key, count);
      },
    };
  },
});
