import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { qMinusV } from "../../../plugins/advantage/q_minus_v.ts";
import { rolloutOf, spec } from "../moments.ts";

Deno.test("q-minus-v: A is Q less V, and the target is the lambda-return", async () => {
  const stage = qMinusV({ gamma: 0.5, lambda: 0.5 });
  const estimator = await stage.create(createContext({ seed: 0 }), { env: spec });
  const { advantages, targets } = estimator.estimate(rolloutOf({
    envs: 1,
    qValues: Float32Array.of(3, 1, 0),
    values: Float32Array.of(1, 2, 4),
    nextValues: Float32Array.of(2, 4, 0),
    rewards: Float32Array.of(0, 0, 2),
    terminated: Uint8Array.of(0, 0, 1),
  }));
  assert.deepEqual([...advantages], [2, -1, -4]);
  // TD errors 0 + 1 - 1, 0 + 2 - 2, 2 - 4; traces of 1/4: -1/8, -1/2, -2 on top of V.
  assert.deepEqual([...targets], [0.875, 1.5, 2]);
});
