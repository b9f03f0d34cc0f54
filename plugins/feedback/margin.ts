import { between, PAPER_WORDS, verdictsOnChange } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { MarginOptions } from "./options.ts";

const options = {
  margin: option("Smallest change that counts, in units of advantage.", between(0, 1e6), 0.05),
} as const;

/** The paper's rule, but small changes of the advantage are passed over. */
export const margin: Plugin<"feedback", MarginOptions> = definePlugin({
  kind: "feedback",
  name: "margin",
  description: "The paper's rule, but small changes of the advantage are passed over.",
  details: `
    The paper's sign rule (arXiv 2401.06603, Algorithm 1) with a dead zone: positive where
    A' - A > m, negative where A' - A < -m, an abstention between and at an episode's first
    suggestion.`,
  options,
  create: ({ margin }) => ({
    judge: (now, before) => verdictsOnChange(now, before, PAPER_WORDS, margin),
  }),
});
