import assert from "node:assert/strict";
import fc from "fast-check";
import { MOST_DEPTH, pack, unpack } from "../../../runtimes/sandbox/codec.ts";

const array = fc.oneof(
  fc.int8Array(),
  fc.int16Array(),
  fc.int32Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
);
/** Keys and texts of any UTF-16, halves of surrogate pairs as well. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
);
const key = fc.oneof(text, fc.constantFrom("$", "__proto__", "constructor", "toJSON", "length"));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.double(),
    fc.constantFrom(-0, NaN, Infinity, -Infinity, null, true, false),
    text,
    array,
    fc.array(fc.oneof(tie("value"), fc.constant(undefined))),
    fc.array(fc.tuple(key, tie("value"))).map(record),
  ),
}));

/** An object with these as its own properties, whatever they are called. */
function record(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}

Deno.test("unpack() gives what pack() took, whatever it is", () => {
  fc.assert(fc.property(value, (value) => {
    assert.deepEqual(plain(unpack(pack(value))), plain(value));
  }));
});

Deno.test("unpack() of any JSON and bytes gives a value or throws an error", () => {
  const mark = fc.record({
    $: fc.oneof(fc.array(fc.oneof(fc.jsonValue(), fc.string())), fc.jsonValue()),
  });
  fc.assert(fc.property(fc.oneof(mark, fc.array(mark), fc.jsonValue()), (json) => {
    try {
      unpack({ json: JSON.stringify(json), bytes: new ArrayBuffer(16) });
    } catch (error) {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
    }
  }));
});

Deno.test("pack() refuses what is nested too deeply, and what cannot cross", () => {
  const nested = (depth: number) => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { $: value };
    return value;
  };
  assert.deepEqual(unpack(pack(nested(MOST_DEPTH))), nested(MOST_DEPTH));
  for (
    const value of [
      nested(MOST_DEPTH + 1),
      1n,
      [Symbol("s")],
      new BigInt64Array(1),
      new DataView(new ArrayBuffer(1)),
    ]
  ) {
    assert.throws(() => pack(value), TypeError);
  }
  assert.throws(() => unpack({ json: "[".repeat(1e6), bytes: new ArrayBuffer(0) }));
  assert.throws(() =>
    unpack({ json: "[".repeat(1e5) + "]".repeat(1e5), bytes: new ArrayBuffer(0) })
  );
});

/** With own properties in place of a prototype's, so that "__proto__" is compared too. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.entries(value).map(([key, item]) => [key, plain(item)]);
}
