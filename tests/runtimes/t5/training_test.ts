/** The T5's gradients and training steps against plain loops and differences of 64-bit losses. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { TandemError } from "../../../core/base/errors.ts";
import { Adam } from "../../../runtimes/tfjs/adam.ts";
import { parseT5Config, readT5Config, type T5Config } from "../../../runtimes/t5/config.ts";
import { readT5Parameters } from "../../../runtimes/t5/folder.ts";
import { initialParameters } from "../../../runtimes/t5/parameters.ts";
import { type Example, T5 } from "../../../runtimes/t5/t5.ts";
import { lossAndGradients, type Tensors } from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose, seeded, testOnDevices } from "../devices.ts";
import { plainLoss, type PlainParameter } from "./plain_t5.ts";

/** The smallest shape that has every operator; heads x d_kv is not d_model. */
function tinyConfig(gated: boolean): T5Config {
  return parseT5Config({
    model_type: "t5",
    vocab_size: 9,
    d_model: 6,
    d_kv: 2,
    num_heads: 2,
    d_ff: 5,
    num_layers: 1,
    relative_attention_num_buckets: 8,
    relative_attention_max_distance: 16,
    feed_forward_proj: gated ? "gated-gelu" : "relu",
    tie_word_embeddings: !gated,
  }, "config.json");
}

/** Prompts long enough for the wide buckets. */
const EXAMPLES: Example[] = [{ prompt: [3, 5, 4, 8, 7, 3, 6, 2, 1], label: [4, 6, 1] }];

/** d loss / d parameter by central differences in 64 bits. */
function differences(
  config: T5Config,
  parameters: ReadonlyMap<string, PlainParameter>,
): Map<string, number[]> {
  const step = 1e-5;
  const lossAt = () => plainLoss(config, parameters, EXAMPLES[0]!);
  return new Map(
    [...parameters].map(([name, { values }]) => [
      name,
      Array.from(values, (value, i) => {
        values[i] = value + step;
        const above = lossAt();
        values[i] = value - step;
        const below = lossAt();
        values[i] = value;
        return (above - below) / (2 * step);
      }),
    ]),
  );
}

for (const gated of [false, true]) {
  const config = tinyConfig(gated);
  const initial = initialParameters(config, seeded(gated ? 3 : 4));
  const plain = new Map(
    [...initial].map(([name, { shape, values }]) => [
      name,
      { shape, values: Float64Array.from(values) },
    ]),
  );
  const expected = differences(config, plain);
  const kind = gated ? "a gated, untied T5" : "a ReLU, tied T5";

  testOnDevices(`${kind} has the loss and gradients of plain loops`, async (tensors) => {
    const t5 = new T5(tensors, config, initial);
    const names = [...t5.variables.keys()];
    const { loss, gradients } = lossAndGradients(
      tensors,
      [...t5.variables.values()],
      () => t5.loss(EXAMPLES),
    );
    assertClose(await loss.data(), [plainLoss(config, plain, EXAMPLES[0]!)], 1e-5, "loss");
    for (const [index, name] of names.entries()) {
      assertClose(await gradients[index]!.data(), expected.get(name)!, 1e-4, name);
    }
    tensors.tf.dispose([loss, ...gradients]);
    t5.dispose();
  });

  testOnDevices(`${kind} takes the training step that Adam's formula gives`, async (tensors) => {
    const t5 = new T5(tensors, config, initial);
    const adam = new Adam(tensors, [...t5.variables.values()], {
      learningRate: 0.01,
      epsilon: 1e-2,
    });
    trainingStep(tensors, t5, adam, EXAMPLES);
    for (const [name, { values }] of await t5.parameters()) {
      // After one step both moments, corrected, are the gradient and its square.
      const after = expected.get(name)!.map((g, i) =>
        plain.get(name)!.values[i]! - 0.01 * g / (Math.abs(g) + 1e-2)
      );
      assertClose(values, after, 1e-4, name);
    }
    adam.dispose();
    t5.dispose();
  });
}

function trainingStep(tensors: Tensors, t5: T5, adam: Adam, examples: readonly Example[]): void {
  const { loss, gradients } = lossAndGradients(
    tensors,
    [...t5.variables.values()],
    () => t5.loss(examples),
  );
  adam.step(gradients);
  tensors.tf.dispose([loss, ...gradients]);
}

const BATCH: Example[] = [
  { prompt: [3, 5, 1], label: [4, 1] },
  { prompt: [5, 3, 7, 1], label: [6, 2, 1] },
  { prompt: [8, 1], label: [7, 1] },
];

testOnDevices("a T5's loss goes down on a fixed batch, its tensors stay flat", async (tensors) => {
  const t5 = new T5(tensors, tinyConfig(true), initialParameters(tinyConfig(true), seeded(5)));
  const adam = new Adam(tensors, [...t5.variables.values()], { learningRate: 0.05 });
  const lossNow = async () => {
    const loss = t5.loss(BATCH);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
  const before = await lossNow();
  const tensorsBefore = tensors.tensorCount();
  for (let step = 0; step < 20; step++) trainingStep(tensors, t5, adam, BATCH);
  const after = await lossNow();
  assert.ok(before > 1.5 && after < 0.5, `the loss went from ${before} to ${after}`);
  assert.equal(tensors.tensorCount(), tensorsBefore);
  adam.dispose();
  t5.dispose();
  assert.equal(tensors.tensorCount(), 0);
});

testOnDevices("a T5's tensors stay flat over 1,000 training steps", (tensors) => {
  const config = tinyConfig(true);
  const t5 = new T5(tensors, config, initialParameters(config, seeded(6)));
  const adam = new Adam(tensors, [...t5.variables.values()]);
  trainingStep(tensors, t5, adam, EXAMPLES);
  const before = tensors.tf.memory();
  for (let step = 0; step < 1000; step++) trainingStep(tensors, t5, adam, EXAMPLES);
  const after = tensors.tf.memory();
  assert.equal(after.numTensors, before.numTensors);
  assert.equal(after.numDataBuffers, before.numDataBuffers);
  assert.equal(after.numBytes, before.numBytes);
  adam.dispose();
  t5.dispose();
}, ["wasm"]);

testOnDevices("a T5's padding changes nothing", async (tensors) => {
  const config = tinyConfig(true);
  const t5 = new T5(tensors, config, initialParameters(config, seeded(8)));
  const together = t5.labelLogProbs(BATCH);
  const rows = await together.array() as number[][];
  for (const [row, example] of BATCH.entries()) {
    const alone = t5.labelLogProbs([example]);
    assertClose(rows[row]!.slice(0, example.label.length), await alone.data(), 1e-5, `row ${row}`);
    alone.dispose();
  }
  together.dispose();
  t5.dispose();
});

Deno.test("T5 folders are refused in one sentence where they do not fit", async () => {
  const refused = (pattern: RegExp) => (error: unknown) =>
    error instanceof TandemError && error.code === "E_MODEL" && pattern.test(error.message);
  const fixtures = fileURLToPath(new URL("../../fixtures/language-models/", import.meta.url));
  await assert.rejects(readT5Config(`${fixtures}gpt2`), refused(/"model_type": "gpt2"/));
  await assert.rejects(readT5Config(`${fixtures}none`), refused(/config.json" is missing/));
  const config = await readT5Config(`${fixtures}t5-v1_0`);
  await assert.rejects(readT5Parameters(`${fixtures}gpt2`, config), refused(/has no "model.safet/));
  await assert.rejects(
    readT5Parameters(`${fixtures}t5-v1_0`, { ...config, dFf: 65 }),
    refused(/of shape \[64,32\]; config.json asks for \[65,32\]/),
  );
  await assert.rejects(
    readT5Parameters(`${fixtures}t5-v1_0`, { ...config, tied: false }),
    refused(/lacks the tensor "lm_head.weight"/),
  );
  assert.throws(
    () => parseT5Config({ model_type: "t5", d_model: -1 }, "c.json"),
    refused(/"c.json" has "vocab_size": undefined; a whole number/),
  );
  const shape = { vocab_size: 9, d_model: 6, d_kv: 2, num_heads: 2, d_ff: 5, num_layers: 1 };
  assert.throws(
    () =>
      parseT5Config({
        model_type: "t5",
        ...shape,
        relative_attention_num_buckets: 32,
        relative_attention_max_distance: 16,
      }, "c.json"),
    refused(/"relative_attention_max_distance": 16; more than half of the buckets/),
  );
});
