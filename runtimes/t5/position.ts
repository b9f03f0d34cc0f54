/**
 * T5's bucket of a relative position (Raffel et al., 2020): small distances have a bucket each, larger
 * ones share buckets that widen as their logarithm, all beyond `maxDistance` share the last one.
 * In two directions, half of the buckets are for keys after the query; in one, those fall into bucket 0.
 *
 * @param distance Key position minus query position.
 *
 * @example
 * ```ts
 * import { relativeBucket } from "./position.ts";
 * import assert from "node:assert/strict";
 * const shape = { buckets: 32, maxDistance: 128 };
 * assert.deepEqual([0, -3, 3, -16, 500].map((d) => relativeBucket(d, true, shape)), [0, 3, 19, 10, 31]);
 * assert.deepEqual([3, -3, -500].map((d) => relativeBucket(d, false, shape)), [0, 3, 31]);
 * ```
 */
export function relativeBucket(
  distance: number,
  bidirectional: boolean,
  { buckets, maxDistance }: { readonly buckets: number; readonly maxDistance: number },
): number {
  const count = bidirectional ? Math.floor(buckets / 2) : buckets;
  const offset = bidirectional && distance > 0 ? count : 0;
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
  const exact = Math.floor(count / 2);
  if (far < exact) return offset + far;
  // In 32 bits, as the models were trained: a distance on the edge of a bucket must fall as there.
  const logarithm = Math.fround(Math.log(Math.fround(far / exact)));
  const share = Math.fround(logarithm / Math.fround(Math.log(maxDistance / exact)));
  const bucket = exact + Math.trunc(Math.fround(share * (count - exact)));
  return offset + Math.min(bucket, count - 1);
}

/** The bucket of every pair, queries x keys, row-major; queries and keys both start at position 0. */
export function bucketTable(
  queries: number,
  keys: number,
  bidirectional: boolean,
  shape: { readonly buckets: number; readonly maxDistance: number },
): Int32Array {
  const byDistance = new Map<number, number>();
  return Int32Array.from({ length: queries * keys }, (_, index) => {
    const distance = index % keys - Math.floor(index / keys);
    let bucket = byDistance.get(distance);
    if (bucket === undefined) {
      byDistance.set(distance, bucket = relativeBucket(distance, bidirectional, shape));
    }
    return bucket;
  });
}
