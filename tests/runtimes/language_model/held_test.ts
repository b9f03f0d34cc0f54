import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import type { ModelEngine } from "../../../runtimes/language_model/engine.ts";
import { cosine, heldToWasm } from "../../../runtimes/language_model/held.ts";
import type { OpenedEngine } from "../../../runtimes/language_model/runtime.ts";
import { readModelConfig } from "../../../runtimes/model_folder/config.ts";
import { fixtureDir } from "./fixtures.ts";

const CONFIG = await readModelConfig(fixtureDir("llama"));

/** An engine whose logit of token v in step t is `logit(v, t)`. */
function engineOf(backend: string, logit: (v: number, t: number) => number) {
  const state = { released: false, asked: [] as number[][] };
  const step = (t: number) => ({
    logits: {
      data: Float32Array.from({ length: CONFIG.vocabSize }, (_, v) => logit(v, t)),
      ...{ rows: 1, positions: 1, vocab: CONFIG.vocabSize },
    },
    state: { rows: 1, ids: [], mask: [] },
  });
  let steps = 0;
  const engine = {
    start: ([ids]: number[][]) => {
      state.asked.push(ids!);
      return Promise.resolve(step(steps++));
    },
    decoder: {
      extend: (_: unknown, [ids]: number[][]) => {
        state.asked.push(ids!);
        return Promise.resolve(step(steps++));
      },
    },
    release: () => {
      state.released = true;
      return Promise.resolve();
    },
  } as unknown as ModelEngine;
  const info = { dtype: "fp32", layout: "merged", backend, threads: 1 } as const;
  return { opened: { engine, info } satisfies OpenedEngine, state };
}

const wave = (v: number, t: number) => Math.sin(v + 3 * t);

Deno.test("cosine() is 1 for what points alike and 0 for what does not", () => {
  const [a, b] = [Float32Array.of(1, 2, 2), Float32Array.of(2, 4, 4)];
  assert.ok(Math.abs(cosine(a, b) - 1) < 1e-12);
  assert.equal(cosine(Float32Array.of(1, 0), Float32Array.of(0, 1)), 0);
  assert.ok(Number.isNaN(cosine(a, Float32Array.of(1, NaN, 0))));
});

Deno.test("heldToWasm() keeps the GPU where it computes the same, also from the cache", async () => {
  const gpu = engineOf("webgpu", (v, t) => wave(v, t) + 0.001 * Math.cos(v));
  const wasm = engineOf("wasm", wave);
  const held = await heldToWasm(gpu.opened, () => Promise.resolve(wasm.opened), CONFIG);
  assert.equal(held, gpu.opened);
  assert.deepEqual([gpu.state.released, wasm.state.released], [false, true]);
  assert.deepEqual(gpu.state.asked, wasm.state.asked);
  assert.deepEqual(gpu.state.asked.map(({ length }) => length), [8, 1, 1]);
});

const wrong: Readonly<Record<string, (v: number, t: number) => number>> = {
  "gives other logits": (v, t) => wave(2 * v, t),
  "gives other logits from the cache on": (v, t) => wave(v, t) + (t > 0 ? Math.cos(v) : 0),
  "gives what is no number": (v, t) => v === 7 ? NaN : wave(v, t),
  "overflows": (v, t) => v === 7 ? Infinity : wave(v, t),
  "gives nothing but zeros": () => 0,
  "fails": () => {
    throw new TandemError("E_MODEL", "The graph failed.");
  },
};

for (const [what, logit] of Object.entries(wrong)) {
  Deno.test(`heldToWasm() falls back with a sentence where the GPU ${what}`, async () => {
    const [gpu, wasm] = [engineOf("webgpu", logit), engineOf("wasm", wave)];
    const held = await heldToWasm(gpu.opened, () => Promise.resolve(wasm.opened), CONFIG);
    assert.equal(held.engine, wasm.opened.engine);
    assert.match(held.info.note!, /^runs in WebAssembly: on WebGPU its logits are others \(cosine/);
    assert.deepEqual([gpu.state.released, wasm.state.released], [true, false]);
  });
}

Deno.test("heldToWasm() says where there is nothing to hold a model to", async () => {
  const gpu = engineOf("webgpu", wave);
  const fail = () => Promise.reject(new TandemError("E_MODEL", "It does not fit."));
  const held = await heldToWasm(gpu.opened, fail, CONFIG);
  assert.equal(held.engine, gpu.opened.engine);
  assert.match(held.info.note!, /could not be held to WebAssembly/);
});
