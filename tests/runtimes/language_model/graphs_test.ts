import assert from "node:assert/strict";
import { join } from "node:path";
import onnxProto from "onnx-proto";
import { type DecoderLayout, modelFileSets } from "../../../runtimes/model_folder/files.ts";
import {
  type LanguageModel,
  openLanguageModel,
} from "../../../runtimes/language_model/language_model.ts";
import { type Fixture, promptsOf, withCopy, withModel } from "./fixtures.ts";

const { onnx } = onnxProto as unknown as typeof import("onnx-proto");
const WASM = { device: "wasm", threads: 1 } as const;

const names = (...files: string[]) => new Map(files.map((file) => [file, `${file}.onnx`]));

const found: [string[], boolean, Parameters<typeof modelFileSets>[2], string[]][] = [
  [["encoder_model", "decoder_model_merged"], true, "auto", ["fp32 merged"]],
  [["encoder_model", "decoder_model", "decoder_with_past_model"], true, "auto", [
    "fp32 past",
    "fp32 plain",
  ]],
  [["encoder_model_fp16", "decoder_model_merged_fp16", "encoder_model"], true, "auto", [
    "fp16 merged",
  ]],
  [["encoder_model_quantized", "decoder_model_merged_quantized"], true, "auto", ["int8 merged"]],
  [["encoder_model_quantized", "decoder_model_merged_quantized"], true, "q8", ["q8 merged"]],
  [["model", "model_q4", "model_q4f16"], false, "q4", ["q4 merged"]],
  [["model"], true, "auto", []],
  [["decoder_model_merged", "decoder_model"], false, "auto", ["fp32 merged", "fp32 plain"]],
  [["model"], false, "fp16", []],
  [["model", "decoder_model_merged", "model_fp16"], false, "auto", [
    "fp32 merged",
    "fp32 merged",
    "fp16 merged",
  ]],
];

for (const [files, encoderDecoder, dtype, expected] of found) {
  Deno.test(`modelFileSets() of ${files.join(", ")} as ${dtype}: ${expected.join(", ") || "none"}`, () => {
    const { sets } = modelFileSets(names(...files), encoderDecoder, dtype);
    assert.deepEqual(sets.map(({ dtype, layout }) => `${dtype} ${layout}`), expected);
  });
}

Deno.test("modelFileSets() lists the files that belong to no set", () => {
  const present = names("encoder_model", "decoder_model_merged", "decoder_model_q4");
  assert.deepEqual(modelFileSets(present, true).unused, ["decoder_model_q4.onnx"]);
});

async function distributionOf(model: LanguageModel, name: Fixture): Promise<number[]> {
  const prompts = await promptsOf(name);
  const scores = await model.score(prompts, ["turn left", "go forward", "drop"]);
  return scores.flatMap(({ distribution }) => [...distribution]);
}

function largest(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
}

for (const name of ["t5-v1_1", "t5-v1_0"] as const) {
  Deno.test(`openLanguageModel() runs ${name} from its safetensors alone`, () =>
    withCopy(name, async (dir) => {
      await Deno.remove(join(dir, "onnx"), { recursive: true });
      const expected = await withModel(name, (model) => distributionOf(model, name));
      const model = await openLanguageModel(dir, WASM);
      assert.ok(largest(await distributionOf(model, name), expected) < 1e-4);
      await model.dispose();
    }));
}

Deno.test("openLanguageModel() scales a tied head as transformers 5 says it in config.json", () =>
  withCopy("t5-v1_0", async (dir) => {
    await Deno.remove(join(dir, "onnx"), { recursive: true });
    const file = join(dir, "config.json");
    const config = JSON.parse(await Deno.readTextFile(file));
    const logits = async (change: object) => {
      await Deno.writeTextFile(file, JSON.stringify({ ...config, ...change }));
      const model = await openLanguageModel(dir, WASM);
      const [first] = await model.firstLogits((await promptsOf("t5-v1_0")).slice(0, 1));
      await model.dispose();
      return [...first!];
    };
    const scaled = await logits({});
    assert.deepEqual(await logits({ scale_decoder_outputs: true }), scaled);
    const plain = await logits({ scale_decoder_outputs: false });
    const factor = config.d_model ** 0.5;
    assert.ok(largest(plain.map((value) => value / factor), scaled) < 1e-5);
  }));

for (
  const [name, layout] of [["t5-v1_1", "merged"], ["gpt2", "merged"], ["t5-v1_0", "past"]] as [
    Fixture,
    DecoderLayout,
  ][]
) {
  Deno.test(`openLanguageModel() makes int8 of fp32 while loading: ${name}, ${layout}`, async () => {
    const full = await withModel(name, (model) => distributionOf(model, name), { layout });
    await withModel(name, async (model) => {
      assert.equal(model.info.dtype, "int8");
      const rough = await distributionOf(model, name);
      const difference = largest(rough, full);
      assert.ok(difference > 1e-6, "nothing was quantised");
      assert.ok(difference < 0.05, `${difference}`);
    }, { layout, dtype: "int8" });
  });
}

/** Moves the weights of a graph into a file beside it. */
async function moveWeights(file: string): Promise<void> {
  const model = onnx.ModelProto.decode(await Deno.readFile(file));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph!.initializer!) {
    const raw = new Uint8Array(tensor.rawData!);
    if (raw.length < 64) continue;
    const data = { location: "model.onnx_data", offset: `${offset}`, length: `${raw.length}` };
    tensor.externalData = Object.entries(data).map(([key, value]) => ({ key, value }));
    tensor.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
    tensor.rawData = new Uint8Array();
    parts.push(raw);
    offset += raw.length;
  }
  assert.ok(offset > 100_000);
  await Deno.writeFile(file, onnx.ModelProto.encode(model).finish());
  await Deno.writeFile(
    `${file}_data`,
    new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()),
  );
}

Deno.test("openLanguageModel() reads weights that lie in files beside the graph", () =>
  withCopy("gpt2", async (dir) => {
    await moveWeights(join(dir, "onnx", "model.onnx"));
    const expected = await withModel("gpt2", (model) => distributionOf(model, "gpt2"));
    const model = await openLanguageModel(dir, WASM);
    assert.deepEqual(await distributionOf(model, "gpt2"), expected);
    await model.dispose();
    const rough = await openLanguageModel(dir, { ...WASM, dtype: "int8" });
    const difference = largest(await distributionOf(rough, "gpt2"), expected);
    assert.ok(difference > 1e-6 && difference < 0.05, `${difference}`);
    await rough.dispose();
  }));
