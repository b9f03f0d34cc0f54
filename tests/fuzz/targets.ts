/**
 * What is fuzzed: each target takes mangled input and either gives a right result or throws an error
 * with a code. Anything else that is thrown is found.
 */
import * as fc from "fast-check";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stateArrays } from "../../experiments/arrays.ts";
import { applySettings } from "../../experiments/settings.ts";
import type { Checkpoint } from "../../core/run/checkpoint.ts";
import { createContext } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import { definePipeline, pipelineFromJson } from "../../core/pipeline/pipeline.ts";
import { type AnyPlugin, definePlugin } from "../../core/pipeline/plugin.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Guidance, PluginKind, Teacher, Verdicts } from "../../core/stages/mod.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { CHECKPOINT_FILES, decodeCheckpoint, encodeCheckpoint } from "../../lab/checkpoint_file.ts";
import { runId } from "../../lab/run_place.ts";
import { openSavedRun } from "../../lab/saved_run.ts";
import { parseTrace } from "../../cli/traces/trace.ts";
import { bot, builtins, corridor, ellm, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";
import { readTape } from "../../plugins/teacher/cassette/tape.ts";
import { openOnnxRuntime } from "../../runtimes/onnx/onnx.ts";
import { rewriteForTrees } from "../../runtimes/onnx/rewrite.ts";
import {
  readSafetensors,
  storeFloat32,
  writeSafetensors,
} from "../../runtimes/weights/safetensors.ts";
import { readTokenizer } from "../../runtimes/tokenizer/tokenizer.ts";
import { junk, mangledBytes, mangledJson, mangledText } from "./mangle.ts";
import { outsideTargets } from "./outside_targets.ts";
import { type Target, target } from "./target.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const pipeline = definePipeline({
  name: "fuzzed",
  env: corridor({ length: 4 }),
  teacher: bot({ accuracy: 0.8 }),
  student: tabularQ(),
  advantage: qMinusV(),
  feedback: paper(),
  extras: { goals: ellm() },
  schedule: { iterations: 1, envs: 2, steps: 2, feedbackDelay: 1 },
  evaluation: { episodes: 2, states: 2 },
});

async function someCheckpoint(): Promise<Checkpoint> {
  let found: Checkpoint | undefined;
  await runPipeline(pipeline.with({ schedule: { iterations: 2 } }), createContext({ seed: 0 }), {
    checkpoints: { isDue: () => true, keep: (one) => void (found = structuredClone(one)) },
  });
  return found!;
}

/** All targets by name; files are read once. */
export async function makeTargets(): Promise<Readonly<Record<string, Target>>> {
  const checkpoint = await someCheckpoint();
  const note = { run: "0".repeat(64), events: 0, seconds: 0 };
  const files = encodeCheckpoint(checkpoint, note, stateArrays);
  const tensors = writeSafetensors(
    new Map([["w", storeFloat32(Float32Array.of(1, 2, 3, 4), [2, 2])]]),
  );
  const models = `${ROOT}tests/fixtures/language-models`;
  const tokenizer = JSON.parse(await Deno.readTextFile(`${models}/gpt2/tokenizer.json`));
  const [graph] = Array.from(Deno.readDirSync(`${models}/gpt2/onnx`), ({ name }) => name);
  const model = await Deno.readFile(`${models}/gpt2/onnx/${graph}`);
  const onnx = await openOnnxRuntime({ device: "wasm", threads: 1 });
  const traces = await Deno.readFile(`${ROOT}tests/fixtures/babyai/traces.jsonl.gz`);
  const line = await firstLine(traces);
  const header = { tandem: "cassette", version: 1, env: "x", grain: "action" };
  const tape = JSON.stringify({ ...header, candidates: ["a"], oracle: false }) + "\n" +
    '{"content":"c","n":0,"choice":0,"p":[1],"logProb":0,"text":"a","tokens":[1]}\n';
  const config = {
    ...{ version: "0", command: "x", startedAt: "2026-01-01T00:00:00Z", seed: 0, device: "cpu" },
    pipeline: pipeline.toJSON(),
  };
  return {
    ...outsideTargets(config),
    options: target({
      input: fc.tuple(fc.constantFrom(...allPlugins()), fc.nat(50), fc.string(), junk),
      try([plugin, which, name, value]) {
        const names = Object.keys(plugin.options);
        plugin.stage({ [names[which % (names.length + 1)] ?? name]: value });
      },
    }),
    pipelines: target({
      input: mangledJson(JSON.parse(JSON.stringify(pipeline))),
      try: (json) => pipelineFromJson(json, builtins),
    }),
    settings: target({
      input: fc.oneof(
        mangledText("teacher.accuracy=0.5"),
        fc.tuple(fc.constantFrom("env", "extra.x", "schedule"), fc.string(), junk)
          .map(([owner, name, value]) => `${owner}.${name}=${JSON.stringify(value)}`),
      ),
      try: (setting) => applySettings(pipeline, [setting], builtins),
    }),
    "checkpoints as bytes": target({
      input: fc.constantFrom(...CHECKPOINT_FILES).chain((name) =>
        mangledBytes(files[name]).map((bytes) => ({ ...files, [name]: bytes }))
      ),
      try: (mangled) => decodeCheckpoint(mangled, stateArrays),
    }),
    "checkpoints as values": target({
      share: 0.2,
      input: mangledJson(checkpoint.json).map((json) => ({ ...checkpoint, json } as Checkpoint)),
      try: (resume) => runPipeline(pipeline, createContext({ seed: 0 }), { resume }),
    }),
    "config.json": target({
      share: 0.2,
      input: mangledJson(config).map((value) => JSON.stringify(value) ?? ""),
      try(text, folder) {
        Deno.writeTextFileSync(join(folder, "config.json"), text);
        openSavedRun(folder, stateArrays, () => {}).lock.close();
      },
    }),
    tokenizers: target({
      share: 0.2,
      input: fc.oneof(
        mangledJson(tokenizer).map((value) => JSON.stringify(value) ?? ""),
        mangledText(JSON.stringify(tokenizer)),
      ),
      try(text, folder) {
        Deno.writeTextFileSync(join(folder, "tokenizer.json"), text);
        return readTokenizer(folder);
      },
    }),
    safetensors: target({
      input: fc.oneof(mangledBytes(tensors), hostileTensors()),
      try: (bytes) => readSafetensors(bytes, "fuzzed"),
    }),
    "ONNX, rewritten": target({
      share: 0.1,
      input: mangledBytes(model),
      try: (bytes) => rewriteForTrees(bytes),
    }),
    "ONNX, loaded": target({
      share: 0.02,
      input: mangledBytes(model),
      async try(bytes) {
        const read = () => Promise.resolve({ bytes, externalData: [] });
        await (await onnx.open({ name: "fuzzed", read })).release();
      },
    }),
    traces: target({
      input: fc.oneof(
        mangledText(line),
        mangledJson(JSON.parse(line)).map((x) => JSON.stringify(x)),
      ),
      try: (text) => parseTrace(text ?? "", "The line"),
    }),
    cassettes: target({
      share: 0.2,
      input: mangledText(tape),
      try(text, folder) {
        const file = join(folder, "tape.jsonl");
        Deno.writeTextFileSync(file, text);
        return readTape(file);
      },
    }),
    "plugin outputs": target({
      share: 0.1,
      input: fc.record({ advice: junkAdvice(), verdicts: junkVerdicts() }, { requiredKeys: [] }),
      try: ({ advice, verdicts }) =>
        runPipeline(saying(advice, verdicts), createContext({ seed: 0 })),
    }),
    "names of runs": target({
      input: fc.string({ unit: "binary" }),
      try(name) {
        const id = runId(name, 0, new Date(2026, 0, 1));
        if (basename(id) !== id || id.startsWith(".")) throw new Error(`"${id}" leaves its folder`);
      },
    }),
  };
}

function allPlugins(): AnyPlugin<PluginKind>[] {
  return PLUGIN_KINDS.flatMap((kind) => Object.values<AnyPlugin<PluginKind>>(builtins[kind]));
}

async function firstLine(zipped: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).text()).split("\n")[0]!;
}

/** Headers that claim more than there is. */
function hostileTensors(): fc.Arbitrary<Uint8Array> {
  const size = fc.constantFrom(0, 1, 2 ** 31, 2 ** 40, 2 ** 53, -1, 1e308);
  return fc.tuple(fc.array(size, { maxLength: 5 }), size, size).map(([shape, begin, end]) => {
    const header = JSON.stringify({ w: { dtype: "F32", shape, data_offsets: [begin, end] } });
    const bytes = new Uint8Array(8 + header.length + 16);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    return bytes;
  });
}

const fewNumbers = fc.array(fc.oneof(fc.constantFrom(0, 1, -1, 2, NaN, Infinity, 99)), {
  maxLength: 10,
});

type JunkAdvice = Omit<Guidance, "envs" | "candidates">;

function junkAdvice(): fc.Arbitrary<JunkAdvice> {
  return fc.record({
    choices: fewNumbers.map((values) => Int32Array.from(values)),
    distribution: fewNumbers.map((values) => Float32Array.from(values)),
    logProbs: fewNumbers.map((values) => Float32Array.from(values)),
    texts: fc.array(fc.string(), { maxLength: 3 }),
    tokens: fc.array(fc.array(fc.nat()), { maxLength: 3 }),
    authors: fc.array(fc.string(), { maxLength: 3 }),
    note: fc.jsonValue(),
  }, { requiredKeys: ["choices", "distribution", "logProbs"] });
}

type JunkVerdicts = Pick<Verdicts, "signs" | "strengths">;

function junkVerdicts(): fc.Arbitrary<JunkVerdicts> {
  return fc.record({
    signs: fewNumbers.map((values) => Int8Array.from(values)),
    strengths: fewNumbers.map((values) => Float32Array.from(values)),
  });
}

/** A pipeline whose teacher and rule say what they are told to. */
function saying(advice: JunkAdvice | undefined, verdicts: JunkVerdicts | undefined) {
  const teacher = definePlugin({
    kind: "teacher",
    name: "junk",
    description: "Says anything.",
    options: {},
    create: (_options, _context, { env: { envs, actions } }): Teacher => ({
      grain: "action",
      candidates: actions,
      learnsBy: [],
      advise: () => ({ envs, candidates: actions, ...advice! }),
      receive: () => {},
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    }),
  });
  const rule = definePlugin({
    kind: "feedback",
    name: "junk",
    description: "Judges anyhow.",
    options: {},
    create: () => ({ judge: () => ({ ...verdicts!, words: () => "" }) }),
  });
  return pipeline.with({
    ...(advice && { teacher: teacher() }),
    ...(verdicts && { feedback: rule() }),
  });
}

/** Puts one case in; what is no error with a code is thrown on. */
export async function tryCase(target: Target, input: unknown, folder: string): Promise<boolean> {
  try {
    await target.try(input, folder);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
  }
  return true;
}
