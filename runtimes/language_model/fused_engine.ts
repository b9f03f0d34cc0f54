/** Generation and scoring with {@linkcode T5Int8}. */
import { TandemError } from "@tandem/core";
import type { DecoderState, Step } from "./decoder.ts";
import type { ModelEngine } from "./engine.ts";
import type { Logits } from "./logits.ts";
import type { TokenScores } from "./score.ts";
import { ancestors, type TokenTree, tokenTree } from "./token_tree.ts";
import type { OnnxTensor } from "../onnx/onnx.ts";
import type { Encoded, Sequence, T5Int8 } from "../t5_int8/model.ts";

type Ids = readonly (readonly number[])[];

/** Most tokens of prompts in a batch. */
const MOST_TOKENS = 4096;

/** A batch under way: sequences continue the prompts that were encoded last. */
interface FusedState extends DecoderState {
  /** [rows] the prompt that each row continues. */
  readonly prompts: readonly number[];
  readonly encoded: Encoded;
}

const inOrder = (at: number, other: number) => other <= at;

/** Runs a T5 with 8-bit weights. Continuing a sequence runs it anew: its texts are short. */
export class T5Int8Engine implements ModelEngine {
  #held?: T5Int8;

  constructor(model: T5Int8) {
    this.#held = model;
  }

  get #model(): T5Int8 {
    if (this.#held) return this.#held;
    throw new TandemError("E_MODEL", "The model has been disposed of; open it anew.");
  }

  readonly decoder = {
    extend: (state: DecoderState, tokens: Ids): Promise<Step> => {
      const ids = state.ids.map((row, i) => [...row, ...tokens[i]!]);
      return Promise.resolve(this.#run({ ...state as FusedState, ids }, tokens[0]!.length));
    },
    select: (state: DecoderState, rows: readonly number[]): DecoderState => {
      const { ids, mask, prompts, encoded } = state as FusedState;
      const pick = <T>(list: readonly T[]) => rows.map((row) => list[row]!);
      const picked: FusedState = {
        rows: rows.length,
        ids: pick(ids),
        mask: pick(mask),
        prompts: pick(prompts),
        encoded,
      };
      return picked;
    },
  };

  /** Nothing is padded: batches are cut by their tokens alone. */
  batches(prompts: Ids): number[][] {
    const batches: number[][] = [];
    let tokens = Infinity;
    prompts.forEach(({ length }, row) => {
      tokens += length;
      if (tokens > MOST_TOKENS) {
        batches.push([]);
        tokens = length;
      }
      batches.at(-1)!.push(row);
    });
    return batches;
  }

  start(prompts: Ids, hidden = false): Promise<Step> {
    const encoded = this.#model.encode(prompts);
    const { startId } = this.#model.config;
    const state: FusedState = {
      rows: prompts.length,
      ids: prompts.map(() => [startId]),
      mask: prompts.map(() => [1]),
      prompts: prompts.map((_, row) => row),
      encoded,
    };
    return Promise.resolve(this.#run(state, 1, hidden));
  }

  weigh(prompts: Ids, candidates: readonly Ids[]): Promise<TokenScores[][]> {
    const encoded = this.#model.encode(prompts);
    const trees = new Map<string, { tree: TokenTree; sees: Sequence["sees"] }>();
    const shapes = candidates.map((list) => {
      const key = JSON.stringify(list);
      const known = trees.get(key) ?? shapeOf(tokenTree(list, this.#model.config.startId));
      trees.set(key, known);
      return known;
    });
    const states = this.#model.decode(
      encoded,
      shapes.map(({ tree: { tokens, depths }, sees }, prompt) => ({
        prompt,
        tokens,
        depths,
        sees,
      })),
    );
    const nodes = shapes.flatMap(({ tree }, row) =>
      tree.tokens.map((_, node) => ({ row, edges: edgesOf(tree, node) }))
    );
    const edges = shapes.map(({ tree }) => tree.edges.map(() => ({ logProb: 0, logit: 0 })));
    this.#model.logits(states, nodes.map((_, i) => i), (i, logits, norm) => {
      const { row, edges: own } = nodes[i]!;
      for (const { edge, token } of own) {
        edges[row]![edge] = { logProb: logits[token]! - norm, logit: logits[token]! };
      }
    });
    return Promise.resolve(shapes.map(({ tree }, row) =>
      tree.paths.map((path) => ({
        logProbs: path.map((edge) => edges[row]![edge]!.logProb),
        logits: path.map((edge) => edges[row]![edge]!.logit),
      }))
    ));
  }

  /** Lets go of the memory that holds the weights. */
  release(): Promise<void> {
    this.#held = undefined;
    return Promise.resolve();
  }

  /** Runs whole sequences and gives the logits of the last `count` positions of each. */
  #run(state: FusedState, count: number, hidden = false): Step {
    const { ids, prompts, encoded } = state;
    const length = ids[0]!.length;
    const depths = Array.from({ length }, (_, i) => i);
    const states = this.#model.decode(
      encoded,
      ids.map((tokens, i) => ({ prompt: prompts[i]!, tokens, depths, sees: inOrder })),
    );
    const rows = ids.flatMap((_, i) =>
      depths.slice(length - count).map((place) => i * length + place)
    );
    const logits = this.#logits(states, rows, ids.length, count);
    if (!hidden) return { logits, state };
    const { dModel } = this.#model.config;
    const decoder = this.#model.states(states, 0, ids.length * length);
    const encoder = { hidden: this.#encoderStates(encoded), mask: empty };
    return {
      logits,
      state: { ...state, encoder },
      hidden: { type: "float32", dims: [ids.length, length, dModel], data: decoder },
    };
  }

  #logits(states: number, rows: readonly number[], sequences: number, positions: number): Logits {
    const vocab = this.#model.config.vocabSize;
    const data = new Float32Array(rows.length * vocab);
    this.#model.logits(states, rows, (i, logits) => data.set(logits, i * vocab));
    return { data, rows: sequences, positions, vocab };
  }

  /** The encoder's states, padded: [prompts, longest, dModel]. */
  #encoderStates({ lengths, starts, states }: Encoded): OnnxTensor {
    const { dModel } = this.#model.config;
    const longest = Math.max(...lengths);
    const data = new Float32Array(lengths.length * longest * dModel);
    lengths.forEach((length, i) =>
      data.set(this.#model.states(states, starts[i]!, length), i * longest * dModel)
    );
    return { type: "float32", dims: [lengths.length, longest, dModel], data };
  }
}

const empty: OnnxTensor = { type: "int64", dims: [0], data: new BigInt64Array() };

function shapeOf(tree: TokenTree): { tree: TokenTree; sees: Sequence["sees"] } {
  const seen = tree.tokens.map((_, node) => new Set(ancestors(tree, node)));
  return { tree, sees: (at, other) => seen[at]!.has(other) };
}

function edgesOf({ edges }: TokenTree, node: number): { edge: number; token: number }[] {
  return edges.flatMap((edge, i) => edge.node === node ? [{ edge: i, token: edge.token }] : []);
}
