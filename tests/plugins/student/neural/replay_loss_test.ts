import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { silence } from "../../../../core/kit/guidance.ts";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { RolloutBuffer } from "../../../../core/kit/rollout_buffer.ts";
import { estimateOf, record, replayOf } from "../../../../core/testing/recording.ts";
import {
  actorCritic,
  babyai,
  corridor,
  dqn,
  match,
  pendulum,
  ppo,
  recurrentPpo,
} from "../../../../plugins/mod.ts";
import type { EngineOptions, Replayed } from "../../../../plugins/student/neural/engine.ts";
import { FusedEngine } from "../../../../plugins/student/neural/fused_engine.ts";
import { replayLoss } from "../../../../plugins/student/neural/replay_loss.ts";
import { TfjsEngine } from "../../../../plugins/student/neural/tfjs_engine.ts";
import type { Tensor1D, Tensor2D } from "../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";
import { engineOptions, fill, STEP, withMaps } from "./experience.ts";

/**
 * Three states of two actions: policies (3/4, 1/4), (1/2, 1/2) and (1/2, 1/2); action 0, 1 and 1; V 0.5,
 * 0.25 and 1; returns 1, 0.75 and 0.5, so that the gains are 0.5, 0.5 and, as V was above, 0.
 */
const LOGITS = [[Math.log(3), 0], [0, 0], [0, 0]];
const ACTIONS = [[1, 0], [0, 1], [0, 1]];
const [VALUES, RETURNS] = [[0.5, 0.25, 1], [1, 0.75, 0.5]];

testOnDevices("replayLoss() and its gradients are those of a hand-computed table", ({ tf }) => {
  const loss = (logits: Tensor2D, values: Tensor1D) =>
    replayLoss(
      tf,
      { logits, values, qValues: tf.zeros([3, 2]) },
      tf.tensor2d(ACTIONS),
      tf.tensor1d(RETURNS),
    );
  const inputs = [tf.tensor2d(LOGITS), tf.tensor1d(VALUES)] as const;
  const right = (-Math.log(0.75) * 0.5 - Math.log(0.5) * 0.5 + 2 * 0.5 ** 2 / 2) / 3;
  assertClose(loss(...inputs).dataSync<"float32">(), [right], 1e-6, "loss");
  const [dLogits, dValues] = tf.grads((a, b) => loss(a as Tensor2D, b as Tensor1D))([...inputs]);
  // Of the policy (p - 1 of what was done) x gain / 3; of V -gain / 3, and nothing of the policy's.
  const policy = [-0.25 * 0.5, 0.25 * 0.5, 0.5 * 0.5, -0.5 * 0.5, 0, 0].map((d) => d / 3);
  assertClose(dLogits!.dataSync<"float32">(), policy, 1e-6, "logit");
  assertClose(dValues!.dataSync<"float32">(), [-0.5 / 3, -0.5 / 3, 0], 1e-6, "value");
}, ["cpu", "wasm"]);

const ROWS = 70;

/** The same past steps for each engine, of which some went better than V thinks and some worse. */
function refill(replayed: Replayed, seed: number, options: EngineOptions): void {
  const samples = Object.assign(replayed, {
    ...{ steps: 1, order: new Int32Array(ROWS), firsts: new Uint8Array(ROWS) },
    ...{ logProbs: new Float32Array(ROWS), values: new Float32Array(ROWS) },
    ...{ targets: replayed.returns, taught: new Float32Array(0), taughtStride: 0 },
  });
  fill(samples, seed, options);
  replayed.guidance.fill(0);
  for (let k = 0; k < ROWS; k++) replayed.returns[k] = 2 * replayed.returns[k]! - 1;
  for (let k = 0; k < replayed.memory.length; k++) replayed.memory[k] = Math.sin(k + seed);
}

/** What past steps meet in a network. */
const WAYS: Readonly<Record<string, EngineOptions>> = {
  "of guidance as features": engineOptions(),
  "with trust": engineOptions({ trust: 1.5 }),
  "with annealed guidance": engineOptions({ imitates: true }),
  "with floats beside categories": engineOptions({ floats: 5 }),
  "with illegal actions and trust": engineOptions({ legal: 3, trust: 1.5 }),
  "with memory": engineOptions({ memory: 8 }),
  "with maps and memory": engineOptions({ ...withMaps(), floats: 5, memory: 8 }),
};

for (const [way, options] of Object.entries(WAYS)) {
  testOnDevices(
    `past steps teach FusedEngine ${way} as TfjsEngine, to 1e-5 over 100 updates`,
    async (tensors) => {
      const weighed = { ...options, loss: { ...options.loss, replayLoss: 0.7 } };
      const fused = await FusedEngine.open(weighed, new Pcg64(1));
      const tfjs = new TfjsEngine(tensors, weighed, new Pcg64(1));
      const steps = options.memory ? 5 : 1;
      const engines = [fused, tfjs].map((engine) => ({
        engine,
        samples: engine.samples(100, steps),
        replayed: engine.replayed(ROWS),
      }));
      for (const { samples, replayed } of engines) {
        fill(samples, 2, options);
        for (let k = 0; k < samples.order.length; k++) samples.order[k] = k;
        refill(replayed, 4, options);
      }
      for (let update = 0; update < 100; update++) {
        for (const { engine, samples, replayed } of engines) {
          // Every other update goes without.
          engine.backward(samples, 2, 16, 1 - update / 100, update % 2 ? undefined : replayed);
          engine.step(STEP);
        }
        if (update % 2 > 0) fused.metrics(), await tfjs.metrics();
        else assertClose(fused.metrics(), await tfjs.metrics(), 2e-5, "metric");
      }
      const [ours, theirs] = [await fused.save(), await tfjs.save()];
      for (const [name, { data }] of Object.entries(ours.weights)) {
        assertClose(data, theirs.weights[name]!.data, 1e-5, name);
      }
      fused.dispose();
    },
    ["cpu"],
  );
}

const STUDENTS = {
  ppo: [ppo({ hidden: 8, epochs: 1, minibatch: 20, replayLoss: 0.5 }), corridor()],
  "ppo on tfjs": [ppo({ hidden: 8, epochs: 1, minibatch: 20, runtime: "tfjs" }), corridor()],
  "actor-critic": [actorCritic({ hidden: 8, minibatch: 20 }), corridor()],
  "recurrent-ppo": [recurrentPpo({ hidden: 8, memory: 8, epochs: 1, minibatch: 20 }), corridor()],
  match: [
    match({ hidden: 8, epochs: 1, minibatch: 20, pose: true }),
    babyai({ level: "GoToLocal" }),
  ],
  "ppo of float actions": [ppo({ hidden: 8, epochs: 1, minibatch: 20 }), pendulum()],
} as const;

for (const [name, [stage, world]] of Object.entries(STUDENTS)) {
  Deno.test(`${name} learns from past steps, as many as a minibatch has, and reports their loss`, async () => {
    const context = createContext({ seed: 1, device: "cpu" });
    const env = await world.create(context, { envs: 4 });
    const { spec } = env;
    const student = await stage.create(context, {
      env: spec,
      grain: "action",
      candidates: spec.actions,
    });
    assert.equal(student.learnsFromReplay, true);
    const rollout = await record(env, 8, 3, student);
    const past = replayOf(rollout, spec);
    const drawn: number[] = [];
    const replay = {
      size: past.size,
      draw: (count: number) => (drawn.push(count), past.draw(count)),
    };
    const alone = await student.learn(rollout, estimateOf(rollout));
    const metrics = await student.learn(rollout, estimateOf(rollout), replay);
    assert.deepEqual(drawn, name === "recurrent-ppo" ? [16, 16] : [20, 12]);
    assert.equal("replayLoss" in alone, false);
    assert.ok(Number.isFinite(metrics.replayLoss!) && metrics.replayLoss! > 0);
    const none = await student.learn(rollout, estimateOf(rollout), { size: 0, draw: past.draw });
    assert.equal("replayLoss" in none, false);
    await student.dispose?.();
  });
}

Deno.test("past steps that went well are done more often, and V rises to their returns", async () => {
  const context = createContext({ seed: 1, device: "cpu" });
  const env = await corridor().create(context, { envs: 4 });
  const { spec } = env;
  const student = await ppo({ hidden: 16, learningRate: 1e-2, epochs: 1 })
    .create(context, { env: spec, grain: "action", candidates: spec.actions });
  const seen = env.reset([1, 2, 3, 4]);
  const rollout = await record(env, 8, 3, student);
  const always = replayOf(rollout, spec);
  const replay = {
    size: 1,
    draw: (count: number) => {
      const batch = always.draw(count);
      return { ...batch, actions: batch.actions.map(() => 1), returns: batch.returns.map(() => 1) };
    },
  };
  env.reset([1, 2, 3, 4]);
  const silent = silence(4, spec.actions);
  const before = await student.policy!(seen, silent);
  for (let update = 0; update < 20; update++) {
    await student.learn(rollout, estimateOf(rollout), replay);
  }
  env.reset([1, 2, 3, 4]);
  const after = await student.policy!(seen, silent);
  for (let i = 0; i < 4; i++) {
    assert.ok(after.probabilities[3 * i + 1]! > before.probabilities[3 * i + 1]! + 0.1);
    assert.ok(after.values[i]! > before.values[i]! + 0.1);
  }
});

Deno.test("who weighs past steps by nothing, or knows none, does not ask for them", async () => {
  const context = createContext({ seed: 1, device: "cpu" });
  const env = await corridor().create(context, { envs: 4 });
  const wiring = { env: env.spec, grain: "action", candidates: env.spec.actions } as const;
  for (const stage of [ppo({ replayLoss: 0 }), dqn({ replay: 10 })]) {
    assert.equal((await stage.create(context, wiring)).learnsFromReplay, undefined);
  }
});

Deno.test("past steps teach the same bits for any number of threads", async () => {
  const learned = async (threads: number, options: EngineOptions) => {
    const engine = await FusedEngine.open({ ...options, threads }, new Pcg64(1));
    const samples = engine.samples(500);
    const replayed = engine.replayed(ROWS);
    fill(samples, 2, options);
    refill(replayed, 4, options);
    for (let update = 0; update < 2; update++) {
      engine.backward(samples, 0, 300, 1, replayed);
      engine.step(STEP);
    }
    const { weights } = engine.save();
    engine.dispose();
    return weights;
  };
  const options = engineOptions();
  const alone = await learned(1, options);
  for (const threads of [2, 3]) assert.deepEqual(await learned(threads, options), alone);
});

Deno.test("the room that the first past steps take does not cut an update short", async () => {
  const context = createContext({ seed: 1, device: "cpu" });
  const env = await corridor().create(context, { envs: 32 });
  const { spec } = env;
  const student = await ppo({ epochs: 3, minibatch: 512 })
    .create(context, { env: spec, grain: "action", candidates: spec.actions });
  const rollout = new RolloutBuffer(spec, 32, false);
  let seen = env.reset(Array.from({ length: 32 }, (_, i) => i));
  for (let t = 0; t < 32; t++) {
    const guidance = silence(32, spec.actions);
    rollout.decide(t, seen, guidance, await student.act(seen, guidance, "train"));
    const step = env.step(new Int32Array(32));
    rollout.answer(t, step);
    seen = step.observations;
  }
  const past = replayOf(rollout, spec);
  let drawn = 0;
  const draw = (count: number) => (drawn++, past.draw(count));
  await student.learn(rollout, estimateOf(rollout), { size: past.size, draw });
  assert.equal(drawn, 3 * 2);
});
