import assert from "node:assert/strict";
import { checkStage } from "../../../../core/testing/mod.ts";
import { estimateOf, record } from "../../../../core/testing/recording.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { Pcg64 } from "../../../../core/kit/random.ts";
import type { StageSpec } from "../../../../core/pipeline/plugin.ts";
import { corridor, ppo, recurrentPpo } from "../../../../plugins/mod.ts";
import type { EngineOptions } from "../../../../plugins/student/neural/engine.ts";
import { FusedEngine } from "../../../../plugins/student/neural/fused_engine.ts";
import { gruStep, Network } from "../../../../plugins/student/neural/network.ts";
import { TfjsEngine } from "../../../../plugins/student/neural/tfjs_engine.ts";
import { openTensors } from "../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";
import { cue } from "../cue.ts";
import { successAfter } from "../learning.ts";
import { engineOptions, fill, STEP } from "./experience.ts";

testOnDevices("gruStep() is a step of a gated recurrent unit worked out by hand", ({ tf }) => {
  // One number remembered, in two states: gates r, z, n.
  const next = gruStep(tf, {
    input: tf.tensor2d([[0, Math.log(3), 1], [Math.log(3), 0, 0]]),
    recalled: tf.tensor2d([[0, 0, 2], [0, 0, 0]]),
    memory: tf.tensor2d([[0.5], [-1]]),
  });
  // r = 1/2, z = 3/4, n = tanh(1 + 2 / 2); r = 3/4, z = 1/2, n = 0.
  const right = [0.25 * Math.tanh(2) + 0.75 * 0.5, 0.5 * 0 + 0.5 * -1];
  assertClose(next.dataSync<"float32">(), right, 1e-6, "memory");
}, ["cpu", "wasm"]);

testOnDevices(
  "a network with memory reads it in place of the state, and a cut ends it",
  (tensors) => {
    const { tf } = tensors;
    // One unit everywhere; r and z are 1/2 without weights, so h' = (tanh(tanh(s)) + h) / 2.
    const layers: Record<string, number[]> = {
      ...{ state: [1], guided: [1], policy: [1, 0], q: [0, 0], alone: [1], value: [1] },
      ...{ input: [0, 0, 1], memory: [0, 0, 0] },
    };
    const weights = Object.entries(layers).flatMap(([name, values]) => [
      [name, { shape: [1, values.length], data: Float32Array.from(values) }] as const,
      [`${name}/bias`, { shape: [values.length], data: new Float32Array(values.length) }] as const,
    ]);
    const network = new Network(tensors, Object.fromEntries(weights));
    // Two sequences of two steps; the second one's episode ends between them.
    const { logits, values } = network.forward({
      states: tf.tensor2d([[1], [2], [3], [4]]),
      teacher: tf.zeros([4, 2]),
      memory: {
        steps: 2,
        before: tf.tensor2d([[0.5], [0.25]]),
        kept: tf.tensor2d([[1], [1], [1], [0]]),
      },
    });
    const seen = (x: number) => Math.tanh(Math.tanh(x));
    const [a, b] = [(seen(1) + 0.5) / 2, (seen(2) + 0.25) / 2];
    const right = [a, b, (seen(3) + a) / 2, seen(4) / 2].map(Math.tanh);
    assertClose(values.dataSync<"float32">(), right, 1e-5, "value");
    assertClose(logits.dataSync<"float32">(), right.flatMap((x) => [x, 0]), 1e-5, "logit");
    network.dispose();
  },
  ["cpu", "wasm"],
);

/** Ways in which guidance reaches the network. */
const WAYS: Readonly<Record<string, EngineOptions>> = {
  "with guidance as features": engineOptions({ memory: 16 }),
  "with trust": engineOptions({ memory: 16, trust: 1.5 }),
  "with annealed guidance": engineOptions({ memory: 16, imitates: true }),
  "that distils trusted guidance": engineOptions({ memory: 16, trust: 1.5, distils: true }),
  "with floats and illegal actions": engineOptions({ memory: 16, floats: 5, legal: 3 }),
};
const [SEQUENCES, STEPS] = [140, 3];

for (const [way, options] of Object.entries(WAYS)) {
  testOnDevices(
    `FusedEngine with memory and ${way} equals TfjsEngine to 1e-5 over 100 updates`,
    async (tensors) => {
      const engines = [
        await FusedEngine.open(options, new Pcg64(1)),
        new TfjsEngine(tensors, options, new Pcg64(1)),
      ];
      const rooms = engines.map((engine) => {
        const samples = engine.samples(SEQUENCES * STEPS, STEPS);
        fill(samples, 2, options);
        const random = new Pcg64(4);
        samples.memory.forEach((_, k) => samples.memory[k] = random.random() - 0.5);
        samples.firsts.forEach((_, k) => samples.firsts[k] = random.random() < 0.2 ? 1 : 0);
        return { engine, samples };
      });
      const random = new Pcg64(3);
      for (let update = 0; update < 100; update++) {
        const order = random.permutation(SEQUENCES);
        for (const { engine, samples } of rooms) {
          samples.order.set(order);
          // Most updates are small, to be quick; some are of a whole chunk of rows and a part.
          engine.backward(samples, 5, update % 25 ? 15 : 135, 1 - update / 100);
          engine.step(STEP);
        }
        if (update % 25 > 0) continue;
        const [ours, theirs] = await Promise.all(engines.map((engine) => engine.metrics()));
        assertClose(ours!, theirs!, 2e-5, "metric");
      }
      const [ours, theirs] = await Promise.all(engines.map((engine) => engine.save()));
      assert.deepEqual(Object.keys(ours!.weights), Object.keys(theirs!.weights));
      for (const [name, { data }] of Object.entries(ours!.weights)) {
        assertClose(data, theirs!.weights[name]!.data, 1e-5, name);
      }
      for (const size of [5, 130]) await assertSameSteps(engines, size);
      for (const engine of engines.slice(0, 1)) engine.dispose();
    },
    ["cpu"],
  );
}

/** Asserts that engines decide and remember alike from step to step. */
async function assertSameSteps(
  engines: readonly (FusedEngine | TfjsEngine)[],
  size: number,
): Promise<void> {
  const rooms = engines.map((engine) => engine.inputs(size));
  for (const room of rooms) room.memory.fill(0.25);
  for (let t = 0; t < 3; t++) {
    for (const room of rooms) {
      room.entries.forEach((_, k) => room.entries[k] = (k + t) % 2);
      room.guidance.fill(0.1 * t);
      room.floats.fill(0.3 * t);
      room.legal.forEach((_, k) => room.legal[k] = +(k % 3 !== t));
    }
    const [ours, theirs] = [engines[0]!, engines[1]!];
    const [mine, other] = [rooms[0]!, rooms[1]!];
    assertClose(await ours.values(mine), await theirs.values(other), 2e-5, "value");
    assertClose(mine.memory, other.memory, 2e-5, "what values() leaves");
    assertClose(await ours.decide(mine), await theirs.decide(other), 2e-5, "row");
    assertClose(mine.memory, other.memory, 2e-5, "memory");
  }
}

const SMALL = { hidden: 8, memory: 8 } as const;
const VARIANTS: Readonly<Record<string, StageSpec<"student">>> = {
  "recurrent-ppo": recurrentPpo(SMALL),
  "recurrent-ppo on tfjs": recurrentPpo({ ...SMALL, runtime: "tfjs" }),
  "recurrent-ppo with trust": recurrentPpo({ ...SMALL, guidance: "trust" }),
  "recurrent-ppo with annealed guidance": recurrentPpo({
    ...{ ...SMALL, guidance: "annealed", annealing: 3 },
  }),
};

for (const [name, stage] of Object.entries(VARIANTS)) {
  Deno.test(`${name} keeps its contract and leaks no tensor`, async () => {
    const tensors = await openTensors("cpu");
    const setting = { world: corridor(), liveTensors: tensors.tensorCount };
    assert.deepEqual(await checkStage(stage, setting), []);
    tensors.dispose();
  });

  Deno.test(`${name} has ratio 1 on its first pass through a rollout`, async () => {
    const context = createContext({ seed: 0, device: "cpu" });
    const world = await corridor({ length: 4 }).create(context, { envs: 4 });
    const { spec } = world;
    const once = stage.with({ epochs: 1, minibatch: 1000 });
    const student = await once.create(context, {
      ...{ env: spec, grain: "action", candidates: spec.actions },
    });
    for (const seed of [0, 1]) {
      const rollout = await record(world, 12, seed, student);
      assert.ok(rollout.firsts.subarray(spec.envs).includes(1), "an episode ends on the way");
      const { approxKl, clipFraction } = await student.learn(rollout, estimateOf(rollout));
      assert.ok(Math.abs(approxKl!) < 1e-5, `${approxKl}`);
      assert.equal(clipFraction, 0);
    }
    await student.dispose?.();
  });
}

Deno.test("recurrent-ppo refuses a memory that is no multiple of 8", () => {
  assert.throws(() => recurrentPpo({ memory: 12 }), { code: "E_OPTION", message: /"memory"/ });
});

const LEARNING = { hidden: 16, minibatch: 128, learningRate: 5e-3 };

Deno.test("recurrent-ppo solves a world that cannot be solved without memory", async () => {
  const found = await successAfter(cue(), recurrentPpo({ ...LEARNING, memory: 16 }));
  assert.ok(found > 0.95, `${found}`);
});

Deno.test("ppo does not: it has no memory", async () => {
  const found = await successAfter(cue(), ppo(LEARNING));
  assert.ok(found < 0.6, `${found}`);
});
