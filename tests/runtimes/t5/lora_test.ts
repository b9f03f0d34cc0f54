import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { parseT5Config } from "../../../runtimes/t5/config.ts";
import { fit } from "../../../models/fit.ts";
import { Lora } from "../../../runtimes/t5/lora.ts";
import { initialParameters } from "../../../runtimes/t5/parameters.ts";
import { type Example, T5 } from "../../../runtimes/t5/t5.ts";
import type { Tensors } from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose, seeded, testOnDevices } from "../devices.ts";

const CONFIG = parseT5Config({
  model_type: "t5",
  vocab_size: 9,
  d_model: 6,
  d_kv: 2,
  num_heads: 2,
  d_ff: 5,
  num_layers: 1,
  relative_attention_num_buckets: 8,
  feed_forward_proj: "gated-gelu",
  tie_word_embeddings: false,
}, "config.json");

const EXAMPLES: Example[] = [
  { prompt: [3, 5, 1], label: [4, 1] },
  { prompt: [8, 3, 1], label: [7, 1] },
];

function newT5(tensors: Tensors): T5 {
  return new T5(tensors, CONFIG, initialParameters(CONFIG, seeded(1)));
}

async function lossOf(t5: T5): Promise<number> {
  const loss = t5.loss(EXAMPLES);
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}

testOnDevices("LoRA changes nothing at rank 0 and nothing when fresh", async (tensors) => {
  const t5 = newT5(tensors);
  const plain = await lossOf(t5);
  t5.lora = new Lora(tensors, CONFIG, seeded(2), { rank: 0 });
  assert.equal(await lossOf(t5), plain);
  assert.equal(t5.trainable.length, 0);
  t5.lora = new Lora(tensors, CONFIG, seeded(2), { rank: 2 });
  assert.equal(await lossOf(t5), plain);
  assert.equal(t5.trainable.length, 2 * 2 * 3);
  t5.dispose();
  assert.equal(tensors.tensorCount(), 0);
});

testOnDevices(
  "LoRA trains adapters alone; merged, saved and loaded they are the same",
  async (tensors) => {
    const t5 = newT5(tensors);
    const base = await t5.parameters();
    const before = await lossOf(t5);
    const options = { rank: 2, alpha: 8, targets: ["q", "v", "wo", "lm_head"] };
    assert.throws(
      () => new Lora(tensors, CONFIG, seeded(2), { targets: ["q", "head"] }),
      (error) => error instanceof TandemError && /no linear map "head"/.test(error.message),
    );
    const lora = t5.lora = new Lora(tensors, CONFIG, seeded(2), options);
    await fit(t5, EXAMPLES, {
      steps: 25,
      batch: 2,
      learningRate: 0.1,
      warmUp: 1,
      random: new Pcg64(0),
    });
    const after = await lossOf(t5);
    assert.ok(after < before - 0.3, `the loss went from ${before} to ${after}`);
    const merged = new T5(tensors, CONFIG, await t5.parameters());
    assertClose([await lossOf(merged)], [after], 1e-4);

    const file = await lora.save();
    t5.lora = undefined;
    assertClose([await lossOf(t5)], [before], 0);
    assert.deepEqual(await t5.parameters(), base);
    const again = t5.lora = new Lora(tensors, CONFIG, seeded(9), options);
    again.load(file, "adapters.safetensors");
    assertClose([await lossOf(t5)], [after], 0);
    const other = new Lora(tensors, CONFIG, seeded(9), { rank: 3 });
    assert.throws(
      () => other.load(file, "adapters.safetensors"),
      (error) => error instanceof TandemError && error.code === "E_MODEL",
    );
    for (const owner of [lora, other, merged, t5]) owner.dispose();
    assert.equal(tensors.tensorCount(), 0);
  },
  ["wasm", "cpu"],
);
