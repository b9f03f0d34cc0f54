import * as v from "valibot";
import { definePlugin, option, type Plugin, TandemError } from "@tandem/core";
import { didYouMean } from "@tandem/core/internal";
import { fixedTeacher } from "@tandem/core/kit";
import type { ConstantOptions } from "./options.ts";

const options = {
  says: option("The action's name; the environment's first where it is left out.", v.string()),
} as const;

/** Control: the same action everywhere. */
export const constant: Plugin<"teacher", ConstantOptions> = definePlugin({
  kind: "teacher",
  name: "constant",
  description: "Control: the same action everywhere.",
  details: `
    Suggests the same action everywhere, with certainty: a control without eyes.`,
  options,
  create: ({ says }, _context, { env: { id, actions } }) => {
    const choice = says === undefined ? 0 : actions.indexOf(says);
    if (choice < 0) {
      const hint = didYouMean(says!, actions) || ` Its actions: ${actions.join(", ")}.`;
      throw new TandemError("E_OPTION", `"${id}" has no action "${says}".${hint}`);
    }
    return fixedTeacher(actions, () => ({ choice }));
  },
});
