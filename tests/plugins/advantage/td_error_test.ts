import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { tdError } from "../../../plugins/advantage/td_error.ts";
import { rolloutOf, spec } from "../moments.ts";

Deno.test("td-error: A is what the step brought more than V promised", async () => {
  const stage = tdError({ gamma: 0.5, lambda: 0 });
  const estimator = await stage.create(createContext({ seed: 0 }), { env: spec });
  const { advantages, targets } = estimator.estimate(rolloutOf({
    envs: 2,
    values: Float32Array.of(1, 2, 4, 0),
    nextValues: Float32Array.of(4, 8, 0, 6),
    rewards: Float32Array.of(0, 1, 2, 0),
    terminated: Uint8Array.of(0, 0, 1, 0),
    truncated: Uint8Array.of(0, 1, 0, 0),
  }));
  assert.deepEqual([...advantages], [1, 3, -2, 3]);
  assert.deepEqual([...targets], [2, 5, 2, 3]);
});
