import assert from "node:assert/strict";
import { join } from "node:path";
import { TandemError } from "../../../core/base/errors.ts";
import { readModelConfig } from "../../../runtimes/model_folder/config.ts";
import {
  type LanguageModel,
  openLanguageModel,
} from "../../../runtimes/language_model/language_model.ts";
import { readSafetensors } from "../../../runtimes/weights/safetensors.ts";
import { parseT5Config, readT5Config } from "../../../runtimes/t5/config.ts";
import { readT5Parameters } from "../../../runtimes/t5/folder.ts";
import { keepOutside, largestWeight } from "../external_data.ts";
import { type Fixture, withCopy, withModel } from "./fixtures.ts";

const WASM = { device: "wasm", threads: 1 } as const;

function refused(work: Promise<unknown>, part: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof TandemError && error.code === "E_MODEL", String(error));
    assert.match(error.message, part);
    assert.match(error.message, /^[^\n]+\.$/);
    return true;
  });
}

/** Runs `work` in a copy of which config.json has other texts or values. */
function withConfig(
  name: Fixture,
  change: string | Record<string, unknown>,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  return withCopy(name, async (dir) => {
    const file = join(dir, "config.json");
    const before = JSON.parse(await Deno.readTextFile(file));
    const text = typeof change === "string" ? change : JSON.stringify({ ...before, ...change });
    await Deno.writeTextFile(file, text);
    await work(dir);
  });
}

Deno.test("config.json is read as Python writes it, and as editors on Windows do", async () => {
  const text =
    '\ufeff{"model_type":"gpt2","vocab_size":384,"limits":[0.0,Infinity,-Infinity,NaN],' +
    '"note":"NaN, \\"Infinity\\""}';
  await withConfig("gpt2", text, async (dir) => {
    assert.equal((await readModelConfig(dir)).vocabSize, 384);
  });
  await withConfig("gpt2", '{"vocab_size":Infinity}', (dir) => {
    return refused(readModelConfig(dir), /vocab_size is "Infinity"; a positive whole number/);
  });
  await withConfig("gpt2", '{"vocab_size":384,}', (dir) => {
    return refused(readModelConfig(dir), /is not readable JSON/);
  });
});

const sizes: [Fixture, string, unknown][] = [
  ...[1e15, -1, 0, 3.5, "many", [1]].map((v) =>
    ["gpt2", "vocab_size", v] as [Fixture, string, unknown]
  ),
  ["gpt2", "n_layer", 1e9],
  ["gpt2", "n_head", 1e9],
  ["gpt2", "n_embd", 1e9],
  ["gpt2", "n_positions", -1],
  ["t5-v1_1", "num_layers", 1e9],
  ["t5-v1_1", "num_decoder_layers", 2.5],
  ["t5-v1_1", "d_model", 1e9],
  ["t5-v1_1", "num_heads", 1e9],
  ["t5-v1_1", "d_ff", 1e12],
  ["t5-v1_1", "relative_attention_num_buckets", 1e12],
  ["t5-v1_1", "decoder_start_token_id", 1e15],
  ["t5-v1_1", "eos_token_id", "</s>"],
  ["t5-v1_1", "eos_token_id", Array.from({ length: 1000 }, (_, i) => i)],
];

for (const [name, key, value] of sizes) {
  const shown = JSON.stringify(value).slice(0, 20);
  Deno.test(`A configuration with "${key}": ${shown} is refused before anything is allocated`, () =>
    withConfig(name, { [key]: value }, async (dir) => {
      // What config.json says is asked for where generation_config.json does not say it.
      await Deno.remove(join(dir, "generation_config.json"));
      await refused(readModelConfig(dir), new RegExp(`${key} is ".+"; `));
    }));
}

Deno.test("A T5 whose sizes are possible each and too much together is refused by its memory", () => {
  const big = { vocab_size: 1000, d_model: 65536, d_kv: 128, num_heads: 512, d_ff: 262144 };
  const json = { model_type: "t5", ...big, num_layers: 1000, relative_attention_num_buckets: 32 };
  assert.throws(() => parseT5Config(json, "c.json"), /T5 of \d+ weights, which take \d+ bytes/);
  const eps = { ...json, d_model: 8, d_ff: 8, num_layers: 1, layer_norm_epsilon: NaN };
  assert.throws(() => parseT5Config(eps, "c.json"), /"layer_norm_epsilon"/);
});

Deno.test("Ids that are none or beyond the vocabulary are passed over, as LLaMA's -1", () =>
  withConfig("gpt2", { pad_token_id: -1, eos_token_id: [1, 99999] }, async (dir) => {
    await Deno.remove(join(dir, "generation_config.json"));
    const { padId, endIds } = await readModelConfig(dir);
    assert.deepEqual([padId, endIds], [1, [1]]);
  }));

async function scoresOf(model: LanguageModel): Promise<number[]> {
  const [score] = await model.score(["see"], ["a", "go"]);
  return [...score!.distribution];
}

Deno.test("A graph's weights are read from the file that it names, by any name", () =>
  withCopy("gpt2", async (dir) => {
    const file = join(dir, "onnx/model.onnx");
    const whole = await Deno.readFile(file);
    const expected = await withModel("gpt2", scoresOf);
    await Deno.mkdir(join(dir, "onnx/parts"));
    await Deno.writeFile(join(dir, "onnx/parts/weights.bin"), largestWeight(whole));
    await Deno.writeFile(file, keepOutside(whole, "parts/weights.bin"));
    const model = await openLanguageModel(dir, WASM);
    assert.deepEqual(await scoresOf(model), expected);
    await model.dispose();
  }));

Deno.test("A graph whose weights lie outside, beyond the end or behind a link is refused", () =>
  withCopy("gpt2", async (dir) => {
    const file = join(dir, "onnx/model.onnx");
    const whole = await Deno.readFile(file);
    await Deno.writeFile(join(dir, "outside.bin"), largestWeight(whole));
    const open = async (location: string, more = {}) => {
      await Deno.writeFile(file, keepOutside(whole, location, more));
      await openLanguageModel(dir, WASM);
    };
    for (
      const location of ["../outside.bin", join(dir, "outside.bin"), "C:\\x", "*/_ORT_MEM_ADDR_/*"]
    ) {
      await refused(open(location), /a file in its own folder is needed/);
    }
    await refused(open("missing.bin"), /missing\.bin" is missing/);
    const ln = { args: ["-s", "../outside.bin", join(dir, "onnx/link.bin")] };
    assert.ok((await new Deno.Command("ln", ln).output()).success);
    await refused(open("link.bin"), /a file in its own folder is needed/);
    await Deno.writeFile(join(dir, "onnx/short.bin"), new Uint8Array(16));
    await refused(open("short.bin", { offset: "0", length: "1000000" }), /beyond its end/);
    await refused(open("short.bin", { offset: "-8" }), /beyond its end/);
  }));

/** A copy of a file of safetensors with one more tensor. */
function withTensor(file: Uint8Array, name: string, dtype: string, bytes: number): Uint8Array {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const data = file.subarray(8 + length);
  header[name] = { dtype, shape: [1], data_offsets: [data.length, data.length + bytes] };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(json.length), true);
  return Uint8Array.from([...size, ...json, ...data, ...new Uint8Array(bytes)]);
}

Deno.test("Tensors that nobody asks for are passed over, whatever their type", () =>
  withCopy("t5-v1_1", async (dir) => {
    const file = join(dir, "model.safetensors");
    const whole = await Deno.readFile(file);
    const config = await readT5Config(dir);
    const expected = await readT5Parameters(dir, config);
    for (
      const [dtype, bytes] of Object.entries({ BOOL: 1, F64: 8, I8: 1, U16: 2, F8_E4M3: 1, U64: 8 })
    ) {
      await Deno.writeFile(file, withTensor(whole, "encoder.unused", dtype, bytes));
      assert.deepEqual(await readT5Parameters(dir, config), expected, dtype);
    }
    const name = "shared.weight";
    const text = new TextDecoder("latin1").decode(whole).replace(
      /("shared\.weight":\{"dtype":)"F32"/,
      '$1"U32"',
    );
    const changed = Uint8Array.from(text, (character) => character.charCodeAt(0));
    assert.equal(readSafetensors(changed, "m").passedOver.get(name), "U32");
  }));
