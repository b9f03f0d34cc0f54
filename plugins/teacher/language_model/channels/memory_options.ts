import * as v from "valibot";
import { between, whole } from "../../../../core/kit/bounds.ts";

/** How the channel "memory" remembers; see {@linkcode MemoryChannel}. */
export const memoryOptions = v.strictObject({
  /** Most states remembered; the one not judged for longest is forgotten first. */
  size: v.optional(whole(1, 1_000_000), 2048),
  /** States that are asked for advice, those most alike. */
  neighbours: v.optional(whole(1, 100_000), 64),
  /** Size of the correction of scores; 0 leaves it to the prompt's field {memory}. */
  gain: v.optional(between(0, 1e6), 5),
});
