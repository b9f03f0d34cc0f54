import assert from "node:assert/strict";
import { pack, unpack } from "../../../runtimes/sandbox/codec.ts";

Deno.test("unpack() gives what pack() took", () => {
  const value = {
    text: "x",
    numbers: [1, -0.5, Infinity, -Infinity, NaN],
    nothing: null,
    yes: true,
    arrays: [Uint8Array.of(1, 2, 3), Float32Array.of(0.5), Float64Array.of(NaN), new Int8Array(0)],
    nested: { signs: Int8Array.of(-1, 0, 1), actions: Int32Array.of(7) },
  };
  assert.deepEqual(unpack(pack(value)), value);
});

Deno.test("pack() takes a view as what it shows, and leaves out undefined and functions", () => {
  const all = Float32Array.of(0, 1, 2, 3);
  const packed = pack({ view: all.subarray(1, 3), gone: undefined, call: () => 1 });
  assert.deepEqual(unpack(packed), { view: Float32Array.of(1, 2) });
});

Deno.test("pack() copies", () => {
  const array = Int32Array.of(1);
  const packed = pack([array]);
  array[0] = 2;
  assert.deepEqual(unpack(packed), [Int32Array.of(1)]);
});
