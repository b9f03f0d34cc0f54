import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { Pcg64 } from "../../../../../core/kit/random.ts";
import { TandemError } from "../../../../../core/base/errors.ts";
import { openLanguageModel } from "../../../../../runtimes/language_model/language_model.ts";
import { writeT5Onnx } from "../../../../../runtimes/t5/onnx_export.ts";
import { writeT5 } from "../../../../../runtimes/t5/folder.ts";
import {
  type TrainingOptions,
  weightsOptions,
} from "../../../../../plugins/teacher/language_model/training/options.ts";
import type { UpdateReport } from "../../../../../plugins/teacher/language_model/training/trainer_parts.ts";
import { VerdictTrainer } from "../../../../../plugins/teacher/language_model/training/verdict_trainer.ts";
import { serveT5 } from "../../../../../runtimes/language_model/serve_fused.ts";
import { readTokenizer } from "../../../../../runtimes/tokenizer/tokenizer.ts";
import type { Tensors } from "../../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../../runtimes/devices.ts";

const DIR = fileURLToPath(new URL("../../../../fixtures/language-models/t5-v1_1", import.meta.url));
const TEXTS = ["turn left", "turn right", "go"];
const PROMPTS = ["go to the red ball", "a wall 2 steps left"];
const tokenizer = await readTokenizer(DIR);

/** Training that moves a model of 60,000 random weights within a few steps. */
const QUICK: TrainingOptions = {
  ...v.parse(weightsOptions, { learningRate: 5e-3, steps: 4, batch: 2, average: 0.5, kl: 0 }),
  normalisation: "mean",
  temperature: 1,
};

function open(tensors: Tensors, options: Partial<TrainingOptions> = {}, seed = 0) {
  return VerdictTrainer.open({
    ...{ tensors, dir: DIR, random: new Pcg64(seed) },
    candidates: TEXTS.map((text) => tokenizer.encode(text)),
    encode: (prompt) => tokenizer.encode(prompt),
  }, { ...QUICK, ...options });
}

/** Praise of one answer to each prompt, blame of the others. */
function judge(trainer: VerdictTrainer, times = 8): void {
  for (const [praised, prompt] of PROMPTS.entries()) {
    for (let k = 0; k < times * TEXTS.length; k++) {
      const answer = k % TEXTS.length;
      trainer.judged.add(prompt, { answer, worth: answer === praised ? 1 : -1 }, () => prompt);
    }
  }
}

/** Probabilities of what is praised. */
async function praised(trainer: VerdictTrainer): Promise<number[]> {
  const logProbs = await trainer.logProbs(PROMPTS);
  return logProbs.map((row, answer) => Math.exp(row[answer]!));
}

const METHODS = ["dpo", "kto", "reinforce", "ppo", "cross-entropy"] as const;

for (const method of METHODS) {
  testOnDevices(`VerdictTrainer: "${method}" raises what is praised`, async (tensors) => {
    for (const train of ["all", "lora"] as const) {
      const trainer = await open(tensors, {
        ...{ method, train, learningRate: train === "lora" ? 0.03 : 5e-3 },
        ...{ kl: 0.01, rank: 4, alpha: 8, targets: ["q", "v", "wo", "lm_head"] },
      });
      judge(trainer);
      const before = await praised(trainer);
      const reports = [await trainer.update()];
      for (let k = 0; k < 2; k++) reports.push(await trainer.update());
      const after = await praised(trainer);
      for (const [row, p] of after.entries()) {
        assert.ok(p > before[row]! + 0.1, `${train}: ${before[row]} became ${p}`);
      }
      const [first, second] = reports as [UpdateReport, UpdateReport];
      assert.ok(second.divergence > 0 && first.states === 2);
      // The value of a policy gradient's loss means nothing, for what it weighs by moves with the model.
      if (method !== "reinforce" && method !== "ppo") assert.ok(second.loss < first.loss);
      trainer.dispose();
    }
    assert.equal(tensors.tensorCount(), 0);
  }, method === "dpo" ? ["webgpu", "wasm", "cpu"] : ["wasm"]);
}

testOnDevices("VerdictTrainer: adapters of rank 0 change nothing", async (tensors) => {
  const trainer = await open(tensors, { train: "lora", rank: 0 });
  judge(trainer);
  const before = await trainer.scores(PROMPTS);
  await trainer.update();
  assert.deepEqual(await trainer.scores(PROMPTS), before);
  trainer.dispose();
}, ["wasm", "cpu"]);

testOnDevices("VerdictTrainer: without a verdict nothing changes", async (tensors) => {
  const trainer = await open(tensors);
  const before = await trainer.scores(PROMPTS);
  assert.deepEqual(await trainer.update(), { loss: 0, divergence: 0, states: 0 });
  assert.deepEqual(await trainer.scores(PROMPTS), before);
  trainer.dispose();
}, ["wasm"]);

testOnDevices("VerdictTrainer: goes on exactly from a saved state", async (tensors) => {
  for (const train of ["all", "lora"] as const) {
    const one = await open(tensors, { train });
    const other = await open(tensors, { train }, 7);
    judge(one);
    await one.update();
    judge(other, 1); // is forgotten
    await other.update();
    other.load(structuredClone(await one.save()));
    assert.deepEqual(await other.save(), await one.save());
    const next = async (trainer: VerdictTrainer) => {
      trainer.judged.add(PROMPTS[0]!, { answer: 1, worth: 2 }, () => PROMPTS[0]!);
      return [await trainer.update(), await trainer.scores(PROMPTS), await trainer.save()];
    };
    assert.deepEqual(await next(other), await next(one));
    const wrong = await open(tensors, { train: "lora", rank: 3 });
    const state = await one.save();
    assert.throws(() => wrong.load(state), (error) => {
      return error instanceof TandemError && error.code === "E_SHAPE";
    });
    for (const trainer of [one, other, wrong]) trainer.dispose();
  }
}, ["wasm"]);

testOnDevices("VerdictTrainer: the same seed gives the same weights", async (tensors) => {
  const run = async () => {
    const trainer = await open(tensors);
    judge(trainer);
    await trainer.update();
    const state = await trainer.save();
    trainer.dispose();
    return state;
  };
  assert.deepEqual(await run(), await run());
}, ["wasm"]);

testOnDevices(
  "VerdictTrainer: a prompt has the same scores alone and among others",
  async (tensors) => {
    const trainer = await open(tensors);
    const more = [...PROMPTS, "go to the key", "go to the box", PROMPTS[0]!];
    const together = await trainer.scores(more);
    for (const [row, prompt] of more.entries()) {
      assert.deepEqual(await trainer.scores([prompt]), [together[row]]);
    }
    trainer.dispose();
  },
  ["wasm"],
);

testOnDevices("VerdictTrainer: its tensors stay flat", async (tensors) => {
  const trainer = await open(tensors, { method: "ppo", train: "lora", kl: 0.1, steps: 10 });
  judge(trainer);
  await trainer.update();
  const { numTensors, numDataBuffers, numBytes } = tensors.tf.memory();
  for (let k = 0; k < 3; k++) await trainer.update();
  const after = tensors.tf.memory();
  assert.deepEqual(
    [after.numTensors, after.numDataBuffers, after.numBytes],
    [numTensors, numDataBuffers, numBytes],
  );
  trainer.dispose();
  assert.equal(tensors.tensorCount(), 0);
}, ["wasm"]);

testOnDevices("VerdictTrainer: what it has trained is served as it scores", async (tensors) => {
  const trainer = await open(tensors, { train: "lora", learningRate: 0.05 });
  judge(trainer);
  await trainer.update();
  const scores = await trainer.scores(PROMPTS);
  assert.ok((await trainer.adapters())!.length < 40_000);

  const parameters = await trainer.parameters();
  const dir = await Deno.makeTempDir();
  try {
    await writeT5(dir, trainer.config, parameters);
    await writeT5Onnx(dir, trainer.config, parameters);
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      await Deno.copyFile(`${DIR}/${name}`, `${dir}/${name}`);
    }
    const web = await openLanguageModel(dir, { device: "wasm", threads: 1 });
    for (const [row, { candidates }] of (await web.score(PROMPTS, TEXTS)).entries()) {
      assertClose(candidates.map(({ score }) => score), scores[row]!, 1e-4);
    }
    await web.dispose();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }

  const fused = await serveT5(DIR, trainer.config, parameters);
  for (const [row, { candidates }] of (await fused.score(PROMPTS, TEXTS)).entries()) {
    assertClose(candidates.map(({ score }) => score), scores[row]!, 0.05);
  }
  await fused.dispose();
  trainer.dispose();
}, ["wasm"]);
