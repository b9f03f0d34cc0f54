import assert from "node:assert/strict";
import { joinRollouts } from "../../core/kit/join_rollouts.ts";
import { rolloutOf, said } from "../plugins/moments.ts";
import { bytes, bytesIn } from "./tensors.ts";

/** A rollout of one step in two environments. */
const step = (n: number) =>
  rolloutOf({
    envs: 2,
    rewards: Float32Array.of(n, n + 0.5),
    observations: bytes("cell", Uint8Array.of(n, n + 1), [1, 2]),
    missions: [`${n}`, `${n}'`],
    guidance: [said([n % 2, -1])],
    memory: Float32Array.of(n, n, -n, -n),
  });

Deno.test("joinRollouts() lays steps end to end, with arrays of their own", () => {
  const parts = [step(1), step(4)];
  const joined = joinRollouts(parts);
  assert.deepEqual([joined.steps, joined.envs], [2, 2]);
  assert.deepEqual([...joined.rewards], [1, 1.5, 4, 4.5]);
  assert.deepEqual([...bytesIn(joined.observations)], [1, 2, 4, 5]);
  assert.deepEqual(joined.observations.cell!.shape.slice(0, 2), [2, 2]);
  assert.deepEqual(joined.missions, ["1", "1'", "4", "4'"]);
  assert.deepEqual(joined.guidance.map(({ choices }) => [...choices]), [[1, -1], [0, -1]]);
  assert.deepEqual([...joined.memory!], [1, 1, -1, -1, 4, 4, -4, -4]);
  parts[0]!.rewards[0] = 9;
  assert.equal(joined.rewards[0], 1);
});

Deno.test("joinRollouts() leaves out a column that one of them lacks", () => {
  const { memory: _, ...without } = step(2);
  assert.equal(joinRollouts([step(1), without]).memory, undefined);
  assert.equal(joinRollouts([without, step(1)]).memory, undefined);
  assert.throws(() => joinRollouts([]), { code: "E_SHAPE" });
});
