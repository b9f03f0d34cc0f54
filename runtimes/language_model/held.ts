/**
 * Holds a model on WebGPU to what WebAssembly computes: there, several published models give numbers
 * that mean nothing, and no error.
 */
import { TandemError } from "@tandem/core";
import type { ModelConfig } from "../model_folder/config.ts";
import type { ModelEngine } from "./engine.ts";
import type { Logits } from "./logits.ts";
import type { OpenedEngine } from "./runtime.ts";

/** The least cosine of logits at which two devices are taken to compute the same. */
const LEAST_COSINE = 0.999;

/** Tokens of the prompt that both answer, and of those that they go on with from the cache. */
const PROMPT = 8, MORE = 2;

/**
 * The model on the GPU where its logits behind a fixed prompt, and behind what follows it from the
 * cache, point where those of WebAssembly do; else that of WebAssembly, which says why. The other is
 * released.
 *
 * @param openWasm Opens the same model in WebAssembly.
 * @throws TandemError E_MODEL where neither can be run.
 */
export async function heldToWasm(
  onGpu: OpenedEngine,
  openWasm: () => Promise<OpenedEngine>,
  config: ModelConfig,
): Promise<OpenedEngine> {
  let onWasm: OpenedEngine;
  try {
    onWasm = await openWasm();
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return noted(onGpu, "could not be held to WebAssembly, which does not run it");
  }
  try {
    const expected = await answers(onWasm.engine, config);
    const cosine = await leastCosine(onGpu.engine, expected, config);
    if (cosine >= LEAST_COSINE) {
      await onWasm.engine.release();
      return onGpu;
    }
    await onGpu.engine.release();
    return noted(
      onWasm,
      `runs in WebAssembly: on WebGPU its logits are others (cosine ${cosine.toFixed(4)}, at ` +
        `least ${LEAST_COSINE} is needed)`,
    );
  } catch (error) {
    await Promise.allSettled([onWasm.engine.release(), onGpu.engine.release()]);
    throw error;
  }
}

function noted(opened: OpenedEngine, note: string): OpenedEngine {
  return { ...opened, info: { ...opened.info, note } };
}

/** The least cosine over all steps; -1 where the GPU fails or gives what is no number. */
async function leastCosine(
  engine: ModelEngine,
  expected: readonly Logits[],
  config: ModelConfig,
): Promise<number> {
  try {
    const actual = await answers(engine, config);
    const cosines = actual.map(({ data }, i) => cosine(data, expected[i]!.data));
    return cosines.some(Number.isNaN) ? -1 : Math.min(...cosines);
  } catch (error) {
    if (error instanceof TandemError) return -1;
    throw error;
  }
}

/** Logits behind a prompt of tokens from all over the vocabulary, and behind each of some more. */
async function answers(engine: ModelEngine, { vocabSize }: ModelConfig): Promise<Logits[]> {
  const tokens = Array.from(
    { length: PROMPT + MORE },
    (_, i) => Math.floor((i + 0.5) * vocabSize / (PROMPT + MORE)),
  );
  let step = await engine.start([tokens.slice(0, PROMPT)]);
  const steps = [step.logits];
  for (const token of tokens.slice(PROMPT)) {
    step = await engine.decoder.extend(step.state, [[token]]);
    steps.push(step.logits);
  }
  return steps;
}

/** The cosine of two vectors; NaN where one holds what is no number, or nothing but zeros. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    first += a[i]! ** 2;
    second += b[i]! ** 2;
  }
  return product / Math.sqrt(first * second);
}
