/** Encoder and decoder as one: prompts go in as ids, batches are cut to what memory and graph allow. */
import { TandemError } from "@tandem/core";
import type { OnnxSession } from "../onnx/onnx.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import { Decoder, type SequenceRunner, type Step } from "./decoder.ts";
import type { EncoderStates } from "./feeds.ts";
import type { ModelDtype } from "../model_folder/files.ts";
import { near } from "./logits.ts";
import { scoreChains, type TokenScores } from "./score.ts";
import { type ModelSessions, releaseSessions } from "./sessions.ts";
import { integers, selectRows } from "./tensors.ts";
import { type TokenTree, tokenTree } from "./token_tree.ts";
import { takesTrees, weighTree } from "./weigh.ts";

type Ids = readonly (readonly number[])[];

/** Most logits that a run may compute (128 MiB of them). */
const MOST_LOGITS = 2 ** 25;
/** A batch of at least this many prompts is cut where a longer one would pad it by more than a tenth. */
const FULL_BATCH = 4;
const MOST_PADDING = 1.1;

/**
 * How far apart two ways to compute the same may be, by weight format: with few bits the scales of a
 * batch's activations show.
 */
const TOLERANCE: { readonly [dtype in ModelDtype]?: number } = { fp32: 1e-3, fp16: 0.02 };
const ROUGH = 0.25;

/** What a language model asks of whatever computes it, in ids. */
export interface ModelEngine {
  /** Rows of prompts that go into one batch, batch by batch. */
  batches(prompts: Ids): number[][];
  /** Encodes prompts and runs the first step behind them. */
  start(prompts: Ids, hidden?: boolean): Promise<Step>;
  /** Continues what {@linkcode start} started last. */
  readonly decoder: SequenceRunner;
  /** Weighs candidates [rows][any number][length > 0] behind each prompt. */
  weigh(prompts: Ids, candidates: readonly Ids[]): Promise<TokenScores[][]>;
  /** Frees what it holds. */
  release(): Promise<void>;
}

/** Runs a model's graphs. */
export class Engine implements ModelEngine {
  readonly decoder: Decoder;
  readonly #config: ModelConfig;
  readonly #sessions: ModelSessions;
  /** Whether trees give what chains give; found out when first needed. */
  #treesAgree?: boolean;

  constructor(config: ModelConfig, sessions: ModelSessions, dtype: ModelDtype) {
    this.#config = config;
    this.#sessions = sessions;
    this.decoder = new Decoder(config, sessions, TOLERANCE[dtype] ?? ROUGH);
    if (!takesTrees(sessions, config)) this.#treesAgree = false;
  }

  /**
   * Batches for {@linkcode start}: rows of near length together, as many as memory allows, and of
   * one length only where the graph cannot mask padding.
   */
  batches(prompts: Ids): number[][] {
    const { vocabSize, encoderDecoder } = this.#config;
    const most = (length: number) =>
      Math.max(1, Math.floor(MOST_LOGITS / (vocabSize * (encoderDecoder ? 1 : length))));
    const order = prompts.map((_, row) => row).sort((a, b) => {
      return prompts[a]!.length - prompts[b]!.length || a - b;
    });
    const batches: number[][] = [];
    let real = 0;
    for (const row of order) {
      const { length } = prompts[row]!;
      const batch = batches.at(-1);
      const padded = batch ? (batch.length + 1) * length : 0;
      const wasteful = batch && batch.length >= FULL_BATCH &&
        padded > MOST_PADDING * (real + length);
      const alike = batch && prompts[batch[0]!]!.length === length;
      if (batch && !wasteful && batch.length < most(length) && (alike || this.#masksPadding)) {
        batch.push(row);
        real += length;
      } else {
        batches.push([row]);
        real = length;
      }
    }
    return batches;
  }

  /**
   * Runs the encoder, where there is one, and the decoder's first step.
   *
   * @param hidden Whether the decoder's hidden states are asked for.
   */
  async start(prompts: Ids, hidden = false): Promise<Step> {
    const encoder = await this.#encode(prompts);
    return await this.decoder.start(this.#beginnings(prompts), encoder, hidden);
  }

  /**
   * Weighs candidates behind each prompt: prompts are encoded once, tokens that candidates share
   * run once.
   *
   * @param candidates [rows][any number][length > 0] ids.
   */
  async weigh(prompts: Ids, candidates: readonly Ids[]): Promise<TokenScores[][]> {
    if (this.#treesAgree === undefined) {
      this.#treesAgree = await this.#agrees(prompts.slice(0, 1), candidates[0]!);
    }
    if (!this.#treesAgree) {
      return await scoreChains(this.decoder, await this.start(prompts), candidates);
    }
    const encoder = await this.#encode(prompts);
    const groups = Map.groupBy(prompts.keys(), (row) => JSON.stringify(candidates[row]));
    const scores: TokenScores[][] = [];
    for (const rows of groups.values()) {
      const tree = tokenTree(candidates[rows[0]!]!, this.#config.startId);
      for (const part of this.#partsFor(rows, tree)) {
        const some = rows.length === prompts.length && part.length === rows.length
          ? encoder
          : encoder && rowsOf(encoder, part);
        const weighed = await this.#weighPart(part.map((row) => prompts[row]!), some, tree);
        part.forEach((row, i) => scores[row] = weighed[i]!);
      }
    }
    return scores;
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await releaseSessions(this.#sessions);
  }

  get #masksPadding(): boolean {
    return this.#config.encoderDecoder || this.decoder.padsLeft;
  }

  #beginnings(prompts: Ids): Ids {
    return this.#sessions.encoder ? prompts.map(() => [this.#config.startId]) : prompts;
  }

  async #encode(prompts: Ids): Promise<EncoderStates | undefined> {
    const { encoder } = this.#sessions;
    return encoder && await runEncoder(encoder, prompts, this.#config.padId);
  }

  async #weighPart(
    prompts: Ids,
    encoder: EncoderStates | undefined,
    tree: TokenTree,
  ): Promise<TokenScores[][]> {
    const ids = this.#beginnings(prompts);
    const { logProbs, logits } = await weighTree(this.#sessions, this.#config, ids, encoder, tree);
    const count = tree.edges.length;
    return prompts.map((_, row) =>
      tree.paths.map((path) => ({
        logProbs: path.map((edge) => logProbs[row * count + edge]!),
        logits: path.map((edge) => logits[row * count + edge]!),
      }))
    );
  }

  #partsFor(rows: readonly number[], tree: TokenTree): number[][] {
    const size = Math.max(
      1,
      Math.floor(MOST_LOGITS / (this.#config.vocabSize * tree.tokens.length)),
    );
    const parts: number[][] = [];
    for (let at = 0; at < rows.length; at += size) parts.push(rows.slice(at, at + size));
    return parts;
  }

  /** Whether a tree gives one prompt the scores that chains give it. */
  async #agrees(prompt: Ids, candidates: Ids): Promise<boolean> {
    const [expected] = await scoreChains(this.decoder, await this.start(prompt), [candidates]);
    try {
      const tree = tokenTree(candidates, this.#config.startId);
      const [weighed] = await this.#weighPart(prompt, await this.#encode(prompt), tree);
      const all = (scores: TokenScores[]) => scores.flatMap(({ logProbs }) => logProbs);
      return near(all(weighed!), all(expected!), this.decoder.tolerance);
    } catch (error) {
      if (error instanceof TandemError) return false;
      throw error;
    }
  }
}

async function runEncoder(
  encoder: OnnxSession,
  prompts: Ids,
  padId: number,
): Promise<EncoderStates> {
  const longest = Math.max(...prompts.map((ids) => ids.length));
  const pad = (ids: readonly number[], filler: number) => [
    ...ids,
    ...new Array<number>(longest - ids.length).fill(filler),
  ];
  const padded = prompts.map((ids) => pad(ids, padId));
  const counts = prompts.map((ids) => pad(ids.map(() => 1), 0));
  const feeds = Object.fromEntries(
    [...encoder.inputs].map(([name, spec]) => [
      name,
      integers(spec, name === "attention_mask" ? counts : padded),
    ]),
  );
  const { last_hidden_state: hidden } = await encoder.run(feeds);
  if (hidden) return { hidden, mask: integers({ type: "int64" }, counts) };
  throw new TandemError(
    "E_MODEL",
    `The model "${encoder.file}" has no output "last_hidden_state".`,
  );
}

function rowsOf({ hidden, mask }: EncoderStates, rows: readonly number[]): EncoderStates {
  return { hidden: selectRows(hidden, rows), mask: selectRows(mask, rows) };
}
