/**
 * Milliseconds of scoring candidates with a T5 of flan-t5-small's shape and random weights: 6
 * candidates of 4 tokens under 8 prompts of 64, nothing cached; then a stream of prompts as eight
 * worlds give them, with the cache. PyTorch with transformers beside it where `python3` (or
 * `--python PATH`) has them, and the native runtime where --allow-ffi is given and it is installed:
 *
 *     deno run --allow-read --allow-write --allow-run --allow-ffi --allow-sys --allow-env \
 *       bench/teacher.ts --python python3 --threads 2
 *
 * With --shipped it measures what 8 bits cost the shipped model, in time and in probability.
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pcg64 } from "../core/kit/random.ts";
import { BabyAIEnv } from "../plugins/env/babyai/env.ts";
import { compilePrompt } from "../core/kit/prompt.ts";
import {
  type LanguageModel,
  openLanguageModel,
  type OpenOptions,
} from "../runtimes/language_model/language_model.ts";
import { openLanguageModelFor, type WhereOptions } from "../runtimes/language_model/open.ts";
import { openLanguageModelPool } from "../runtimes/language_model/pool.ts";
import type { PromptScore } from "../runtimes/language_model/score.ts";
import { parseT5Config } from "../runtimes/t5/config.ts";
import { writeT5 } from "../runtimes/t5/folder.ts";
import { initialParameters } from "../runtimes/t5/parameters.ts";

const PROMPTS = 8;
const PROMPT_TOKENS = 64;
const CANDIDATES = 6;
const CANDIDATE_TOKENS = 4;
const ROUNDS = 7;
const ACTIONS = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle"];
/** A step is one of all eight worlds; a run of 160,000 steps of the environment has 20,000. */
const STREAM_STEPS = [1000, 6000, 20_000];
/** Steps of the stream that are run without the cache; they take long, and each takes the same. */
const UNCACHED_STEPS = 10;

/** flan-t5-small's config.json. */
const SHAPE = {
  model_type: "t5",
  is_encoder_decoder: true,
  vocab_size: 32128,
  d_model: 512,
  d_kv: 64,
  d_ff: 1024,
  num_layers: 8,
  num_decoder_layers: 8,
  num_heads: 6,
  relative_attention_num_buckets: 32,
  relative_attention_max_distance: 128,
  feed_forward_proj: "gated-gelu",
  layer_norm_epsilon: 1e-6,
  tie_word_embeddings: false,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
};

const WAYS: readonly [string, OpenOptions][] = [
  ["Tandem's kernels in WASM, int8", { runtime: "fused" }],
  ["ONNX Runtime WASM, fp32", { device: "wasm" }],
  ["ONNX Runtime WASM, int8", { device: "wasm", dtype: "int8" }],
  ["ONNX Runtime native, fp32", { runtime: "native" }],
  ["ONNX Runtime native, int8", { runtime: "native", dtype: "int8" }],
];

const SHIPPED_STEPS = 100;
const SHIPPED_WAYS: readonly [string, WhereOptions][] = [
  ["ONNX Runtime WASM, fp32", { device: "wasm" }],
  ["ONNX Runtime WASM, int8", { device: "wasm", dtype: "int8" }],
  ["Tandem's kernels, int8", { runtime: "fused" }],
];

/** Token ids of the prompts and of the candidates under each. */
interface Task {
  readonly prompts: number[][];
  readonly candidates: number[][];
}

/** What was measured: milliseconds, and log-probabilities [prompt][candidate][token]. */
interface Timing {
  readonly name: string;
  readonly median: number;
  readonly best: number;
  readonly logProbs: readonly (readonly (readonly number[])[])[];
}

async function makeModel(dir: string): Promise<void> {
  const config = parseT5Config(SHAPE, "config.json");
  await writeT5(dir, config, initialParameters(config, new Pcg64(0)));
  // transformers reads more of the configuration than Tandem writes.
  await Deno.writeTextFile(join(dir, "config.json"), JSON.stringify(SHAPE, null, 2));
  const tokenizer = new URL("../models/tandem-t5-babyai/tokenizer.json", import.meta.url);
  await Deno.copyFile(tokenizer, join(dir, "tokenizer.json"));
}

function makeTask(): Task {
  const random = new Pcg64(1);
  const texts = (count: number, length: number) =>
    Array.from({ length: count }, () => Array.from({ length }, () => random.integers(2, 32_000)));
  return {
    prompts: texts(PROMPTS, PROMPT_TOKENS),
    candidates: texts(CANDIDATES, CANDIDATE_TOKENS),
  };
}

async function timeModel(name: string, model: LanguageModel, task: Task): Promise<Timing> {
  const lists = task.prompts.map(() => task.candidates);
  const score = () => model.score(task.prompts, lists);
  const scores = await score();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await score();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const logProbs = scores.map(({ candidates }) => candidates.map((c) => c.tokenLogProbs));
  return { name, median: times[ROUNDS >> 1]!, best: times[0]!, logProbs };
}

async function timePeer(
  python: string,
  dir: string,
  task: Task,
  threads: number,
): Promise<Timing | string> {
  const file = join(dir, "task.json");
  await Deno.writeTextFile(file, JSON.stringify(task));
  const script = fileURLToPath(new URL("peers/torch_t5.py", import.meta.url));
  try {
    const command = new Deno.Command(python, { args: [script, dir, file, `${threads}`] });
    const { success, stdout, stderr } = await command.output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout));
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it failed";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The prompts of eight worlds in which someone walks about, step by step. */
function promptStream(): string[][] {
  const worlds = new BabyAIEnv({ level: "BabyAI-GoToRedBallNoDists-v0", envs: PROMPTS });
  const prompt = compilePrompt("goal: {mission} see: {seen} last: {feedback} act:");
  const random = new Pcg64(2);
  let observations = worlds.reset(Array.from({ length: PROMPTS }, (_, i) => i));
  return Array.from({ length: STREAM_STEPS.at(-1)! }, () => {
    const prompts = Array.from(
      { length: PROMPTS },
      (_, i) =>
        prompt({
          mission: observations.mission(i),
          observation: observations.text(i),
          feedback: ["none", "good", "bad"][random.integers(0, 3)]!,
        }),
    );
    const actions = Int32Array.from({ length: PROMPTS }, () => random.integers(0, 3));
    observations = worlds.step(actions).observations;
    return prompts;
  });
}

/**
 * Rows of the table for streams of several lengths: the longer one is, the more of its prompts have
 * come before.
 */
async function timeStream(model: LanguageModel): Promise<string[]> {
  const stream = promptStream();
  const time = async (
    steps: readonly string[][],
    ask: (prompts: readonly string[]) => Promise<unknown>,
  ) => {
    const start = performance.now();
    for (const prompts of steps) await ask(prompts);
    return performance.now() - start;
  };
  await model.score(stream[0]!, ACTIONS);
  const plain = await time(
    stream.slice(0, UNCACHED_STEPS),
    (prompts) => model.score(prompts, ACTIONS),
  ) / UNCACHED_STEPS;
  const known = new Map<string, PromptScore>();
  const ask = async (prompts: readonly string[]) => {
    const fresh = [...new Set(prompts)].filter((prompt) => !known.has(prompt));
    const scores = fresh.length > 0 ? await model.score(fresh, ACTIONS) : [];
    fresh.forEach((prompt, i) => known.set(prompt, scores[i]!));
    return prompts.map((prompt) => known.get(prompt)!);
  };
  const row = (name: string, perStep: number, note: string) =>
    `| ${name} | ${perStep.toFixed(2)} a step | | ${
      (plain / perStep).toFixed(0)
    } x as without cache | ${note} |`;
  const rows = [`| a step of eight worlds without cache | ${plain.toFixed(1)} | | | |`];
  let [total, done, asked] = [0, 0, 0];
  for (const length of STREAM_STEPS) {
    total += await time(stream.slice(done, length), ask);
    asked += stream.slice(done, length).flat().length;
    done = length;
    const rate = 1 - known.size / asked;
    const note = `hit rate ${(100 * rate).toFixed(1)} %, ${known.size} prompts run`;
    rows.push(row(`stream of ${length} steps`, total / length, note));
  }
  const again = await time(stream, ask) / stream.length;
  return [...rows, row("the same stream again", again, "hit rate 100 %")];
}

/** The shipped model on the first states of the stream, each once: speed, and distance from fp32. */
async function printShipped(threads: number): Promise<void> {
  const dir = fileURLToPath(new URL("../models/tandem-t5-babyai", import.meta.url));
  const prompts = [...new Set(promptStream().slice(0, SHIPPED_STEPS).flat())];
  console.log(
    `| ${prompts.length} states, ${threads} threads | ms | largest | mean | same action |`,
  );
  console.log("|---|---|---|---|---|");
  let full: readonly Float32Array[] | undefined;
  for (const [name, options] of SHIPPED_WAYS) {
    const model = await openLanguageModelFor(dir, { ...options, threads });
    const { distributions, ms } = await timeDistributions(model, prompts);
    await model.dispose();
    full ??= distributions;
    const apart = distributions.flatMap((row, i) =>
      [...row].map((p, c) => Math.abs(p - full![i]![c]!))
    );
    const best = (row: Float32Array) => row.indexOf(Math.max(...row));
    const same = distributions.filter((row, i) => best(row) === best(full![i]!)).length;
    const mean = apart.reduce((sum, value) => sum + value, 0) / apart.length;
    const cells = [ms.toFixed(0), Math.max(...apart).toFixed(4), mean.toFixed(4), same];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

async function timeDistributions(model: LanguageModel, prompts: readonly string[]) {
  const ask = () => model.score(prompts, ACTIONS);
  const distributions = (await ask()).map(({ distribution }) => distribution);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  return { distributions, ms: times.sort((a, b) => a - b)[ROUNDS >> 1]! };
}

function largestDifference(a: Timing, b: Timing): number {
  const flat = ({ logProbs }: Timing) => logProbs.flat(2);
  const other = flat(b);
  return Math.max(...flat(a).map((value, i) => Math.abs(value - other[i]!)));
}

async function printTable(dir: string, python: string, threads: number): Promise<void> {
  const task = makeTask();
  const peer = await timePeer(python, dir, task, threads);
  console.log(`| ${threads} threads | median ms | best ms | against PyTorch | difference |`);
  console.log("|---|---|---|---|---|");
  const row = (timing: Timing) => {
    const beside = typeof peer === "string"
      ? "- | -"
      : `${(peer.median / timing.median).toFixed(2)} x | ${
        largestDifference(timing, peer).toExponential(1)
      }`;
    const [median, best] = [timing.median.toFixed(0), timing.best.toFixed(0)];
    console.log(`| ${timing.name} | ${median} | ${best} | ${beside} |`);
  };
  if (typeof peer === "string") console.log(`| PyTorch | skipped: ${peer} | | | |`);
  else row(peer);
  for (const [name, options] of WAYS) {
    try {
      const fused = options.runtime === "fused";
      const model = fused
        ? await openLanguageModelPool(dir, { ...options, workers: threads })
        : await openLanguageModel(dir, { ...options, threads });
      row(await timeModel(name, model, task));
      if (fused) { for (const line of await timeStream(model)) console.log(line); }
      await model.dispose();
    } catch (error) {
      console.log(`| ${name} | skipped: ${error instanceof Error ? error.message : error} | | | |`);
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      python: { type: "string" },
      threads: { type: "string" },
      shipped: { type: "boolean" },
    },
  });
  const threads = Number(values.threads ?? navigator.hardwareConcurrency);
  const dir = await Deno.makeTempDir();
  try {
    if (values.shipped) await printShipped(threads);
    else {
      await makeModel(dir);
      await printTable(dir, values.python ?? "python3", threads);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
