/** The shipped teacher: its files fit each other, and it is as good as its card says. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { measureTeacher } from "../../models/measure_teacher.ts";
import { openLanguageModel } from "../../runtimes/language_model/language_model.ts";
import { readT5 } from "../../runtimes/t5/folder.ts";
import { padTokens } from "../../runtimes/t5/tokens.ts";
import { openTensors } from "../../runtimes/tfjs/tfjs.ts";
import { assertClose } from "../runtimes/devices.ts";

const DIR = fileURLToPath(new URL("../../models/tandem-t5-babyai", import.meta.url));

const PROMPTS = [
  "goal: go to the red ball see: a wall 4 steps forward, a red ball 2 steps left last: none act:",
  "goal: pick up the grey key see: a grey key 1 step forward last: bad act:",
  "What would you do?",
];

async function bytesIn(dir: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    bytes += isDirectory ? await bytesIn(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}

Deno.test("the shipped teacher is below 4 MB", async () => {
  assert.ok(await bytesIn(DIR) < 4e6);
});

Deno.test("the shipped teacher has one opinion in ONNX and in tensors", async () => {
  const model = await openLanguageModel(DIR, { device: "wasm", threads: 1 });
  const tensors = await openTensors("wasm");
  const t5 = await readT5(tensors, DIR);
  const prompts = padTokens(PROMPTS.map((prompt) => model.tokenizer.encode(prompt)), 0);
  const encoded = t5.encode(prompts);
  const logits = t5.logits(encoded, padTokens(PROMPTS.map(() => [0]), 0));
  const expected = await model.firstLogits(PROMPTS);
  assertClose(await logits.data(), expected.flatMap((row) => [...row]), 1e-4, "logit");
  tensors.tf.dispose([encoded.states, logits]);
  t5.dispose();
  tensors.dispose();
  await model.dispose();
});

Deno.test("the shipped teacher errs, and is right as often as its card says", async () => {
  const card = await Deno.readTextFile(`${DIR}/README.md`);
  for (
    const { level, source, right, states } of await measureTeacher(DIR, undefined, undefined, 200)
  ) {
    const row = `\\| ${level} \\| ${source} \\| \\*\\*([\\d.]+)\\*\\*`;
    const [, stated] = new RegExp(row).exec(card)!;
    const share = 100 * right / states;
    const what = `${level}, ${source}: ${share} %, the card has ${stated} %`;
    assert.ok(share >= 45 && share <= (source === "walks" ? 75 : 88), what);
    // Fewer states: they may differ by chance alone.
    assert.ok(Math.abs(share - Number(stated)) < 10, what);
  }
});
