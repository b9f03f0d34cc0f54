import * as v from "valibot";
import { positive, whole } from "@tandem/core/kit";
import { option } from "@tandem/core";

/** How the channel "reference" learns; see {@linkcode ReferenceChannel}. */
export const referenceOptions = v.strictObject({
  rate: option("Adagrad's step size.", positive(1e6), 0.3),
  size: option("Most labels kept; the oldest is forgotten first.", whole(1, 100_000), 2000),
  every: option(
    "Judged steps of environments between two times to train.",
    whole(1, 1_000_000),
    512,
  ),
  samples: option("Labels that are drawn each time it trains.", whole(1, 1_000_000), 500),
});
