/** What a teacher's usage must be to be believed. */
import * as v from "valibot";

const count = v.pipe(v.number(), v.finite(), v.minValue(0));

/** What a teacher was asked. */
export const USAGE = v.looseObject({
  ...{ calls: count, cacheHits: count, tokens: count },
  ...{
    elsewhere: v.optional(count),
    dollars: v.optional(count),
    answeredBy: v.optional(v.record(v.string(), count)),
  },
});
