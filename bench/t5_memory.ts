/**
 * Peak memory of training a T5 of flan-t5-small's shape (77 million weights, drawn at random) by
 * verdicts: one gradient step on 8 prompts of 64 tokens with 6 candidates of 4 tokens each.
 *
 *     deno run --lock=deno.lock --frozen --allow-all bench/t5_memory.ts [lora|all] [wasm|cpu|webgpu]
 */

import * as v from "valibot";
import { Pcg64 } from "../core/kit/random.ts";
import { parseT5Config } from "../runtimes/t5/config.ts";
import { writeT5 } from "../runtimes/t5/folder.ts";
import { initialParameters } from "../runtimes/t5/parameters.ts";
import { weightsOptions } from "../plugins/teacher/language_model/training/options.ts";
import { VerdictTrainer } from "../plugins/teacher/language_model/training/verdict_trainer.ts";
import { openTensors, type TensorDevice } from "../runtimes/tfjs/tfjs.ts";

const FLAN_T5_SMALL = {
  ...{ model_type: "t5", vocab_size: 32128, d_model: 512, d_kv: 64, num_heads: 6, d_ff: 1024 },
  ...{ num_layers: 8, num_decoder_layers: 8, relative_attention_num_buckets: 32 },
  ...{ feed_forward_proj: "gated-gelu", tie_word_embeddings: false },
};
const [PROMPTS, LENGTH] = [8, 64];

const train = Deno.args[0] === "lora" ? "lora" : "all";
const device = (Deno.args[1] ?? "wasm") as TensorDevice;
const dir = Deno.makeTempDirSync();
const random = new Pcg64(0);
try {
  const config = parseT5Config(FLAN_T5_SMALL, "config.json");
  await writeT5(dir, config, initialParameters(config, random));
  const tensors = await openTensors(device);
  const ids = (count: number) => [
    ...Array.from({ length: count - 1 }, () => random.integers(3, 32_000)),
    config.eosId,
  ];
  const prompts = new Map(Array.from({ length: PROMPTS }, (_, i) => [`${i}`, ids(LENGTH)]));
  const trainer = await VerdictTrainer.open({
    ...{ tensors, dir, random },
    candidates: Array.from({ length: 6 }, () => ids(4)),
    encode: (prompt) => prompts.get(prompt)!,
  }, {
    ...v.parse(weightsOptions, { train, steps: 1, batch: PROMPTS }),
    normalisation: "mean",
    temperature: 1,
  });
  for (const prompt of prompts.keys()) {
    for (let c = 0; c < 6; c++) {
      trainer.judged.add(prompt, { answer: c, worth: c < 3 ? 1 : -1 }, () => prompt);
    }
  }
  await trainer.update();
  const start = performance.now();
  await trainer.update();
  const seconds = (performance.now() - start) / 1000;
  const peak = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]!;
  console.log(
    `${train} on ${device}: ${(Number(peak) / 2 ** 20).toFixed(2)} GiB at most, ` +
      `${seconds.toFixed(1)} s a step`,
  );
  trainer.dispose();
  tensors.dispose();
} finally {
  Deno.removeSync(dir, { recursive: true });
}
