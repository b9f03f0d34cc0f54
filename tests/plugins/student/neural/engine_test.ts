import assert from "node:assert/strict";
import { Pcg64 } from "../../../../core/kit/random.ts";
import type { Engine, EngineOptions } from "../../../../plugins/student/neural/engine.ts";
import { FusedEngine } from "../../../../plugins/student/neural/fused_engine.ts";
import { TfjsEngine } from "../../../../plugins/student/neural/tfjs_engine.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";
import { engineOptions, fill, STEP, withMaps } from "./experience.ts";

const BATCH = 100;

async function assertSameWeights(a: Engine, b: Engine, tolerance: number): Promise<void> {
  const [ours, theirs] = [await a.save(), await b.save()];
  assert.deepEqual(Object.keys(ours.weights), Object.keys(theirs.weights));
  for (const [name, { shape, data }] of Object.entries(ours.weights)) {
    assert.deepEqual(shape, theirs.weights[name]!.shape);
    assertClose(data, theirs.weights[name]!.data, tolerance, name);
  }
}

/** Ways in which guidance reaches the network. */
const WAYS: Readonly<Record<string, EngineOptions>> = {
  "with guidance as features": engineOptions(),
  "with trust": engineOptions({ trust: 1.5 }),
  "with annealed guidance": engineOptions({ imitates: true }),
  "that distils trusted guidance": engineOptions({ trust: 1.5, distils: true }),
  "that distils features, with illegal actions": engineOptions({ legal: 3, distils: true }),
  "that distils, with maps": engineOptions({ ...withMaps(), trust: 1, distils: true }),
  "with floats beside categories": engineOptions({ floats: 5 }),
  "with floats alone": engineOptions({ floats: 5, entries: [], words: [] }),
  "with illegal actions": engineOptions({ legal: 3 }),
  "with illegal actions and trust": engineOptions({ legal: 3, trust: 1.5 }),
  "with illegal actions and annealed guidance": engineOptions({ legal: 3, imitates: true }),
  "with maps": engineOptions(withMaps()),
  "with more maps, by floats too": engineOptions({ ...withMaps(8, 12), floats: 5 }),
};

for (const [way, options] of Object.entries(WAYS)) {
  testOnDevices(
    `FusedEngine ${way} equals TfjsEngine to 1e-5 over 100 updates`,
    async (tensors) => {
      const fused = await FusedEngine.open(options, new Pcg64(1));
      const tfjs = new TfjsEngine(tensors, options, new Pcg64(1));
      await assertSameWeights(fused, tfjs, 0);
      const engines = [fused, tfjs].map((engine) => ({ engine, samples: engine.samples(BATCH) }));
      for (const { samples } of engines) fill(samples, 2, options);
      const random = new Pcg64(3);
      for (let update = 0; update < 100; update++) {
        const order = random.permutation(BATCH);
        for (const { engine, samples } of engines) {
          samples.order.set(order);
          // 70 rows: a whole chunk and a part.
          engine.backward(samples, 10, 80, 1 - update / 100);
          engine.step(STEP);
        }
        if (update % 25 > 0) continue;
        assertClose(fused.metrics(), await tfjs.metrics(), 2e-5, "metric");
      }
      await assertSameWeights(fused, tfjs, 1e-5);
      const inputs = engines.map(({ engine }) => engine.inputs(5));
      for (const room of inputs) {
        room.entries.fill(1);
        room.words.fill(1);
        room.slots.fill(2);
        room.guidance.fill(0.5);
        room.floats.fill(0.25);
        room.legal.forEach((_, k) => room.legal[k] = +(k % 3 !== 1));
      }
      assertClose(fused.decide(inputs[0]!), await tfjs.decide(inputs[1]!), 2e-5, "row");
      assertClose(fused.values(inputs[0]!), await tfjs.values(inputs[1]!), 2e-5, "value");
      fused.dispose();
    },
    ["wasm", "cpu"],
  );
}

testOnDevices("TfjsEngine leaves no tensors behind from update to update", async (tensors) => {
  const engine = new TfjsEngine(tensors, engineOptions(), new Pcg64(1));
  const samples = engine.samples(20);
  fill(samples, 2, engineOptions());
  const round = async () => {
    for (const from of [0, 10]) {
      engine.backward(samples, from, from + 10);
      engine.step(STEP);
    }
    await engine.metrics();
    return tensors.tensorCount();
  };
  const first = await round();
  assert.equal(await round(), first);
});

Deno.test("FusedEngine gives the same bits each time, and in whatever room", async () => {
  const run = async (others: number[]) => {
    const engine = await FusedEngine.open(engineOptions(), new Pcg64(1));
    for (const size of others) engine.inputs(size);
    const samples = engine.samples(BATCH);
    fill(samples, 2, engineOptions());
    for (let update = 0; update < 5; update++) {
      engine.backward(samples, 0, BATCH);
      engine.step(STEP);
    }
    return engine.save();
  };
  assert.deepEqual(await run([]), await run([3, 70_000]));
});

for (const rows of [1, 64, 65]) {
  Deno.test(`FusedEngine decides for each of ${rows} states as for it alone`, async () => {
    const engine = await FusedEngine.open(engineOptions(), new Pcg64(1));
    const samples = engine.samples(rows);
    fill(samples, 4, engineOptions());
    const all = engine.inputs(rows), alone = engine.inputs(1);
    for (const what of ["entries", "words", "guidance"] as const) all[what].set(samples[what]);
    const together = engine.decide(all).slice();
    const width = together.length / rows;
    for (let row = 0; row < rows; row++) {
      for (const what of ["entries", "words", "guidance"] as const) {
        const length = Math.floor(all[what].length / rows);
        const stride = what === "guidance" ? all.guidanceStride : engineOptions()[what].length;
        alone[what].set(all[what].subarray(row * stride, row * stride + Math.min(length, stride)));
      }
      const expected = together.subarray(row * width, (row + 1) * width);
      assert.deepEqual(engine.decide(alone), expected);
    }
  });
}
