import assert from "node:assert/strict";
import fc from "fast-check";
import { floatsOfHalves, halvesOfFloats } from "../../runtimes/weights/half.ts";

/** Runs work as in an engine without arrays of halves. */
function without<T>(work: () => T): T {
  const native = Object.getOwnPropertyDescriptor(globalThis, "Float16Array")!;
  Reflect.deleteProperty(globalThis, "Float16Array");
  try {
    return work();
  } finally {
    Object.defineProperty(globalThis, "Float16Array", native);
  }
}

Deno.test("floatsOfHalves() gives each half's value, with the engine's arrays and without", () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, half) => half);
  const floats = floatsOfHalves(all);
  // As numbers: which bits stand for NaN is left to the engine.
  assert.deepEqual([...without(() => floatsOfHalves(all))], [...floats]);
  assert.equal(floats[0x3555], 0.333251953125);
});

Deno.test("halvesOfFloats() rounds to nearest even, with the engine's arrays and without", () => {
  const near = fc.oneof(
    fc.float(),
    fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
    fc.constantFrom(65_519, 65_520, 2 ** -25, 3 * 2 ** -25, 2 ** -14, -0, NaN, Infinity),
  );
  fc.assert(fc.property(fc.array(near, { maxLength: 50 }), (values) => {
    const floats = Float32Array.from(values);
    assert.deepEqual(without(() => halvesOfFloats(floats)), halvesOfFloats(floats));
  }));
});
