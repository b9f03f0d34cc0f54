/**
 * The decoder of a language model: starts sequences, continues them from the cache of keys and
 * values, and copies or drops rows. What a graph needs is read off its inputs, so that one class
 * serves encoder-decoder and decoder-only exports, with a cache, with two graphs or one, or without.
 */
import { TandemError } from "../../core/errors.ts";
import type { OnnxSession, OnnxSpec, OnnxTensor } from "../onnx.ts";
import type { ModelConfig } from "./config.ts";
import { emptyPast, integers, type Past, selectRows } from "./tensors.ts";

/** What the encoder made of a batch of prompts: hidden states [rows, S, width] and mask [rows, S]. */
export interface EncoderStates {
  readonly hidden: OnnxTensor;
  readonly mask: OnnxTensor;
}

/** Sequences under way: what the decoder needs to continue them. A value; nothing changes it. */
export interface DecoderState {
  readonly rows: number;
  /** [rows][length] ids so far, padding included. */
  readonly ids: readonly (readonly number[])[];
  /** [rows][length] 1 where an id counts, 0 where it is padding. */
  readonly mask: readonly (readonly number[])[];
  readonly past?: Past;
  readonly encoder?: EncoderStates;
}

/** Logits [rows, positions, vocab] of the tokens that a step ran. */
export interface Logits {
  readonly data: Float32Array;
  readonly rows: number;
  readonly positions: number;
  readonly vocab: number;
}

/** A step's result. */
export interface Step {
  readonly logits: Logits;
  readonly state: DecoderState;
  /** Further float outputs of the graph, such as hidden states, by name. */
  readonly extra: Readonly<Record<string, OnnxTensor>>;
}

/** The graphs of a decoder: `next` continues from a cache and may be the same as `first`. */
export interface DecoderSessions {
  readonly first: OnnxSession;
  readonly next?: OnnxSession;
}

const PAST = "past_key_values.";
const PRESENT = "present.";

/** Runs a decoder's graphs. */
export class Decoder {
  readonly #config: ModelConfig;
  readonly #first: OnnxSession;
  readonly #next?: OnnxSession;
  /** Whether a step of several tokens gives what single steps give; found out when first needed. */
  #severalAtOnce?: boolean;

  constructor(config: ModelConfig, sessions: DecoderSessions) {
    this.#config = config;
    this.#first = sessions.first;
    this.#next = sessions.next;
  }

  /** Whether prompts of different lengths may share a batch, padded on the left. */
  get padsLeft(): boolean {
    return this.#first.inputs.has("attention_mask") && this.#first.inputs.has("position_ids");
  }

  /**
   * Starts sequences.
   *
   * @param ids [rows][any length] first ids; shorter rows are padded on the left.
   * @param encoder What the encoder made of the prompts, for encoder-decoder models.
   * @returns Logits of the last position (positions is 1) and the state to continue from.
   */
  async start(ids: readonly (readonly number[])[], encoder?: EncoderStates): Promise<Step> {
    const longest = Math.max(...ids.map((row) => row.length));
    const pad = (row: readonly number[], filler: number, values: readonly number[]) => [
      ...new Array<number>(longest - row.length).fill(filler),
      ...values,
    ];
    const state: DecoderState = {
      rows: ids.length,
      ids: ids.map((row) => pad(row, this.#config.padId, row)),
      mask: ids.map((row) => pad(row, 0, new Array<number>(row.length).fill(1))),
      encoder,
    };
    const step = await this.#run(this.#first, state, longest, undefined);
    return { ...step, logits: lastPosition(step.logits) };
  }

  /**
   * Continues every row with the same number of tokens.
   *
   * @param tokens [rows][T] ids.
   * @returns Logits [rows, T, vocab] after each of them, and the state behind the last.
   */
  async extend(state: DecoderState, tokens: readonly (readonly number[])[]): Promise<Step> {
    const count = tokens[0]?.length ?? 0;
    if (count <= 1 || !this.#next || !state.past) return await this.#append(state, tokens);
    if (this.#severalAtOnce === true) return await this.#append(state, tokens);
    const single = await this.#oneByOne(state, tokens);
    if (this.#severalAtOnce === undefined) {
      this.#severalAtOnce = await this.#agrees(state, tokens, single.logits);
    }
    return single;
  }

  /** The rows of a state in a new order; rows may be repeated or left out. */
  select(state: DecoderState, rows: readonly number[]): DecoderState {
    const pick = <T>(list: readonly T[]) => rows.map((row) => list[row]!);
    const tensors = (from: Past) =>
      Object.fromEntries(Object.entries(from).map(([name, t]) => [name, selectRows(t, rows)]));
    const needsEncoder = state.encoder && (!state.past || this.#usesHidden());
    return {
      rows: rows.length,
      ids: pick(state.ids),
      mask: pick(state.mask),
      past: state.past && tensors(state.past),
      encoder: state.encoder && {
        hidden: needsEncoder ? selectRows(state.encoder.hidden, rows) : state.encoder.hidden,
        mask: selectRows(state.encoder.mask, rows),
      },
    };
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.#first.release();
    if (this.#next && this.#next !== this.#first) await this.#next.release();
  }

  #usesHidden(): boolean {
    return (this.#next ?? this.#first).inputs.has("encoder_hidden_states");
  }

  async #oneByOne(state: DecoderState, tokens: readonly (readonly number[])[]): Promise<Step> {
    const steps: Step[] = [];
    for (let t = 0; t < tokens[0]!.length; t++) {
      steps.push(
        await this.#append(steps.at(-1)?.state ?? state, tokens.map((row) => [row[t]!])),
      );
    }
    return { ...steps.at(-1)!, logits: joinPositions(steps.map((step) => step.logits)) };
  }

  async #agrees(
    state: DecoderState,
    tokens: readonly (readonly number[])[],
    expected: Logits,
  ): Promise<boolean> {
    try {
      const { logits } = await this.#append(state, tokens);
      return logits.data.length === expected.data.length &&
        logits.data.every((value, i) => Math.abs(value - expected.data[i]!) <= 1e-3);
    } catch (error) {
      if (error instanceof TandemError) return false;
      throw error;
    }
  }

  async #append(state: DecoderState, tokens: readonly (readonly number[])[]): Promise<Step> {
    const count = tokens[0]!.length;
    const longer: DecoderState = {
      ...state,
      ids: state.ids.map((row, i) => [...row, ...tokens[i]!]),
      mask: state.mask.map((row) => [...row, ...new Array<number>(count).fill(1)]),
    };
    if (this.#next && state.past) {
      return await this.#run(this.#next, longer, count, state.past);
    }
    const whole = await this.#run(this.#first, longer, longer.ids[0]!.length, undefined);
    return { ...whole, logits: lastPositions(whole.logits, count) };
  }

  /** Runs the last `count` ids of `state` behind `past`. */
  async #run(
    session: OnnxSession,
    state: DecoderState,
    count: number,
    past: Past | undefined,
  ): Promise<Step> {
    const feeds: Record<string, OnnxTensor> = {};
    for (const [name, spec] of session.inputs) {
      feeds[name] = this.#feed(session, name, spec, state, count, past);
    }
    const { logits, ...outputs } = await session.run(feeds);
    if (!logits) {
      throw new TandemError("E_MODEL", `The model "${session.file}" has no output "logits".`);
    }
    const keep = this.#next ? presentOf(outputs, past) : undefined;
    const extra = Object.fromEntries(
      Object.entries(outputs).filter(([name]) => !name.startsWith(PRESENT)),
    );
    return { logits: asLogits(logits), state: { ...state, past: keep }, extra };
  }

  #feed(
    session: OnnxSession,
    name: string,
    spec: OnnxSpec,
    state: DecoderState,
    count: number,
    past: Past | undefined,
  ): OnnxTensor {
    const { rows, encoder } = state;
    const length = state.ids[0]!.length;
    if (name.startsWith(PAST)) {
      return past?.[name] ?? emptyPast(spec, rows, this.#config, session.file);
    }
    if (name.startsWith("encoder_") && encoder) {
      return name === "encoder_hidden_states" ? encoder.hidden : encoder.mask;
    }
    switch (name) {
      case "input_ids":
      case "decoder_input_ids":
        return integers(spec, state.ids.map((row) => row.slice(length - count)));
      case "attention_mask":
      case "decoder_attention_mask":
        return integers(spec, state.mask);
      case "position_ids":
        return integers(spec, state.mask.map((row) => positions(row).slice(length - count)));
      case "cache_position":
        return integers(spec, Array.from({ length: count }, (_, i) => length - count + i));
      case "use_cache_branch":
        return { type: "bool", dims: [1], data: Uint8Array.of(past ? 1 : 0) };
    }
    throw new TandemError(
      "E_MODEL",
      `The model "${session.file}" has an input "${name}" that Tandem does not know.`,
    );
  }
}

/** Position of every id among those that count; padding stands at position 0. */
function positions(mask: readonly number[]): number[] {
  let next = 0;
  return mask.map((counts) => counts ? next++ : Math.max(0, next - 1));
}

/** A graph's new cache under the names that it takes it by; what it leaves out stays as it was. */
function presentOf(
  outputs: Readonly<Record<string, OnnxTensor>>,
  past: Past | undefined,
): Past | undefined {
  const present: Record<string, OnnxTensor> = { ...past };
  for (const [name, tensor] of Object.entries(outputs)) {
    if (!name.startsWith(PRESENT)) continue;
    const key = PAST + name.slice(PRESENT.length);
    // Keys and values over the prompt never change; merged graphs give a stand-in for them.
    if (past && key.includes(".encoder.")) continue;
    present[key] = tensor;
  }
  return Object.keys(present).length > 0 ? present : undefined;
}

function asLogits({ dims, data }: OnnxTensor): Logits {
  const [rows = 0, positions = 0, vocab = 0] = dims;
  const floats = data instanceof Float32Array ? data : Float32Array.from(data as Float16Array);
  return { data: floats, rows, positions, vocab };
}

function lastPosition(logits: Logits): Logits {
  return lastPositions(logits, 1);
}

function lastPositions(logits: Logits, count: number): Logits {
  const { data, rows, positions, vocab } = logits;
  if (positions === count) return logits;
  const kept = new Float32Array(rows * count * vocab);
  for (let row = 0; row < rows; row++) {
    const from = (row * positions + positions - count) * vocab;
    kept.set(data.subarray(from, from + count * vocab), row * count * vocab);
  }
  return { data: kept, rows, positions: count, vocab };
}

function joinPositions(steps: readonly Logits[]): Logits {
  const { rows, vocab } = steps[0]!;
  const data = new Float32Array(rows * steps.length * vocab);
  steps.forEach((step, t) => {
    for (let row = 0; row < rows; row++) {
      data.set(
        step.data.subarray(row * vocab, (row + 1) * vocab),
        (row * steps.length + t) * vocab,
      );
    }
  });
  return { data, rows, positions: steps.length, vocab };
}
