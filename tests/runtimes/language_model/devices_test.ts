import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type {
  LanguageModel,
  OpenOptions,
} from "../../../runtimes/language_model/language_model.ts";
import { findAdapter } from "../../../runtimes/webgpu/webgpu.ts";
import { type Fixture, promptsOf, withModel } from "./fixtures.ts";

const ffi = (await Deno.permissions.query({ name: "ffi" })).state === "granted";

function nativeIsInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("onnxruntime-node");
    return true;
  } catch {
    return false;
  }
}

const ways: [string, OpenOptions, string | undefined][] = [
  ["WebGPU", { device: "webgpu" }, await findAdapter("any") ? undefined : "no WebGPU adapter"],
  [
    "the native runtime",
    { runtime: "native" },
    !ffi ? "no --allow-ffi" : nativeIsInstalled() ? undefined : "onnxruntime-node is not installed",
  ],
];

async function answersOf(model: LanguageModel, name: Fixture) {
  const prompts = await promptsOf(name);
  const scores = await model.score(prompts, [" turn left", " go forward", " drop"]);
  const written = await model.generate(prompts, { maxTokens: 6 });
  return {
    logProbs: scores.flatMap(({ candidates }) => candidates.flatMap((c) => c.tokenLogProbs)),
    ids: written.map(({ ids }) => ids),
  };
}

for (const [way, options, absent] of ways) {
  for (const name of ["t5-v1_1", "gpt2", "llama"] as const) {
    Deno.test({
      name: `${name} gives the same on ${way} as on WASM${absent ? ` (skipped: ${absent})` : ""}`,
      ignore: absent !== undefined,
      fn: async () => {
        const expected = await withModel(name, (model) => answersOf(model, name));
        const actual = await withModel(name, (model) => answersOf(model, name), {
          device: "wasm",
          ...options,
        });
        assert.deepEqual(actual.ids, expected.ids);
        expected.logProbs.forEach((value, i) =>
          assert.ok(Math.abs(value - actual.logProbs[i]!) < 1e-4)
        );
      },
    });
  }
}
