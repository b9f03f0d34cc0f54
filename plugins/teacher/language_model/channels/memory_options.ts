import * as v from "valibot";
import { between, whole } from "@tandem/core/kit";
import { option } from "@tandem/core";

/** How the channel "memory" remembers; see {@linkcode MemoryChannel}. */
export const memoryOptions = v.strictObject({
  size: option(
    "Most states remembered; the one not judged for longest is forgotten first.",
    whole(1, 1_000_000),
    2048,
  ),
  neighbours: option("States that are asked for advice, those most alike.", whole(1, 100_000), 64),
  gain: option(
    "Size of the correction of scores; 0 leaves it to the prompt's field {memory}.",
    between(0, 1e6),
    5,
  ),
});
