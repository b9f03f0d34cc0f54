/**
 * Two short runs, kept in folders and read again: what they come to must not depend on the engine that
 * runs this file. Prints a line of JSON for each.
 *
 *     node --experimental-transform-types trial.ts FOLDER
 */
import { argv } from "node:process";
import { createContext, definePipeline, type Pipeline, runPipeline } from "@tandem/core";
import type { RunResult } from "@tandem/core";
import { toBase64 } from "@tandem/core/internal";
import { babyai, corridor } from "@tandem/env";
import { readEvents, RunFolder, summarise } from "@tandem/lab";
import { bot, gae, languageModel, paper, ppo } from "@tandem/plugins";

/** No relaxed SIMD. */
const DEVICE = "wasm-portable";
const SEED = 3;

const shared = {
  student: ppo({ hidden: 16, minibatch: 64 }),
  advantage: gae(),
  feedback: paper(),
  evaluation: { every: 5, episodes: 10, states: 10 },
} as const;

const PIPELINES: readonly Pipeline[] = [
  definePipeline({
    ...shared,
    name: "corridor",
    env: corridor({ length: 6 }),
    teacher: bot({ accuracy: 0.7 }),
    schedule: { iterations: 10, envs: 8, steps: 16 },
  }),
  definePipeline({
    ...shared,
    name: "babyai",
    env: babyai({ level: "BabyAI-GoToRedBallGrey-v0" }),
    teacher: languageModel({ learnsBy: ["logits"], runtime: "fused" }),
    schedule: { iterations: 10, envs: 8, steps: 16 },
  }),
];

/** Runs, keeps the folder, and reads it again. */
async function trial(pipeline: Pipeline, path: string) {
  const startedAt = new Date(0).toISOString();
  const config = { version: "", command: "", startedAt, seed: SEED, device: DEVICE, pipeline };
  const folder = new RunFolder({
    config: { ...config, pipeline: JSON.parse(JSON.stringify(pipeline)) },
    out: path,
    onFailure: (error) => {
      throw error;
    },
  });
  try {
    const context = createContext({ seed: SEED, device: DEVICE, emit: folder.sink });
    const result = await runPipeline(pipeline, context);
    const { level } = result;
    const told = { pipeline, seed: SEED, device: DEVICE, wallSeconds: 0, level };
    folder.finish(summarise(result, told), result.states, () => new Uint8Array());
    const events = [...readEvents(`${path}/events.jsonl`)];
    return {
      name: pipeline.name,
      success: result.end.success.rate,
      states: await hashOf(result.states),
      events: await hashOf(events),
      count: events.length,
      ...await measured(result),
    };
  } finally {
    folder[Symbol.dispose]();
  }
}

async function measured({ start, end, verdicts, metrics }: RunResult) {
  return { measured: await hashOf({ start, end, verdicts, metrics }) };
}

/** SHA-256 of a value without the times in it. */
async function hashOf(value: unknown): Promise<string> {
  const plain = JSON.stringify(
    value,
    (key, item) =>
      /seconds$/i.test(key)
        ? undefined
        : ArrayBuffer.isView(item)
        ? toBase64(new Uint8Array(item.buffer, item.byteOffset, item.byteLength))
        : item,
  );
  const bytes = new TextEncoder().encode(plain);
  return Array.from(
    new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

for (const pipeline of PIPELINES) {
  console.log(JSON.stringify(await trial(pipeline, `${argv[2]}/${pipeline.name}`)));
}
