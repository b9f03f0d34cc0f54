import assert from "node:assert/strict";
import { areaUnder, curve, timeTo } from "../../../lab/statistics/curves.ts";
import { golden, near } from "./golden.ts";

Deno.test("the area under a curve agrees with NumPy's trapezoids", () => {
  const [x, y, area] = golden.area as [number[], number[], number];
  near(areaUnder({ x, y }), area);
  assert.equal(areaUnder({ x: [4], y: [0.5] }), 0.5);
});

Deno.test("a threshold is reached where the score first is there, or never", () => {
  const dips = { x: [0, 10, 20, 30], y: [0.2, 0.9, 0.4, 1] };
  assert.deepEqual(timeTo(0.9, dips), { time: 10, reached: true });
  assert.deepEqual(timeTo(0.1, dips), { time: 0, reached: true });
  assert.deepEqual(timeTo(1.1, dips), { time: 30, reached: false });
});

Deno.test("curve() refuses swapped axes, unequal lengths and x that goes back", () => {
  assert.throws(() => curve([0.1, 0.2, 0.5], [0, 4096, 8192]), /axes swapped/);
  assert.throws(() => curve([0, 4096, 4096], [0.1, 0.2, 0.3]), /does not ascend.*swapped/);
  assert.throws(() => curve([0, 1], [0.5]), /as many scores as points/);
  assert.deepEqual(curve([0, 1], [0.5, 1]), { x: [0, 1], y: [0.5, 1] });
});
