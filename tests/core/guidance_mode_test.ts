import assert from "node:assert/strict";
import { annealed } from "../../core/kit/guidance_mode.ts";

const weights = (options: Parameters<typeof annealed>[0]) =>
  [0, 1, 2, 3, 4, 5, 9].map(annealed(options));

Deno.test("annealed(): the weight falls in a straight line, to 0 or to its floor", () => {
  const annealing = { guidance: "annealed", imitation: 2, annealing: 4 } as const;
  assert.deepEqual(weights(annealing), [2, 1.5, 1, 0.5, 0, 0, 0]);
  assert.deepEqual(weights({ ...annealing, imitationFloor: 0.75 }), [
    2,
    1.5,
    1,
    0.75,
    0.75,
    0.75,
    0.75,
  ]);
});

Deno.test("annealed(): guidance that is heard otherwise is not imitated, floor or not", () => {
  for (const guidance of ["features", "trust"] as const) {
    const none = weights({ guidance, imitation: 2, annealing: 4, imitationFloor: 1 });
    assert.deepEqual(none, [0, 0, 0, 0, 0, 0, 0]);
  }
});
