/** Ways to mangle what was right, with fast-check. */
import * as fc from "fast-check";

/** JSON that fits nowhere in particular, hostile numbers and names included. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    ...[NaN, Infinity, -Infinity, -0, -1, 0.5, 1e308, 2 ** 53, 2 ** 31, 4e9],
    ...["", "__proto__", "constructor", "../../../etc/passwd", "\0", "NaN", "a".repeat(10_000)],
    ...[[], {}, null, [null], { length: 1e9 }, [[[[[[]]]]]]],
  ),
);

/** Where a value stands within another: which entry, then which entry of that, ... */
type Path = readonly number[];

const path: fc.Arbitrary<Path> = fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 });

/** Some JSON with one thing in it replaced by junk or left out. */
export function mangledJson(right: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(path, junk, fc.boolean()).map(([where, what, isGone]) =>
    replaced(right, where, isGone ? undefined : what)
  );
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined || typeof value !== "object" || value === null) return by;
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const key = keys[first % keys.length]!;
  const inner = (value as Record<string, unknown>)[key];
  const isLeaf = rest.length === 0 || typeof inner !== "object" || inner === null;
  const next = isLeaf ? by : replaced(inner, rest, by);
  if (Array.isArray(value)) return value.map((item, i) => i === Number(key) ? next : item);
  return { ...value, [key]: next };
}

/** Bytes that were flipped, cut, doubled or made up. */
export function mangledBytes(right: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(Math.max(0, right.length - 1));
  return fc.oneof(
    fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
      const bytes = right.slice();
      for (const [i, value] of changes) bytes[i] = value;
      return bytes;
    }),
    at.map((length) => right.slice(0, length)),
    fc.tuple(at, fc.uint8Array({ maxLength: 64 })).map(([i, more]) =>
      Uint8Array.from([...right.subarray(0, i), ...more, ...right.subarray(i)])
    ),
    fc.uint8Array({ maxLength: 256 }),
  );
}

/** Text that was mangled as bytes are. */
export function mangledText(right: string): fc.Arbitrary<string> {
  return fc.oneof(
    mangledBytes(new TextEncoder().encode(right)).map((bytes) => new TextDecoder().decode(bytes)),
    fc.string({ unit: "binary", maxLength: 200 }),
  );
}
