import assert from "node:assert/strict";
import { checkStage } from "../../../../core/conformance/mod.ts";
import { corridor, dqn } from "../../../../plugins/mod.ts";
import { doubleTargets, huber } from "../../../../plugins/student/neural/dqn_engine.ts";
import { Network } from "../../../../plugins/student/neural/network.ts";
import { Replay } from "../../../../plugins/student/neural/replay.ts";
import { openTensors } from "../../../../runtimes/tfjs.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";
import { returnAfter } from "../learning.ts";

testOnDevices(
  "double targets take the learner's best action at the target network's value",
  ({ tf }) => {
    const targets = doubleTargets(tf, {
      online: tf.tensor2d([[1, 2], [5, 4], [0, 9]]), // the best: 1, 0, 1
      target: tf.tensor2d([[10, 3], [7, 8], [0, 100]]),
      rewards: tf.tensor1d([1, 0, 2]),
      known: tf.tensor1d([1, 1, 0]),
      nextValues: tf.tensor1d([50, 50, 4]),
      discount: 0.5,
    });
    assertClose(targets.dataSync<"float32">(), [1 + 0.5 * 3, 0.5 * 7, 2 + 0.5 * 4], 1e-6, "target");
  },
  ["cpu", "wasm"],
);

testOnDevices("huber is a square near 0 and a line further out", ({ tf }) => {
  const mean = huber(tf, tf.tensor1d([0.5, -3]));
  assertClose(mean.dataSync<"float32">(), [(0.125 + 2.5) / 2], 1e-6, "loss");
}, ["cpu", "wasm"]);

testOnDevices("a dueling network's values are its level and what each action adds", (tensors) => {
  const shaped = (shape: number[], ...values: number[]) => ({
    shape,
    data: Float32Array.from(values),
  });
  const weights = Object.entries({
    ...{ state: shaped([1, 1], 1), guided: shaped([1, 1], 1), q: shaped([1, 2], 3, 1) },
    ...{ level: shaped([1, 1], 10), alone: shaped([1, 1], 1), value: shaped([1, 1], 1) },
  }).flatMap(([name, weight]) => [
    [name, weight] as const,
    [`${name}/bias`, shaped([weight.shape[1]!], ...weight.data.map(() => 0))] as const,
  ]);
  const network = new Network(tensors, Object.fromEntries(weights));
  const { tf } = tensors;
  const { qValues } = network.judge({ states: tf.tensor2d([[1]]), teacher: tf.zeros([1, 2]) });
  const hidden = Math.tanh(Math.tanh(1));
  assertClose(qValues.dataSync<"float32">(), [11 * hidden, 9 * hidden], 1e-5, "Q");
  network.dispose();
}, ["cpu"]);

Deno.test("a replay memory lets the oldest go, and is the same from what it saved", () => {
  const options = { entries: [{ categories: 9, optional: false }], words: [], guidance: 2 };
  const replay = new Replay(3, options);
  for (const reward of [1, 2, 3, 4]) {
    const row = replay.claim();
    replay.rewards[row] = reward;
    replay.now.entries[row] = reward;
  }
  assert.equal(replay.size, 3);
  assert.deepEqual([...replay.rewards], [4, 2, 3]);
  const { cursor, arrays } = structuredClone(replay.save());
  const other = new Replay(3, options);
  other.load(cursor, arrays);
  assert.deepEqual([other.size, [...other.now.entries], other.claim()], [3, [4, 2, 3], 1]);
});

for (const instruction of ["bag-of-words", "film"] as const) {
  Deno.test(`dqn with ${instruction} keeps its contract and leaks no tensor`, async () => {
    const tensors = await openTensors("cpu");
    const stage = dqn({
      ...{ instruction, hidden: 8, replay: 60, updates: 5, renewEvery: 3 },
      ...{ minibatch: 16, exploring: 100 },
    });
    const setting = { world: corridor(), liveTensors: tensors.tensorCount };
    assert.deepEqual(await checkStage(stage, setting), []);
    tensors.dispose();
  });
}

Deno.test("dqn solves the corridor alone", async () => {
  const student = dqn({
    ...{ gamma: 0.9, learningRate: 3e-3, hidden: 32 },
    ...{ exploring: 6000, renewEvery: 50, updates: 60, minibatch: 64 },
  });
  const found = await returnAfter(student, { iterations: 30 });
  assert.ok(found > 0.85, `${found}`);
});
