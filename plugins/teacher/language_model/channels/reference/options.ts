import * as v from "valibot";
import { labelOptions } from "../label_options.ts";

/** How the channel "reference" learns; see {@linkcode ReferenceChannel}. */
export const referenceOptions = v.strictObject(
  labelOptions({ most: 100_000, size: 2000, samples: 500 }),
);
