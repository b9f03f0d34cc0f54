/** The shipped teacher's reference.json: what the training's own code computes with it. */
import { ACTION_TEXTS } from "../plugins/env/babyai/env.ts";
import { argmax } from "../runtimes/language_model/sampling.ts";
import { readT5, type T5 } from "@tandem/runtimes/t5";
import { openTensors } from "@tandem/runtimes/tfjs";
import { readTokenizer, type Tokenizer } from "@tandem/runtimes/tokenizer";
import { padTokens } from "../runtimes/t5/tokens.ts";
import { collectStates } from "./train_data.ts";

const MADE_BY = "deno task models:train (the T5 that was trained, in TensorFlow.js)";
const MOST_TOKENS = 12;

/**
 * Writes reference.json of a folder with model.safetensors: ids, encoder states, first logits, the
 * likeliest text and each action's log-probabilities for a few states. `deno task models check` holds
 * every graph of the folder to it.
 */
export async function writeReference(dir: string): Promise<void> {
  const tokenizer = await readTokenizer(dir);
  const tensors = await openTensors("wasm");
  const t5 = await readT5(tensors, dir);
  const prompts = [];
  for (const level of ["BabyAI-GoToLocal-v0", "BabyAI-PickupLoc-v0"] as const) {
    for (const { prompt } of collectStates(level, 3, 7)) {
      prompts.push(await entryOf(t5, tokenizer, prompt));
    }
  }
  t5.dispose();
  tensors.dispose();
  await Deno.writeTextFile(
    `${dir}/reference.json`,
    JSON.stringify({ madeBy: MADE_BY, prompts }) + "\n",
  );
}

async function entryOf(t5: T5, tokenizer: Tokenizer, text: string) {
  const ids = tokenizer.encode(text);
  const encoded = t5.encode(padTokens([ids], t5.config.padId));
  const states = await encoded.states.data<"float32">();
  const sequence = [t5.config.startId];
  let firstLogits: number[] = [];
  while (sequence.length <= MOST_TOKENS && sequence.at(-1) !== t5.config.eosId) {
    const logits = t5.logits(encoded, padTokens([sequence], t5.config.padId));
    const last = (await logits.data<"float32">()).slice(-t5.config.vocabSize);
    logits.dispose();
    if (sequence.length === 1) firstLogits = [...last];
    sequence.push(argmax(last));
  }
  encoded.states.dispose();
  const absolute = states.reduce((sum, value) => sum + Math.abs(value), 0);
  return {
    text,
    ids,
    encoderMeanAbs: rounded(absolute / states.length),
    encoderFirst8: [...states.slice(0, 8)].map(rounded),
    firstLogits: firstLogits.map(rounded),
    greedy: sequence,
    greedyText: tokenizer.decode(sequence.slice(1)),
    candidates: await Promise.all(
      ACTION_TEXTS.map((action) => candidateOf(t5, ids, action, tokenizer)),
    ),
  };
}

async function candidateOf(t5: T5, prompt: number[], text: string, tokenizer: Tokenizer) {
  const label = tokenizer.encode(text);
  const logProbs = t5.labelLogProbs([{ prompt, label }]);
  const tokenLogprobs = [...await logProbs.data<"float32">()].map(rounded);
  logProbs.dispose();
  return { text, ids: label, tokenLogprobs };
}

/** Seven digits are what a 32-bit float has. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
