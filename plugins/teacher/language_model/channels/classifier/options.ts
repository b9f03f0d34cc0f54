import * as v from "valibot";
import { between, positive, whole } from "@tandem/core/kit";
import { option } from "@tandem/core";

/** How the channel "classifier" learns; see {@linkcode ClassifierChannel}. */
export const classifierOptions = v.strictObject({
  rate: option("Adagrad's step size.", positive(1e6), 0.3),
  size: option("Most labels kept; the oldest is forgotten first.", whole(1, 1_000_000), 20_000),
  every: option(
    "Judged steps of environments between two times to train.",
    whole(1, 1_000_000),
    512,
  ),
  samples: option("Labels that are drawn each time it trains.", whole(1, 1_000_000), 3000),
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
