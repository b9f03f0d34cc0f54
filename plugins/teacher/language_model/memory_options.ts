import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** How the channel "memory" remembers; see {@linkcode MemoryChannel}. */
export const memoryOptions = v.strictObject({
  /** Most states remembered; the one not judged for longest is forgotten first. */
  size: v.optional(count, 2048),
  /** States that are asked for advice, those most alike. */
  neighbours: v.optional(count, 64),
  /** Size of the correction of scores; 0 leaves it to the prompt's field {memory}. */
  gain: v.optional(v.pipe(v.number(), v.minValue(0)), 5),
});
