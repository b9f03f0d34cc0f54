import * as v from "valibot";
import { definePlugin, type Grain, GRAINS, option, type Plugin, TandemError } from "@tandem/core";
import { candidatesAt, didYouMean } from "@tandem/core/internal";
import { fixedTeacher } from "@tandem/core/kit";
import type { ConstantOptions } from "./options.ts";

const options = {
  says: option("The action's name; the environment's first where it is left out.", v.string()),
  grain: option(
    "What it names: actions, or what the environment has words for at this grain.",
    v.picklist(GRAINS),
    "action",
  ),
} as const;

/** Control: the same action everywhere. */
export const constant: Plugin<"teacher", ConstantOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "constant",
  description: "Control: the same action everywhere.",
  details: `
    Suggests the same action, or candidate of another grain, everywhere, with certainty: a control
    without eyes.`,
  options,
  fits: ({ grain }) => [grain],
  create: ({ says, grain }, _context, { env }) => {
    const candidates = candidatesAt(env, grain);
    const choice = says === undefined ? 0 : candidates.indexOf(says);
    if (choice < 0) {
      const hint = didYouMean(says!, candidates) ||
        (grain === "action" ? ` Its actions: ${candidates.join(", ")}.` : "");
      throw new TandemError("E_OPTION", `"${env.id}" has no ${grain} "${says}".${hint}`);
    }
    return fixedTeacher(candidates, () => ({ choice }), grain);
  },
});
