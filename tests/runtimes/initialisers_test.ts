import assert from "node:assert/strict";
import { normal, orthogonal, uniform } from "../../runtimes/weights/initialisers.ts";
import { assertClose, seeded } from "./devices.ts";

Deno.test("initialisers draw the same from the same seed", () => {
  assert.deepEqual(uniform(seeded(1), [3, 2], 1), uniform(seeded(1), [3, 2], 1));
  assert.notDeepEqual(uniform(seeded(1), [3, 2], 1), uniform(seeded(2), [3, 2], 1));
});

Deno.test("normal() has the mean and deviation asked for", () => {
  const values = normal(seeded(3), [20_001], 0.5);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assertClose([mean, Math.sqrt(variance)], [0, 0.5], 0.01);
});

for (const [inputs, outputs] of [[5, 3], [3, 5]] as const) {
  Deno.test(`orthogonal() of ${inputs} x ${outputs} has orthogonal vectors of length gain`, () => {
    const matrix = orthogonal(seeded(5), inputs, outputs, 2);
    const at = (vector: number, i: number) =>
      inputs > outputs ? matrix[i * outputs + vector]! : matrix[vector * outputs + i]!;
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const dot = [0, 1, 2, 3, 4].reduce((sum, i) => sum + at(a, i) * at(b, i), 0);
        assertClose([dot], [a === b ? 4 : 0], 1e-5);
      }
    }
  });
}
