import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { graphFile } from "../../runtimes/onnx/files.ts";
import { type OnnxTensor, openOnnxRuntime } from "../../runtimes/onnx/onnx.ts";
import { t5Graph, writeT5Onnx } from "../../runtimes/t5/onnx_export.ts";
import { parseT5Config, type T5Config } from "../../runtimes/t5/config.ts";
import { readT5Parameters, writeT5 } from "../../runtimes/t5/folder.ts";
import { initialParameters, type Parameter } from "../../runtimes/t5/parameters.ts";
import { T5 } from "../../runtimes/t5/t5.ts";
import { padTokens, type TokenBatch } from "../../runtimes/t5/tokens.ts";
import { openTensors } from "../../runtimes/tfjs/tfjs.ts";
import { readT5Config } from "../../runtimes/t5/config.ts";
import { assertClose, seeded } from "./devices.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/language-models/", import.meta.url));

/** Small shapes that differ where exporters err: heads x d_kv against d_model, depth, buckets. */
const SHAPES = [
  { d_model: 12, d_kv: 5, num_heads: 3, d_ff: 20, num_layers: 1, num_decoder_layers: 3 },
  {
    d_model: 16,
    d_kv: 8,
    num_heads: 4,
    d_ff: 8,
    num_layers: 2,
    relative_attention_max_distance: 9,
  },
] as const;

async function models(): Promise<[string, T5Config, Map<string, Parameter>][]> {
  const found: [string, T5Config, Map<string, Parameter>][] = [];
  for (const name of ["t5-v1_0", "t5-v1_1"]) {
    const config = await readT5Config(FIXTURES + name);
    found.push([name, config, await readT5Parameters(FIXTURES + name, config)]);
  }
  for (const [index, shape] of SHAPES.entries()) {
    const config = parseT5Config({
      model_type: "t5",
      vocab_size: 23,
      relative_attention_num_buckets: 8,
      feed_forward_proj: index === 0 ? "relu" : "gated-gelu",
      tie_word_embeddings: index === 0,
      ...shape,
    }, "config.json");
    found.push([`shape ${index}`, config, initialParameters(config, seeded(index))]);
  }
  return found;
}

function int64(values: ArrayLike<number>, { rows, columns }: TokenBatch): OnnxTensor {
  return {
    type: "int64",
    dims: [rows, columns],
    data: BigInt64Array.from(Array.from(values), BigInt),
  };
}

const PROMPTS = padTokens([[5, 9, 3, 3, 7, 11, 2, 8, 1], [4, 1], [6, 13, 12, 1]], 0);
const DECODED = padTokens([[0, 5, 9, 3], [0, 7, 7, 1], [0, 2, 4, 6]], 0);

Deno.test("exported graphs give the tensors' logits, at once and from the cache", async () => {
  const dir = await Deno.makeTempDir();
  const runtime = await openOnnxRuntime({ device: "wasm", threads: 1 });
  const tensors = await openTensors("wasm");
  for (const [name, config, parameters] of await models()) {
    await writeT5Onnx(dir, config, parameters, [
      "encoder_model",
      "decoder_model",
      "decoder_model_merged",
    ]);
    const t5 = new T5(tensors, config, parameters);
    const encoded = t5.encode(PROMPTS);
    const logits = t5.logits(encoded, DECODED);
    const [states, expected] = [await encoded.states.data(), await logits.data()];
    const [encoder, plain, merged] = await Promise.all(
      ["encoder_model", "decoder_model", "decoder_model_merged"].map((graph) =>
        runtime.open(graphFile(`${dir}/onnx/${graph}.onnx`))
      ),
    );
    const mask = int64(PROMPTS.mask, PROMPTS);
    const { last_hidden_state: hidden } = await encoder!.run({
      input_ids: int64(PROMPTS.ids, PROMPTS),
      attention_mask: mask,
    });
    assertClose(hidden!.data as Float32Array, states, 1e-4, `${name}: state`);

    const common = { encoder_hidden_states: hidden!, encoder_attention_mask: mask };
    const whole = await plain!.run({ ...common, input_ids: int64(DECODED.ids, DECODED) });
    assertClose(whole["logits"]!.data as Float32Array, expected, 1e-4, `${name}: logit`);
    assert.deepEqual(whole["logits"]!.dims, [3, 4, config.vocabSize]);
    assert.deepEqual(whole["decoder_hidden_states"]!.dims, [3, 4, config.dModel]);

    const got = await inTwoSteps(merged!, common, config);
    for (const [t, row] of got.entries()) {
      assertClose(row, atPosition(expected, t, config.vocabSize), 1e-4, `${name}, ${t}: logit`);
    }
    for (const session of [encoder, plain, merged]) await session!.release();
    tensors.tf.dispose([encoded.states, logits]);
    t5.dispose();
  }
  tensors.dispose();
  await Deno.remove(dir, { recursive: true });
});

/** Runs one position, then three from the cache without the encoder's states; gives logits by position. */
async function inTwoSteps(
  merged: Awaited<ReturnType<Awaited<ReturnType<typeof openOnnxRuntime>>["open"]>>,
  common: Record<string, OnnxTensor>,
  config: T5Config,
): Promise<Float32Array[]> {
  const column = (from: number, to: number) => {
    const ids = [0, 1, 2].flatMap((row) => [...DECODED.ids.slice(4 * row + from, 4 * row + to)]);
    return int64(ids, { ...DECODED, columns: to - from });
  };
  const empty: Record<string, OnnxTensor> = {};
  for (const name of merged.inputs.keys()) {
    if (!name.startsWith("past_key_values.")) continue;
    const dims = [3, config.heads, 0, config.dKv];
    empty[name] = { type: "float32", dims, data: new Float32Array(0) };
  }
  const branch = (use: number): OnnxTensor => ({
    type: "bool",
    dims: [1],
    data: Uint8Array.of(use),
  });
  const first = await merged.run({
    ...common,
    ...empty,
    input_ids: column(0, 1),
    use_cache_branch: branch(0),
  });
  const past = Object.fromEntries(
    Object.entries(first).filter(([name]) => name.startsWith("present."))
      .map(([name, tensor]) => [name.replace("present", "past_key_values"), tensor]),
  );
  const zeros = new Float32Array(common["encoder_hidden_states"]!.data.length);
  const second = await merged.run({
    ...common,
    ...past,
    encoder_hidden_states: { ...common["encoder_hidden_states"]!, data: zeros },
    input_ids: column(1, 4),
    use_cache_branch: branch(1),
  });
  const rest = second["logits"]!.data as Float32Array;
  return [
    first["logits"]!.data as Float32Array,
    ...[0, 1, 2].map((t) => atPosition(rest, t, config.vocabSize, 3)),
  ];
}

/** The logits of one position of every row. */
function atPosition(
  logits: ArrayLike<number>,
  position: number,
  vocabulary: number,
  length = 4,
): Float32Array {
  return Float32Array.from({ length: 3 * vocabulary }, (_, i) => {
    const row = Math.floor(i / vocabulary);
    return logits[(row * length + position) * vocabulary + i % vocabulary]!;
  });
}

Deno.test("t5Graph() gives the same bytes every time", async () => {
  const [, config, parameters] = (await models())[1]!;
  assert.deepEqual(
    t5Graph("decoder_model_merged", config, parameters),
    t5Graph("decoder_model_merged", config, parameters),
  );
});

Deno.test("writeT5() and readT5Parameters() round-trip a model", async () => {
  const dir = await Deno.makeTempDir();
  const [, config, parameters] = (await models())[2]!;
  await writeT5(dir, config, parameters);
  assert.deepEqual(await readT5Config(dir), config);
  assert.deepEqual(await readT5Parameters(dir, config), parameters);
  await Deno.remove(dir, { recursive: true });
});
