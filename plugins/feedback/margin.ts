import * as v from "valibot";
import { between } from "../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { PAPER_WORDS, verdictsOnChange } from "../../core/verdicts.ts";

const options = {
  /** Smallest change that counts, in units of advantage. */
  margin: v.optional(between(0, 1e6), 0.05),
} as const;

/**
 * The paper's sign rule (arXiv 2401.06603, Algorithm 1) with a dead zone: positive where
 * A' - A > m, negative where A' - A < -m, an abstention between.
 */
export const margin: Plugin<"feedback", typeof options> = definePlugin({
  kind: "feedback",
  name: "margin",
  description: "The paper's rule, but small changes of the advantage are passed over.",
  options,
  create: ({ margin }) => ({
    judge: (now, before) =>
      verdictsOnChange(now.advantages, before.advantages, PAPER_WORDS, margin),
  }),
});
