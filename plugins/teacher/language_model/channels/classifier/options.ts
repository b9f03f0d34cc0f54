import * as v from "valibot";
import { between } from "@tandem/core/kit";
import { option } from "@tandem/core";
import { labelOptions } from "../label_options.ts";

/** How the channel "classifier" learns; see {@linkcode ClassifierChannel}. */
export const classifierOptions = v.strictObject({
  ...labelOptions({ most: 1_000_000, size: 20_000, samples: 3000 }),
  features: option(
    `What it sees of a state: things by what they are to the mission ("roles"), or sentences and their
    pairs with the mission's words ("words"), for worlds whose actions name things.`,
    v.picklist(["roles", "words"]),
    "roles",
  ),
  mirror: option(
    `Whether half of the draws are mirrored, left for right: for worlds that look alike in a mirror.
    Unless told, where actions name sides.`,
    v.boolean(),
  ),
  certainty: option(
    `By how many standard errors its first candidate must lead the second to be told; else it leaves
    the model's scores as they are.`,
    between(0, 1e6),
    0,
  ),
});
