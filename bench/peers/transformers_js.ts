/**
 * Tandem beside transformers.js on the same files: candidate scores of N = 8 and greedy generation by a
 * decoder-only model, both with onnxruntime-node 1.30.0 on the processor, 32-bit floats and as many
 * threads. Rounds alternate; it prints medians, their ratio and how far the two are apart.
 *
 *     deno run -A --no-lock bench/peers/transformers_js.ts [--model FOLDER] [--threads 1]
 */
import { basename, dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openLanguageModel } from "../../runtimes/language_model/language_model.ts";
import { median } from "../../lab/statistics/sample.ts";

const ROUNDS = 15;
const TOKENS = 24;
const CANDIDATES = ["left", "right", "forward", "pick up", "drop", "toggle", "wait", "turn around"]
  .map((text) => ` ${text}`);
const PROMPT =
  "Goal of the agent: go to the red ball\nObservation: You see a wall 2 steps forward, " +
  "You see a closed grey door 3 steps right\nAction:";

// A peer and no dependency: its name is no literal, so that nothing fetches it but this.
const { AutoModelForCausalLM, Tensor, env } = await import(
  ["npm:@huggingface/transformers", "4.3.2"].join("@")
);

/** Scores and texts by one of the two. */
interface Side {
  /** [N] sums of log-probabilities. */
  score(): Promise<number[]>;
  /** Ids written behind the prompt. */
  write(): Promise<number[]>;
}

const { values: { model: dir, threads: count } } = parseArgs({
  options: {
    model: { type: "string", default: "tests/fixtures/language-models/llama" },
    threads: { type: "string", default: "1" },
  },
});
const threads = Number(count);
const ours = await openLanguageModel(dir, { runtime: "native", dtype: "fp32", threads });
const prompt = ours.tokenizer.encode(PROMPT);
const candidates = CANDIDATES.map((text) => ours.tokenizer.encode(text, { special: false }));
const tandem: Side = {
  async score() {
    const [scores] = await ours.score([prompt], [candidates], { normalisation: "sum" });
    return scores!.candidates.map(({ sum }) => sum);
  },
  async write() {
    return [...(await ours.generate([prompt], { maxTokens: TOKENS }))[0]!.ids];
  },
};
const peer = await peerOf(resolve(dir));
console.log("| what | Tandem, ms | transformers.js, ms | times as fast | apart by |");
console.log("| --- | --- | --- | --- | --- |");
await compare("scores of 8 candidates", (side) => side.score());
await compare("a token of greedy generation", (side) => side.write(), (ids) => ids.length);
await ours.dispose();
Deno.exit(0); // The peer keeps threads that nothing ends.

/** transformers.js as its users score: prompt and candidate in one row each, one run for all. */
async function peerOf(folder: string): Promise<Side> {
  env.allowRemoteModels = false;
  env.localModelPath = `${dirname(folder)}/`;
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
    ...{ dtype: "fp32", device: "cpu" },
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const tensor = (rows: readonly (readonly number[])[]) =>
    new Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);
  const longest = Math.max(...candidates.map(({ length }) => length));
  const rows = candidates.map((ids) => [...prompt, ...ids]);
  const filled = (row: readonly number[], filler: number, values: readonly number[]) => [
    ...values,
    ...new Array<number>(prompt.length + longest - row.length).fill(filler),
  ];
  return {
    async score() {
      const { logits } = await model({
        input_ids: tensor(rows.map((row) => filled(row, 0, row))),
        attention_mask: tensor(rows.map((row) => filled(row, 0, row.map(() => 1)))),
      });
      const [, positions, vocab] = logits.dims as [number, number, number];
      return candidates.map((ids, row) =>
        ids.reduce((sum, id, t) => {
          const from = (row * positions + prompt.length - 1 + t) * vocab;
          return sum + logProb((logits.data as Float32Array).subarray(from, from + vocab), id);
        }, 0)
      );
    },
    async write() {
      const given = tensor([prompt]);
      const mask = tensor([prompt.map(() => 1)]);
      const made = await model.generate({
        ...{ inputs: given, attention_mask: mask, max_new_tokens: TOKENS, do_sample: false },
      });
      return (made.tolist() as bigint[][])[0]!.slice(prompt.length).map(Number);
    },
  };
}

function logProb(values: Float32Array, id: number): number {
  const most = values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
  return values[id]! - most - Math.log(sum);
}

/** One row of the table. @param units What a result is divided by. */
async function compare(
  what: string,
  work: (side: Side) => Promise<number[]>,
  units: (result: number[]) => number = () => 1,
): Promise<void> {
  const sides = [tandem, peer];
  const results = [await work(tandem), await work(peer)] as const;
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, side] of sides.entries()) {
      const start = performance.now();
      const made = await work(side);
      times[i]!.push((performance.now() - start) / units(made));
    }
  }
  const [a, b] = [median(times[0]), median(times[1])];
  const apart = Math.max(...results[0].map((value, i) => Math.abs(value - results[1][i]!)));
  const cells = [
    what,
    a.toFixed(2),
    b.toFixed(2),
    `${(b / a).toFixed(2)} x`,
    apart.toExponential(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
