import assert from "node:assert/strict";
import { checkStage } from "../../../../core/testing/mod.ts";
import { silence } from "../../../../core/kit/guidance.ts";
import { record } from "../../../../core/testing/recording.ts";
import type { Samples, Tensor } from "../../../../core/stages/mod.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { corridor, dqn } from "../../../../plugins/mod.ts";
import { doubleTargets, huber, marginLoss } from "../../../../plugins/student/neural/dqn.ts";
import { Network } from "../../../../plugins/student/neural/network.ts";
import { Replay } from "../../../../plugins/student/neural/replay.ts";
import { openTensors } from "../../../../runtimes/tfjs/tfjs.ts";
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

testOnDevices("the margin loss wants the teacher's action ahead, where it spoke", ({ tf }) => {
  const qValues = tf.tensor2d([[1, 0.5, 0], [0, 2, 0], [5, 0, 0]]);
  // Ahead by less than 0.8; ahead by more; silent.
  const teacher = tf.tensor2d([[0.7, 0.2, 0.1], [0, 1, 0], [0, 0, 0]]);
  const found = marginLoss(tf, qValues, teacher, 0.8).dataSync()[0]!;
  assert.ok(Math.abs(found - (0.5 + 0.8 - 1) / 2) < 1e-6, `${found}`);
  const silent = marginLoss(tf, qValues, tf.zeros([3, 3]), 0.8).dataSync()[0];
  assert.equal(silent, 0);
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
  // Trust softplus(0) = log 2 in a teacher that says (1/4, 3/4), and in one that says nothing.
  const trust = [["trust", shaped([1, 1], 0)], ["trust/bias", shaped([1], 0)]] as const;
  const leaning = new Network(tensors, Object.fromEntries([...weights, ...trust]));
  const judged = leaning.judge({
    states: tf.tensor2d([[1], [1]]),
    teacher: tf.tensor2d([[0.25, 0.75], [0, 0]]),
  });
  const half = Math.LN2 * (Math.log(0.75) - Math.log(0.25)) / 2;
  const right = [11 * hidden - half, 9 * hidden + half, 11 * hidden, 9 * hidden];
  assertClose(judged.qValues.dataSync<"float32">(), right, 1e-5, "Q");
  leaning.dispose();
}, ["cpu"]);

Deno.test("a replay memory lets the oldest go, and is the same from what it saved", () => {
  const options = {
    ...{ entries: [{ categories: 9, optional: false }], words: [], guidance: 2 },
    ...{ floats: 1, legal: 0, actions: 2 },
  };
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

const VARIANTS = {
  "guidance as an input": {},
  trust: { guidance: "trust" },
  "annealed guidance": { guidance: "annealed", annealing: 3 },
} as const;

for (const [name, options] of Object.entries(VARIANTS)) {
  Deno.test(`dqn with ${name} keeps its contract and leaks no tensor`, async () => {
    const tensors = await openTensors("cpu");
    const stage = dqn({
      ...{ ...options, hidden: 8, replay: 60, updates: 5, renewEvery: 3 },
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
    ...{ exploring: 3000, renewEvery: 50, updates: 40, minibatch: 64 },
  });
  const found = await returnAfter(student, { iterations: 15 });
  assert.ok(found > 0.85, `${found}`);
});

for (const guidance of ["trust", "annealed"] as const) {
  Deno.test(`dqn solves the corridor with a teacher, its guidance as ${guidance}`, async () => {
    const student = dqn({
      ...{ guidance, gamma: 0.9, learningRate: 3e-3, hidden: 32, annealing: 8 },
      ...{ exploring: 3000, renewEvery: 50, updates: 40, minibatch: 64 },
    });
    const found = await returnAfter(student, { iterations: 20, accuracy: 0.9 });
    assert.ok(found > 0.85, `${found}`);
  });
}

Deno.test("dqn that uses the teacher's distribution wants one over actions", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const { spec } = await corridor().create(context, { envs: 2 });
  const wiring = { env: spec, grain: "action", candidates: ["red", "blue"] } as const;
  await assert.rejects(async () => await dqn({ guidance: "trust" }).create(context, wiring), {
    ...{ code: "E_WIRING", message: /student.guidance=features takes any/ },
  });
});

Deno.test("dqn practises on transitions of another policy, and is the same from what it saved", async () => {
  const context = () => createContext({ seed: 0, device: "cpu" });
  const env = await corridor({ length: 5 }).create(context(), { envs: 2 });
  const wiring = { env: env.spec, grain: "action", candidates: env.spec.actions } as const;
  const make = () => dqn({ hidden: 16, minibatch: 32, updates: 60 }).create(context(), wiring);
  const [student, other] = [await make(), await make()];
  // In the middle cell, told by nobody: going right ends the episode with 1, all else leads to nothing.
  const cells = [2, 4, 2, 4, 2, 4];
  const states = env.reset([0, 1]).tensors.cells!;
  const observations = {
    cells: { ...states, shape: [3, 2], data: Uint8Array.from(cells) } as Tensor,
  };
  const samples: Samples = {
    ...{ size: 3, observations, nextObservations: observations },
    ...{ keys: new Float64Array(3), nextKeys: new Float64Array(3) },
    missions: Array(3).fill("go to the flag"),
    ...{ actions: Int32Array.of(0, 1, 2), rewards: Float32Array.of(0, 1, 0) },
    terminated: Uint8Array.of(1, 1, 1),
  };
  const rollout = await record(env, 8, 1);
  for (let k = 0; k < 20; k++) await student.practise!(samples);
  const { replayed } = await student.learn(rollout, null as never);
  assert.equal(replayed, 60 + rollout.rewards.length);
  await other.load!(await student.save!());
  const seen = env.reset([0, 1]);
  seen.tensors.cells!.data.set([2, 4, 2, 4]);
  const asked = async (one: typeof student) => {
    const view = await one.policy!(seen, silence(2, env.spec.actions));
    return [...view.qValues.slice(0, 3)];
  };
  const [left, right, stay] = await asked(student);
  assert.ok(right! > left! + 0.5 && right! > stay! + 0.5, `${left} ${right} ${stay}`);
  assert.deepEqual(await asked(other), [left, right, stay]);
  for (const one of [student, other]) await one.dispose?.();
});
