import assert from "node:assert/strict";
import { join } from "node:path";
import { checkModel } from "../../../runtimes/language_model/check.ts";
import {
  type LanguageModel,
  openLanguageModel,
  type OpenOptions,
} from "../../../runtimes/language_model/language_model.ts";
import { softmax } from "../../../runtimes/language_model/score.ts";
import { findAdapter } from "../../../runtimes/webgpu/webgpu.ts";
import { withCopy } from "./fixtures.ts";
import { type Layout, layoutOf } from "./layouts.ts";

type Json = Record<string, unknown>;

const WASM = { device: "wasm", threads: 1 } as const;
const PROMPTS = ["You see a red ball", "go to the key"];
const CANDIDATES = [" turn left", " turn right", " pick up"];

/** Runs `work` in a copy of the fixture with other graphs, and a reference of two prompts. */
async function withGraphs(
  graphs: Readonly<Record<string, Layout>>,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  await withCopy("llama", async (dir) => {
    await Deno.remove(join(dir, "onnx/model.onnx"));
    for (const [name, layout] of Object.entries(graphs)) {
      await Deno.writeFile(join(dir, "onnx", `${name}.onnx`), await layoutOf(layout));
    }
    await changeJson(dir, "reference.json", ({ prompts }) => ({
      prompts: (prompts as unknown[]).slice(0, 2),
    }));
    await work(dir);
  });
}

async function changeJson(dir: string, name: string, change: (json: Json) => Json): Promise<void> {
  const file = join(dir, name);
  await Deno.writeTextFile(file, JSON.stringify(change(JSON.parse(await Deno.readTextFile(file)))));
}

async function withOpened<T>(
  dir: string,
  work: (model: LanguageModel) => Promise<T>,
  options: OpenOptions = WASM,
): Promise<T> {
  const model = await openLanguageModel(dir, options);
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}

/** What a layout says of the candidates behind both prompts. */
async function logProbsOf(layout: Layout, options?: OpenOptions): Promise<number[]> {
  let found: number[] = [];
  await withGraphs({ model: layout }, async (dir) => {
    const scores = await withOpened(dir, (model) => {
      // One that was found to give something else would be in WebAssembly.
      assert.equal(model.info.backend, options?.device ?? "wasm");
      return model.score(PROMPTS, CANDIDATES);
    }, options);
    found = scores.flatMap(({ candidates }) => candidates.flatMap((c) => c.tokenLogProbs));
  });
  return found;
}

const furthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

const asTransformers: Readonly<Record<string, Readonly<Record<string, Layout>>>> = {
  "GroupQueryAttention that turns, without position_ids": { model: { rotary: "within" } },
  "RotaryEmbedding before GroupQueryAttention, by position_ids": { model: { rotary: "before" } },
  "a graph that begins and one that continues": {
    decoder_model: { rotary: "within", part: "first" },
    decoder_with_past_model: { rotary: "within" },
  },
};

for (const [what, graphs] of Object.entries(asTransformers)) {
  Deno.test(`a Llama gives what transformers says: ${what}`, async () => {
    await withGraphs(graphs, async (dir) => {
      const { results, passed } = await checkModel(dir, WASM);
      assert.ok(results.some(({ what }) => what === "candidates' log-probabilities"));
      const failed = results.filter((result) => !result.passed);
      if (!graphs["decoder_model"]) return assert.ok(passed, JSON.stringify(failed));
      assert.deepEqual(failed, []);
    });
  });
}

Deno.test("a Llama whose configuration has no padding token gives what transformers says", async () => {
  await withGraphs({ model: { rotary: "within" } }, async (dir) => {
    for (const name of ["config.json", "generation_config.json"]) {
      await changeJson(dir, name, ({ pad_token_id: _, ...rest }) => rest);
    }
    assert.ok((await checkModel(dir, WASM)).passed);
  });
});

Deno.test("a Llama of 4-bit blocks gives what the floats give that they stand for", async () => {
  const expected = await logProbsOf({ rotary: "within", products: "q4 as float" });
  const q4 = await logProbsOf({ rotary: "within", products: "q4" });
  assert.ok(furthest(q4, expected) < 1e-3, `${furthest(q4, expected)}`);
  const rough = await logProbsOf({ rotary: "within", products: "q4 of 8-bit activations" });
  assert.ok(furthest(rough, expected) < 0.5, `${furthest(rough, expected)}`);
});

Deno.test("a Llama of 8-bit integers and one of 16 bits come near the floats", async () => {
  const expected = await logProbsOf({ rotary: "within" });
  const q8 = await logProbsOf({ rotary: "within", products: "q8" });
  assert.ok(furthest(q8, expected) < 1, `${furthest(q8, expected)}`);
  const states = await logProbsOf({ rotary: "within", hybrid: true });
  const half = await logProbsOf({ rotary: "within", hybrid: true, half: true });
  assert.ok(furthest(half, states) < 0.05, `${furthest(half, states)}`);
});

Deno.test("a Llama whose 16 bits overflow is refused with what to do", async () => {
  await assert.rejects(logProbsOf({ rotary: "within", half: true, scale: 1e6 }), {
    code: "E_NUMERIC",
  });
});

Deno.test("a model with states beside keys and values goes on as if it read the whole anew", async () => {
  await withGraphs(
    { model: { rotary: "within", hybrid: true } },
    (dir) =>
      withOpened(dir, async (model) => {
        const scores = await model.score(PROMPTS, CANDIDATES);
        for (const [p, prompt] of PROMPTS.entries()) {
          const ids = model.tokenizer.encode(prompt);
          for (const candidate of scores[p]!.candidates) {
            for (const [t, logProb] of candidate.tokenLogProbs.entries()) {
              const [logits] = await model.firstLogits([[...ids, ...candidate.ids.slice(0, t)]]);
              const whole = Math.log(softmax([...logits!])[candidate.ids[t]!]!);
              assert.ok(Math.abs(whole - logProb) < 1e-3, `${whole} and ${logProb}`);
            }
          }
        }
        // Side by side as alone: what is padding must not stay in a state.
        const together = await model.generate(PROMPTS, { maxTokens: 4 });
        for (const [i, prompt] of PROMPTS.entries()) {
          const [alone] = await model.generate([prompt], { maxTokens: 4 });
          assert.deepEqual(together[i]!.ids, alone!.ids);
        }
        const [beams] = await model.generate([PROMPTS[0]!], { maxTokens: 4, beams: 3 });
        assert.ok(beams!.ids.length > 0);
      }),
  );
});

Deno.test("a graph that takes what no graph gives is refused", async () => {
  const graphs = {
    decoder_model: { rotary: "within", part: "first" },
    decoder_with_past_model: { rotary: "within", hybrid: true },
  } as const;
  const bytes = await layoutOf(graphs.decoder_with_past_model);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
    .replaceAll("present_conv.0", "absence_conv.0");
  const changed = Uint8Array.from(text, (character) => character.charCodeAt(0));
  await withGraphs({ decoder_model: graphs.decoder_model }, async (dir) => {
    await Deno.writeFile(join(dir, "onnx/decoder_with_past_model.onnx"), changed);
    await assert.rejects(openLanguageModel(dir, WASM), {
      code: "E_MODEL",
      message: /takes "past_conv\.0" from the step before, which has no output of that name/,
    });
  });
});

const absent = await findAdapter("any") ? undefined : "no WebGPU adapter";
Deno.test({
  name: `a Llama gives the same on WebGPU as on WASM${absent ? ` (skipped: ${absent})` : ""}`,
  ignore: absent !== undefined,
  fn: async () => {
    const layout = { rotary: "within", products: "q4", hybrid: true } as const;
    const expected = await logProbsOf(layout);
    const actual = await logProbsOf(layout, { device: "webgpu", threads: 1 });
    assert.ok(furthest(actual, expected) < 1e-3, `${furthest(actual, expected)}`);
  },
});
