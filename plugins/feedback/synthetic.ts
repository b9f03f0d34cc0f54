import * as v from "valibot";
import { share, streamState } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { SyntheticOptions } from "./options.ts";

const options = {
  source: option(
    "Where verdicts come from: chance, the expert, or one verdict for all.",
    v.picklist(["random", "oracle", "positive", "negative"]),
    "random",
  ),
  chance: option('Chance of a positive verdict from the source "random".', share, 0.5),
} as const;

/** Control: random, oracle or constant verdicts in place of the student's. */
export const synthetic: Plugin<"feedback", SyntheticOptions> = definePlugin({
  kind: "feedback",
  name: "synthetic",
  description: "Control: random, oracle or constant verdicts in place of the student's.",
  details: `
    Verdicts that do not come from the student: a control that tests the feedback channel by
    itself. With the source "oracle" the expert judges each suggestion; such a run is labelled.`,
  options,
  usesOracle: ({ source }) => source === "oracle",
  create: ({ source, chance }, context) => {
    const random = context.random("feedback");
    const signOf: Record<typeof source, (right: boolean) => boolean> = {
      random: () => random.random() < chance,
      oracle: (right) => right,
      positive: () => true,
      negative: () => false,
    };
    return {
      ...streamState({ random }),
      judge: ({ advantages: { length }, rollout, step }) => {
        const right = (i: number) => rollout.oracleRight?.[step * length + i] === 1;
        const signs = Int8Array.from({ length }, (_, i) => signOf[source](right(i)) ? 1 : -1);
        return {
          signs,
          strengths: new Float32Array(length).fill(1),
          words: (i) => `This token is ${signs[i]! > 0 ? "better" : "worse"} than the last one.`,
        };
      },
    };
  },
});
