/**
 * A T5 with 8-bit weights on one thread: rows of tokens without padding, prompts beside each other,
 * trees of tokens behind them.
 */
import type { T5Config } from "../t5/config.ts";
import type { Parameter } from "../t5/parameters.ts";
import { selfAttentionBias } from "./bias.ts";
import { apply, quantise, type Quantised } from "./linear.ts";
import { T5Memory } from "./memory.ts";
import { type Block, checkShape, checkWeights, packT5, type T5Weights } from "./weights.ts";

/** Prompts behind the encoder. Valid until the next are encoded. */
export interface Encoded {
  readonly lengths: readonly number[];
  /** First row of each prompt. */
  readonly starts: readonly number[];
  /** Address of the encoder's states [rows, dModel]. */
  readonly states: number;
  /** Address of all blocks' keys and values of cross-attention [rows, blocks x 2 x inner + gap]. */
  readonly cross: number;
}

/** Tokens behind a prompt, each of which sees some of them. */
export interface Sequence {
  /** Index of the prompt. */
  readonly prompt: number;
  readonly tokens: readonly number[];
  /** [tokens] place of each behind the prompt. */
  readonly depths: readonly number[];
  /** Whether the token at `at` sees the one at `other`. One function for all sequences of one shape. */
  readonly sees: (at: number, other: number) => boolean;
}

/**
 * Numbers between rows of keys and values. Without them rows would lie a power of two apart, and those
 * that attention reads together would push each other out of the processor's cache.
 */
const GAP = 16;
/** Rows whose logits are computed at a time: few enough to stay near the processor. */
const LOGIT_ROWS = 96;

/** The model. Calls must not overlap. */
export class T5Int8 {
  readonly config: T5Config;
  readonly #memory: T5Memory;
  readonly #weights: T5Weights;
  /** Where weights end and batches begin. */
  readonly #weightsEnd: number;
  /** Where what is known of the present prompts ends and scratch begins. */
  #batchEnd: number;

  private constructor(config: T5Config, memory: T5Memory, weights: T5Weights) {
    this.config = config;
    this.#memory = memory;
    this.#weights = weights;
    this.#weightsEnd = this.#batchEnd = memory.mark;
  }

  /**
   * Packs the weights of a T5.
   *
   * @throws TandemError E_MODEL where a width does not fit the kernels or a weight is no number.
   */
  static async open(
    config: T5Config,
    parameters: ReadonlyMap<string, Parameter>,
    relaxed?: boolean,
  ): Promise<T5Int8> {
    checkShape(config);
    checkWeights(parameters);
    const memory = await T5Memory.open(relaxed);
    return new T5Int8(config, memory, packT5(config, memory, parameters));
  }

  /** Runs the encoder. */
  encode(prompts: readonly (readonly number[])[]): Encoded {
    const memory = this.#memory;
    memory.release(this.#weightsEnd);
    const lengths = prompts.map((ids) => ids.length);
    const starts = startsOf(lengths);
    const rows = prompts.flat();
    const { dModel } = this.config;
    const states = memory.floats(rows.length * dModel);
    const stride = this.#weights.cross.n + GAP;
    const cross = memory.floats(rows.length * stride);
    this.#batchEnd = memory.mark;
    const longest = Math.max(...lengths);
    const bias = memory.copy(this.#bias("encoder", range(longest), () => true));
    const x = this.#embed(rows);
    for (const block of this.#weights.encoder) {
      const mark = memory.mark;
      this.#selfAttention(block, x, lengths, () => ({ at: bias, size: longest }));
      this.#feedForward(block, x, rows.length);
      memory.release(mark);
    }
    this.#norm(x, this.#weights.finalNorms.encoder, rows.length, states);
    apply(memory, this.#weights.cross, quantise(memory, states, rows.length, dModel), cross, {
      stride,
    });
    return { lengths, starts, states, cross };
  }

  /**
   * Runs the decoder over sequences behind the prompts that were encoded last.
   *
   * @returns Address of the decoder's states [tokens of all sequences, dModel], until the next call.
   */
  decode(encoded: Encoded, sequences: readonly Sequence[]): number {
    const memory = this.#memory;
    memory.release(this.#batchEnd);
    const lengths = sequences.map(({ tokens }) => tokens.length);
    const rows = sequences.flatMap(({ tokens }) => tokens);
    const out = memory.floats(rows.length * this.config.dModel);
    const biases = new Map<Sequence["sees"], { at: number; size: number }>();
    for (const { depths, sees } of sequences) {
      if (biases.has(sees)) continue;
      const at = memory.copy(this.#bias("decoder", depths, sees));
      biases.set(sees, { at, size: depths.length });
    }
    const x = this.#embed(rows);
    this.#weights.decoder.forEach((block, i) => {
      const mark = memory.mark;
      this.#selfAttention(block, x, lengths, (s) => biases.get(sequences[s]!.sees)!);
      this.#crossAttention(block, i, x, sequences, encoded);
      this.#feedForward(block, x, rows.length);
      memory.release(mark);
    });
    return this.#norm(x, this.#weights.finalNorms.decoder, rows.length, out);
  }

  /**
   * Hands out logits [vocab] row by row.
   *
   * @param states Address of rows that {@linkcode decode} gave. @param rows Which of them.
   * @param take Gets the place of the row in `rows`, its logits, valid for the call, and
   * log(sum(exp(logits))).
   */
  logits(
    states: number,
    rows: readonly number[],
    take: (index: number, logits: Float32Array, norm: number) => void,
  ): void {
    const memory = this.#memory;
    const { kernels } = memory;
    const { dModel, vocabSize, tied } = this.config;
    const mark = memory.mark;
    for (let from = 0; from < rows.length; from += LOGIT_ROWS) {
      const some = rows.slice(from, from + LOGIT_ROWS);
      const x = memory.floats(some.length * dModel);
      const out = memory.floats(some.length * this.#weights.head.n);
      const factor = tied ? dModel ** -0.5 : 1;
      some.forEach((row, i) => {
        const values = memory.view(states + 4 * row * dModel, dModel).map((v) => v * factor);
        memory.view(x + 4 * i * dModel, dModel).set(values);
      });
      apply(memory, this.#weights.head, quantise(memory, x, some.length, dModel), out);
      some.forEach((_, i) => {
        const at = out + 4 * i * this.#weights.head.n;
        const norm = kernels.greatest(at, vocabSize) + Math.log(kernels.sumOfExp(at, vocabSize));
        take(from + i, memory.view(at, vocabSize), norm);
      });
      memory.release(mark);
    }
  }

  /** A copy of rows of states. */
  states(at: number, first: number, count: number): Float32Array {
    const { dModel } = this.config;
    return this.#memory.view(at + 4 * first * dModel, count * dModel).slice();
  }

  #embed(ids: readonly number[]): number {
    const { dModel } = this.config;
    const at = this.#memory.floats(ids.length * dModel);
    const view = this.#memory.view(at, ids.length * dModel);
    ids.forEach((id, i) =>
      view.set(this.#weights.embedding.subarray(id * dModel, (id + 1) * dModel), i * dModel)
    );
    return at;
  }

  #norm(x: number, weight: number, rows: number, out: number): number {
    const { dModel, epsilon } = this.config;
    this.#memory.kernels.norm(x, weight, rows, dModel, epsilon, 1, out);
    return out;
  }

  /** Rows after a layer norm, quantised. */
  #normed(x: number, weight: number, rows: number): Quantised {
    const memory = this.#memory;
    const { dModel } = this.config;
    const out = this.#norm(x, weight, rows, memory.floats(rows * dModel));
    return quantise(memory, out, rows, dModel);
  }

  #selfAttention(
    block: Block,
    x: number,
    lengths: readonly number[],
    biasOf: (sequence: number) => { at: number; size: number },
  ): void {
    const memory = this.#memory;
    const { heads, dKv } = this.config;
    const inner = heads * dKv, stride = 3 * inner + GAP, row = 4 * stride;
    const rows = lengths.reduce((sum, length) => sum + length, 0);
    const normed = this.#normed(x, block.norms[0]!, rows);
    const qkv = memory.floats(rows * stride);
    apply(memory, block.attention, normed, qkv, { stride });
    const mixed = memory.floats(rows * inner);
    const weights = memory.floats(2 * Math.max(...lengths) + 8);
    let first = 0;
    lengths.forEach((length, s) => {
      const q = qkv + first * row, { at, size } = biasOf(s);
      const out = mixed + 4 * first * inner;
      memory.kernels.attend(
        ...[q, row, length, q + 4 * inner, q + 8 * inner, row, length] as const,
        ...[heads, dKv, at, size, size, weights, out, 4 * inner] as const,
      );
      first += length;
    });
    apply(memory, block.attentionOut, quantise(memory, mixed, rows, inner), x, { add: true });
  }

  #crossAttention(
    block: Block,
    index: number,
    x: number,
    sequences: readonly Sequence[],
    { lengths, starts, cross }: Encoded,
  ): void {
    const memory = this.#memory;
    const { heads, dKv } = this.config;
    const inner = heads * dKv, row = 4 * (this.#weights.cross.n + GAP);
    const rows = sequences.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const normed = this.#normed(x, block.norms[1]!, rows);
    const queries = apply(memory, block.crossQuery!, normed, memory.floats(rows * inner));
    const mixed = memory.floats(rows * inner);
    const weights = memory.floats(2 * Math.max(...lengths) + 8);
    let first = 0;
    for (const { prompt, tokens } of sequences) {
      const keys = cross + starts[prompt]! * row + 8 * index * inner;
      const at = 4 * first * inner;
      memory.kernels.attend(
        ...[queries + at, 4 * inner, tokens.length, keys, keys + 4 * inner, row] as const,
        ...[lengths[prompt]!, heads, dKv, 0, 0, 0, weights, mixed + at, 4 * inner] as const,
      );
      first += tokens.length;
    }
    apply(memory, block.crossOut!, quantise(memory, mixed, rows, inner), x, { add: true });
  }

  #feedForward(block: Block, x: number, rows: number): void {
    const memory = this.#memory;
    const { dFf, feedForward } = this.config;
    const normed = this.#normed(x, block.norms.at(-1)!, rows);
    const inner = apply(memory, block.inner, normed, memory.floats(rows * block.inner.n));
    let hidden = inner;
    if (feedForward === "relu") memory.kernels.relu(inner, rows * dFf);
    else {
      hidden = memory.floats(rows * dFf);
      memory.kernels.gatedGelu(inner, rows, dFf, hidden);
    }
    apply(memory, block.outer, quantise(memory, hidden, rows, dFf), x, { add: true });
  }

  #bias(side: "encoder" | "decoder", places: readonly number[], sees: Sequence["sees"]) {
    return selfAttentionBias(this.config, side, this.#weights.relative[side], places, sees);
  }
}

function startsOf(lengths: readonly number[]): number[] {
  let next = 0;
  return lengths.map((length) => (next += length) - length);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
