/** How fine teachers guide. */
import { type Grain, option } from "@tandem/core";
import * as v from "valibot";

/** Every {@linkcode Grain}. */
export const GRAINS = ["action", "subgoal", "plan", "reference"] as const satisfies Grain[];

/** The grain of a teacher that knows nothing of what it names. */
export const grainOption = option(
  `What it names: actions, or what the environment has words for at this grain.`,
  v.picklist(GRAINS),
  "action",
);
