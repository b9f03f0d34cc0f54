import assert from "node:assert/strict";
import { join } from "node:path";
import { checkModel, TOLERANCE } from "../../../runtimes/language_model/check.ts";
import { fixtureDir, FIXTURES, withCopy } from "./fixtures.ts";

const WASM = { device: "wasm", threads: 1 } as const;

for (const name of FIXTURES) {
  Deno.test(`checkModel() finds every file of ${name} equal to transformers`, async () => {
    const report = await checkModel(fixtureDir(name), WASM);
    for (const { files, mode, what, difference } of report.results) {
      assert.ok(difference <= TOLERANCE, `${files} ${mode} ${what}: ${difference}`);
    }
    assert.ok(report.passed);
    assert.deepEqual(report.unused, []);
    const seen = new Set(report.results.flatMap(({ files }) => files));
    for await (const { name: file } of Deno.readDir(join(fixtureDir(name), "onnx"))) {
      assert.ok(seen.has(file), `${file} was not checked`);
    }
    for (const mode of ["one by one", "in a batch"]) {
      const compared = report.results.filter((result) => result.mode === mode);
      for (const what of ["logits", "greedy ids", "candidates' log-probabilities"]) {
        assert.ok(compared.some((result) => result.what === what), `${mode}: ${what}`);
      }
    }
  });
}

type Prompts = {
  text: string;
  lastLogits16: number[];
  greedy: number[];
  candidates: { ids: number[]; tokenLogprobs: number[] }[];
}[];

const spoiled: [string, string, (prompts: Prompts) => void][] = [
  ["a logit", "logits", (prompts) => prompts[2]!.lastLogits16[3]! += 2 * TOLERANCE],
  [
    "a number that is none",
    "logits",
    (prompts) => prompts[0]!.lastLogits16.push(...Array(400).fill(0)),
  ],
  ["a text", "greedy ids", (prompts) => prompts[1]!.greedy[50]! ^= 1],
  ["a prompt's ids", "prompt ids", (prompts) => prompts[0]!.text += "!"],
  ["a candidate", "candidates' log-probabilities", (prompts) => {
    prompts[3]!.candidates[2]!.tokenLogprobs[1]! -= 2 * TOLERANCE;
  }],
];

for (const [name, what, spoil] of spoiled) {
  Deno.test(`checkModel() fails where the reference differs in ${name}`, () =>
    withCopy("gpt2", async (dir) => {
      const file = join(dir, "reference.json");
      const reference = JSON.parse(await Deno.readTextFile(file));
      spoil(reference.prompts);
      await Deno.writeTextFile(file, JSON.stringify(reference));
      const report = await checkModel(dir, WASM);
      assert.ok(!report.passed);
      const failed = new Set(report.results.filter(({ passed }) => !passed).map((r) => r.what));
      assert.deepEqual([...failed], [what]);
    }));
}

Deno.test("checkModel() fails where a file belongs to no set of graphs", () =>
  withCopy("gpt2", async (dir) => {
    await Deno.copyFile(
      join(dir, "onnx/model.onnx"),
      join(dir, "onnx/decoder_with_past_model.onnx"),
    );
    const report = await checkModel(dir, WASM);
    assert.deepEqual(report.unused, ["decoder_with_past_model.onnx"]);
    assert.ok(!report.passed);
  }));

Deno.test("checkModel() holds the shipped teacher to what its training computes, and says so", async () => {
  const dir = "models/tandem-t5-babyai";
  const report = await checkModel(dir, { device: "wasm", threads: 1 });
  assert.ok(report.passed, JSON.stringify(report.results.filter(({ passed }) => !passed)));
  assert.match(report.madeBy, /models:train/);
  assert.equal(report.prompts, 6);
  const compared = new Set(report.results.map(({ what }) => what));
  for (const what of ["prompt ids", "logits", "greedy ids", "encoder states"]) {
    assert.ok(compared.has(what), what);
  }
});
