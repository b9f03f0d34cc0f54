/** Compares a model folder with its reference.json, with every weight file that it has. */
import { readTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { lastPart } from "../files/location.ts";
import { readModelConfig } from "../model_folder/config.ts";
import { listOnnx, modelFileSets } from "../model_folder/files.ts";
import { fileGraphs, hasT5Weights, type ModelGraphs, t5Graphs } from "./graphs.ts";
import type { Written } from "./generate.ts";
import { type LanguageModel, openLanguageModel, type OpenOptions } from "./language_model.ts";
import { readReferenceFile, type ReferencePrompt } from "./reference.ts";

/** Largest difference between equal numbers. */
export const TOLERANCE = 1e-4;

/** One comparison. */
export interface CheckResult {
  /** Names of the graphs that it was made with; empty for the tokenizer. */
  readonly files: readonly string[];
  /** How prompts were given. */
  readonly mode: "one by one" | "in a batch" | "once";
  /** What was compared, such as "first logits" or "greedy ids". */
  readonly what: string;
  /** Largest absolute difference; for ids and texts, how many of them differ. */
  readonly difference: number;
  readonly passed: boolean;
}

/** What a check found. */
export interface CheckReport {
  readonly dir: string;
  /** Who computed the reference, and for how many prompts. */
  readonly madeBy: string;
  readonly prompts: number;
  readonly results: readonly CheckResult[];
  /** ONNX files that no decoder can be made with. */
  readonly unused: readonly string[];
  readonly passed: boolean;
}

/** Differences of one way of running, by what was compared. */
type Differences = Map<string, number>;

/**
 * Compares token ids, encoder states, logits, greedy and beam output and candidates'
 * log-probabilities with reference.json, for every combination of ONNX files in the folder and for
 * the graphs made of a T5's safetensors, the prompts one by one and in a batch.
 *
 * @param options Where to run; `dtype` limits the check to files of one weight format.
 * @param onResult Called with each comparison as it is made.
 * @throws TandemError E_MODEL, E_TOKENIZER or E_FILE where the folder cannot be read.
 * @example
 * ```ts
 * import { checkModel } from "./check.ts";
 * import assert from "node:assert/strict";
 * const dir = "tests/fixtures/language-models/gpt2";
 * const { passed, results } = await checkModel(dir, { device: "wasm", threads: 1 });
 * assert.ok(passed && results.every(({ difference }) => difference <= 1e-4));
 * ```
 */
export async function checkModel(
  dir: string,
  options: OpenOptions = {},
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckReport> {
  const { madeBy, prompts } = await readReferenceFile(dir);
  const config = await readModelConfig(dir);
  const { sets, unused } = modelFileSets(
    await listOnnx(dir),
    config.encoderDecoder,
    options.dtype,
  );
  const graphs = sets.map(fileGraphs);
  if (await hasT5Weights(dir, config)) graphs.push(await t5Graphs(dir));
  const results: CheckResult[] = [];
  const record = (
    files: readonly string[],
    mode: CheckResult["mode"],
    differences: Differences,
  ) => {
    for (const [what, difference] of differences) {
      // Not "difference > TOLERANCE": NaN is a failure too.
      const result = { files, mode, what, difference, passed: difference <= TOLERANCE };
      results.push(result);
      onResult(result);
    }
  };
  record([], "once", compareTokens(await readTokenizer(dir), prompts, config.encoderDecoder));
  for (const set of graphs) {
    const model = await openLanguageModel(dir, { ...options, graphs: set });
    try {
      const together = await runModel(model, prompts);
      const alone = new Map<string, number>();
      for (const prompt of prompts) merge(alone, await runModel(model, [prompt]));
      record(namesOf(set), "one by one", alone);
      record(namesOf(set), "in a batch", together);
    } finally {
      await model.dispose();
    }
  }
  const passed = unused.length === 0 && results.every((result) => result.passed);
  return {
    dir,
    madeBy,
    prompts: prompts.length,
    results,
    unused: unused.map((file) => lastPart(file)),
    passed,
  };
}

function namesOf({ encoder, first, next }: ModelGraphs): string[] {
  const graphs = [encoder, first, next].filter((graph) => graph !== undefined);
  return [...new Set(graphs.map(({ name }) => lastPart(name)))];
}

function compareTokens(
  tokenizer: Tokenizer,
  prompts: readonly ReferencePrompt[],
  encoderDecoder: boolean,
): Differences {
  let [promptIds, candidateIds] = [0, 0];
  for (const { text, ids, candidates } of prompts) {
    if (!equal(tokenizer.encode(text), ids)) promptIds++;
    for (const candidate of candidates) {
      const ours = tokenizer.encode(candidate.text, { special: encoderDecoder });
      if (!equal(ours, candidate.ids)) candidateIds++;
    }
  }
  return new Map([["prompt ids", promptIds], ["candidate ids", candidateIds]]);
}

/** Runs prompts as one batch and compares all that their references hold. */
async function runModel(
  model: LanguageModel,
  prompts: readonly ReferencePrompt[],
): Promise<Differences> {
  const differences: Differences = new Map();
  const note = (what: string, difference: number) =>
    merge(differences, new Map([[what, difference]]));
  const ids = prompts.map((prompt) => prompt.ids);
  const logits = await model.firstLogits(ids);
  prompts.forEach(({ firstLogits, lastLogits16 }, i) => {
    const expected = firstLogits ?? lastLogits16;
    if (expected) note("logits", largestDifference(expected, logits[i]!));
  });
  await compareEncoder(model, prompts, note);
  await compareTexts(model, prompts, note);
  if (prompts.every(({ candidates }) => candidates.length === 0)) return differences;
  const scores = await model.score(
    ids,
    prompts.map((prompt) => prompt.candidates.map((c) => c.ids)),
  );
  prompts.forEach(({ candidates }, i) =>
    candidates.forEach(({ tokenLogprobs, sum, mean }, c) => {
      const ours = scores[i]!.candidates[c]!;
      note("candidates' log-probabilities", largestDifference(tokenLogprobs, ours.tokenLogProbs));
      if (sum !== undefined) note("candidates' sums", Math.abs(sum - ours.sum));
      if (mean !== undefined) note("candidates' means", Math.abs(mean - ours.mean));
    })
  );
  return differences;
}

type Note = (what: string, difference: number) => void;

async function compareEncoder(
  model: LanguageModel,
  prompts: readonly ReferencePrompt[],
  note: Note,
): Promise<void> {
  const states = await model.hidden(prompts.map(({ ids }) => ids));
  prompts.forEach(({ encoderFirst8, encoderMeanAbs }, i) => {
    const values = states[i]!.encoder?.data;
    if (!values) return;
    if (encoderFirst8) note("encoder states", largestDifference(encoderFirst8, values));
    if (encoderMeanAbs === undefined) return;
    const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
    note("encoder mean", Math.abs(mean - encoderMeanAbs));
  });
}

async function compareTexts(
  model: LanguageModel,
  prompts: readonly ReferencePrompt[],
  note: Note,
): Promise<void> {
  for (const [key, beams] of [["greedy", 1], ["beam3", 3]] as const) {
    const asked = prompts.filter((prompt) => prompt[key] !== undefined);
    if (asked.length === 0) continue;
    const expected = asked.map((prompt) => {
      return prompt[key]!.slice(model.info.encoderDecoder ? 1 : prompt.ids.length);
    });
    const maxTokens = Math.max(12, ...expected.map((ids) => ids.length));
    const written = await model.generate(asked.map(({ ids }) => ids), { maxTokens, beams });
    asked.forEach(({ greedyText }, i) => {
      note(`${key} ids`, sameText(written[i]!, expected[i]!) ? 0 : 1);
      if (key === "greedy" && greedyText !== undefined) {
        note("greedy text", written[i]!.text === greedyText ? 0 : 1);
      }
    });
  }
}

/** transformers fills ended texts of a batch up with padding. */
function sameText({ ids, finish }: Written, expected: readonly number[]): boolean {
  return finish === "end" ? equal(ids, expected.slice(0, ids.length)) : equal(ids, expected);
}

function largestDifference(expected: readonly number[], actual: ArrayLike<number>): number {
  // A value too few gives NaN, which Math.max keeps.
  return Math.max(0, ...expected.map((value, i) => Math.abs(value - (actual[i] ?? NaN))));
}

function merge(into: Differences, from: Differences): void {
  for (const [what, difference] of from) {
    const counted = /ids$|text$/.test(what);
    const before = into.get(what) ?? 0;
    into.set(what, counted ? before + difference : Math.max(before, difference));
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
