/**
 * The decoder of a language model: starts sequences, continues them from the cache of keys and
 * values, and copies or drops rows. What a graph needs is read off its inputs, so that one class
 * serves encoder-decoder and decoder-only exports, with a cache, with two graphs or one, or without.
 */
import { TandemError } from "@tandem/core";
import type { OnnxSession, OnnxTensor } from "../onnx/onnx.ts";
import { TREE } from "../onnx/tree.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import { type CacheNames, cacheNames } from "./cache_names.ts";
import { type Call, type EncoderStates, feedsOf } from "./feeds.ts";
import { asLogits, joinPositions, lastPositions, type Logits, near } from "./logits.ts";
import { type Past, selectRows } from "./tensors.ts";

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

/** A step's result. */
export interface Step {
  readonly logits: Logits;
  readonly state: DecoderState;
  /** The decoder's last hidden states [rows, positions, width], where asked for and given. */
  readonly hidden?: OnnxTensor;
}

/** Continues sequences. */
export interface SequenceRunner {
  /** Continues every row with the same number of tokens [rows][T]. */
  extend(state: DecoderState, tokens: readonly (readonly number[])[]): Promise<Step>;
  /** The rows of a state in a new order; rows may be repeated or left out. */
  select(state: DecoderState, rows: readonly number[]): DecoderState;
}

/** The graphs of a decoder: `next` continues from a cache and may be the same as `first`. */
export interface DecoderSessions {
  readonly first: OnnxSession;
  readonly next?: OnnxSession;
}

/** Outputs that give the decoder's last hidden states, those of the rewritten graph last. */
const HIDDEN_STATES = [
  "decoder_hidden_states",
  "last_hidden_state",
  "hidden_states",
  TREE.hidden,
];
/** Takes the number of ids that count for their places: its padding has to stand on the right. */
const COUNTS_FROM_THE_LEFT = "GroupQueryAttention";

/** Runs a decoder's graphs. */
export class Decoder implements SequenceRunner {
  readonly #config: ModelConfig;
  readonly #first: OnnxSession;
  readonly #next?: OnnxSession;
  readonly #cache: CacheNames;
  /** Whether a step of several tokens gives what single steps give; found out when first needed. */
  #severalAtOnce?: boolean;

  /** @param tolerance How far two ways to compute the same may be apart, as {@linkcode near} has it. */
  constructor(config: ModelConfig, sessions: DecoderSessions, readonly tolerance: number) {
    this.#config = config;
    this.#first = sessions.first;
    this.#next = sessions.next;
    this.#cache = cacheNames(sessions.first, sessions.next);
  }

  /** Whether prompts of different lengths may share a batch, padded on the left. */
  get padsLeft(): boolean {
    const { inputs, operators } = this.#first;
    return inputs.has("attention_mask") && inputs.has("position_ids") &&
      !operators.has(COUNTS_FROM_THE_LEFT) && !this.#cache.hasStates;
  }

  /**
   * Starts sequences.
   *
   * @param ids [rows][any length] first ids; shorter rows are padded on the left.
   * @param encoder What the encoder made of the prompts, for encoder-decoder models.
   * @param hidden Whether hidden states are asked for.
   * @returns Logits of the last position (positions is 1) and the state to continue from.
   */
  async start(
    ids: readonly (readonly number[])[],
    encoder?: EncoderStates,
    hidden = false,
  ): Promise<Step> {
    const state = beginState(this.#config.padId, ids, encoder);
    const step = await this.#run(this.#first, state, state.ids[0]!.length, undefined, hidden);
    return { ...step, logits: lastPositions(step.logits, 1) };
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
    const needsHidden = !state.past || this.#next?.inputs.has("encoder_hidden_states");
    return {
      rows: rows.length,
      ids: pick(state.ids),
      mask: pick(state.mask),
      past: state.past && tensors(state.past),
      encoder: state.encoder && {
        hidden: needsHidden ? selectRows(state.encoder.hidden, rows) : state.encoder.hidden,
        mask: selectRows(state.encoder.mask, rows),
      },
    };
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
        near(logits.data, expected.data, this.tolerance);
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
    hidden = false,
  ): Promise<Step> {
    const feeds = feedsOf(session, this.#config, chainCall(state, count, past));
    const states = hidden ? HIDDEN_STATES.find((name) => session.outputs.has(name)) : undefined;
    const wanted = [...session.outputs.keys()].filter((name) =>
      name === "logits" || name === states || this.#cache.inputOf.has(name)
    );
    const outputs = await session.run(feeds, wanted);
    if (!outputs.logits) {
      throw new TandemError("E_MODEL", `The model "${session.file}" has no output "logits".`);
    }
    return {
      logits: asLogits(outputs.logits),
      state: { ...state, past: presentOf(outputs, past, this.#cache) },
      ...(states === undefined ? {} : { hidden: outputs[states] }),
    };
  }
}

/** Position of every id among those that count; padding stands at position 0. */
function positionsOf(mask: readonly number[]): number[] {
  let next = 0;
  return mask.map((counts) => counts ? next++ : Math.max(0, next - 1));
}

/** A graph's new cache under the names that it takes it by; what it leaves out stays as it was. */
export function presentOf(
  outputs: Readonly<Record<string, OnnxTensor>>,
  past: Past | undefined,
  { inputOf }: CacheNames,
): Past | undefined {
  const present: Record<string, OnnxTensor> = { ...past };
  for (const [name, tensor] of Object.entries(outputs)) {
    const key = inputOf.get(name);
    if (key === undefined) continue;
    // Keys and values over the prompt never change; merged graphs give a stand-in for them.
    if (past && key.includes(".encoder.")) continue;
    present[key] = tensor;
  }
  return Object.keys(present).length > 0 ? present : undefined;
}

/** Sequences before anything is run: rows padded on the left to one length. */
export function beginState(
  padId: number,
  ids: readonly (readonly number[])[],
  encoder?: EncoderStates,
): DecoderState {
  const longest = Math.max(...ids.map((row) => row.length));
  const pad = (row: readonly number[], filler: number, values: readonly number[]) => [
    ...new Array<number>(longest - row.length).fill(filler),
    ...values,
  ];
  return {
    rows: ids.length,
    ids: ids.map((row) => pad(row, padId, row)),
    mask: ids.map((row) => pad(row, 0, new Array<number>(row.length).fill(1))),
    encoder,
  };
}

/** The last `count` ids of a state as tokens that follow one another. */
export function chainCall(state: DecoderState, count: number, past: Past | undefined): Call {
  const length = state.ids[0]!.length;
  return {
    tokens: state.ids.map((row) => row.slice(length - count)),
    attention: state.mask,
    positions: state.mask.map((row) => positionsOf(row).slice(length - count)),
    rows: range(count),
    columns: range(length),
    past,
    encoder: state.encoder,
  };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
