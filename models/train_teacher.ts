/** The recipe of the shipped teacher: what it is trained on, and its shape. */

import { Pcg64 } from "@tandem/core/kit";
import type { LevelId } from "@tandem/env";
import { T5, type T5Config, writeT5 } from "@tandem/runtimes/t5";
import { openTensors } from "@tandem/runtimes/tfjs";
import { readTokenizer, type Tokenizer } from "@tandem/runtimes/tokenizer";
import { ACTION_TEXTS } from "../plugins/env/babyai/env.ts";
import { writeT5Onnx } from "../runtimes/t5/onnx_export.ts";
import { fit } from "./fit.ts";
import { initialParameters } from "../runtimes/t5/parameters.ts";
import { collectStates, type State } from "./train_data.ts";
import { makeTokenizer } from "./train_tokenizer.ts";

/** What may be varied; the shipped model is made with the defaults. */
export interface Recipe {
  /**
   * Levels that the teacher learns on and the states noted on each. No page of results measures a
   * teacher on any of them, and none is kept for students in large worlds: tests/models/sources_test.ts.
   */
  readonly states: Readonly<Partial<Record<LevelId, number>>>;
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** The recipe of the shipped model. */
export const RECIPE: Recipe = {
  states: {
    "BabyAI-GoToDoor-v0": 6_000,
    "BabyAI-GoToObjS6-v1": 4_000,
    "BabyAI-GoToObjMazeS4-v0": 2_000,
    "BabyAI-OpenRedDoor-v0": 1_000,
    "BabyAI-OpenDoorLoc-v0": 2_000,
    "BabyAI-OpenDoorsOrderN2-v0": 1_000,
    "BabyAI-PickupDist-v0": 8_000,
    "BabyAI-OneRoomS8-v0": 1_000,
    "BabyAI-UnlockPickup-v0": 2_000,
    "BabyAI-Unlock-v0": 1_000,
    "BabyAI-PutNextS4N1-v0": 3_000,
    "BabyAI-PutNextS5N2-v0": 5_000,
  },
  seed: 0,
  steps: 640,
  batch: 32,
  learningRate: 3e-3,
};

/** What is told while a teacher is made. */
export interface TrainingMonitor {
  /** A new part of the work has begun. */
  phase(name: string): void;
  /** A training step is done; the loss is a running mean. */
  step(step: number, steps: number, loss: number): void;
}

/**
 * Trains a teacher and writes its folder: config.json, model.safetensors, the tokenizer's files and
 * onnx/. Everything is computed on WASM, so that a seed gives the same files everywhere.
 *
 * @param dir Files of these names are overwritten, others stay.
 */
export async function makeTeacher(
  dir: string,
  recipe: Recipe,
  progress: TrainingMonitor,
): Promise<void> {
  progress.phase("collecting states");
  const { seed, steps, batch, learningRate } = recipe;
  const states = Object.entries(recipe.states)
    .flatMap(([level, count]) => collectStates(level as LevelId, count, seed));
  const tokenizer = await writeTokenizer(dir, states);
  const config = shapeFor(tokenizer);
  const labels = ACTION_TEXTS.map((text) => tokenizer.encode(text));
  const examples = states.map(({ prompt, action }) => ({
    prompt: tokenizer.encode(prompt),
    label: labels[action]!,
  }));
  progress.phase("training");
  const random = new Pcg64([seed, 1]);
  const tensors = await openTensors("wasm");
  const t5 = new T5(tensors, config, initialParameters(config, random));
  let mean = 0;
  const onStep = (step: number, loss: number) => {
    mean += (loss - mean) / Math.min(step, 50);
    progress.step(step, steps, mean);
  };
  await fit(t5, examples, { steps, batch, learningRate, random, onStep });
  progress.phase("writing");
  const parameters = await t5.parameters();
  t5.dispose();
  tensors.dispose();
  await writeT5(dir, config, parameters);
  await writeT5Onnx(dir, config, parameters);
}

/** The operators of flan-t5 (gated GELU, untied head) in a small shape. */
function shapeFor(tokenizer: Tokenizer): T5Config {
  return {
    vocabSize: Math.ceil(tokenizer.size / 8) * 8,
    dModel: 64,
    dKv: 16,
    heads: 4,
    dFf: 160,
    encoderLayers: 2,
    decoderLayers: 1,
    buckets: 32,
    maxDistance: 128,
    epsilon: 1e-6,
    feedForward: "gated-gelu",
    tied: false,
    padId: 0,
    eosId: 1,
    startId: 0,
  };
}

async function writeTokenizer(dir: string, states: readonly State[]): Promise<Tokenizer> {
  await Deno.mkdir(dir, { recursive: true });
  const files = makeTokenizer([...states.map(({ prompt }) => prompt), ...ACTION_TEXTS]);
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/${name}`, JSON.stringify(content, null, 1) + "\n");
  }
  return await readTokenizer(dir);
}
