/** Weighs trees of tokens behind prompts, where the decoder's graphs have been rewritten for them. */
import type { OnnxSession, OnnxTensor } from "../onnx/onnx.ts";
import { TREE } from "../onnx/tree.ts";
import type { ModelConfig } from "../model_folder/config.ts";
import {
  beginState,
  chainCall,
  type DecoderSessions,
  type DecoderState,
  presentOf,
} from "./decoder.ts";
import { cacheNames } from "./cache_names.ts";
import { type Call, type EncoderStates, feedsOf } from "./feeds.ts";
import type { Past } from "./tensors.ts";
import { ancestors, type TokenTree } from "./token_tree.ts";

/** What the model says of a tree's edges behind each prompt, [rows, edges]. */
export interface EdgeScores {
  readonly logProbs: Float32Array;
  readonly logits: Float32Array;
}

// Added to the bias of what a token must not see: half of the least float, for the bias itself may
// be the other half.
const HIDDEN = -1.7e38;

/** Whether a decoder's graphs have been rewritten for trees. A state knows one past, not branches. */
export function takesTrees({ first, next }: DecoderSessions, config: ModelConfig): boolean {
  if (cacheNames(first, next).hasStates) return false;
  const needed = config.encoderDecoder ? [first] : [first, next];
  return needed.every((session) => session?.inputs.has(TREE.rows));
}

/**
 * Weighs the edges of a tree behind each prompt, the whole tree in one run.
 *
 * An encoder-decoder model runs its start token as the tree's node 0. A decoder-only model runs the
 * prompts first, whose last token is node 0, and the other nodes behind their cache.
 *
 * @param ids [rows][any length] what each row starts with: the prompt, or the start token.
 */
export async function weighTree(
  { first, next }: DecoderSessions,
  config: ModelConfig,
  ids: readonly (readonly number[])[],
  encoder: EncoderStates | undefined,
  tree: TokenTree,
): Promise<EdgeScores> {
  const state = beginState(config.padId, ids, encoder);
  const run = (session: OnnxSession, call: Call, fetch?: readonly string[]) =>
    session.run(feedsOf(session, config, call), fetch);
  const all = range(tree.edges.length);
  if (encoder) return edgeScores(await run(first, treeCall(state, undefined, tree, all), OUTPUTS));
  const atRoot = all.filter((edge) => tree.edges[edge]!.node === 0);
  const beyond = all.filter((edge) => tree.edges[edge]!.node !== 0);
  const length = state.ids[0]!.length;
  const picks = pairs(state.rows, atRoot).map(([row, edge]) => {
    return [row, length - 1, tree.edges[edge]!.token];
  });
  const cache = cacheNames(first, next);
  const prompts = await run(first, { ...chainCall(state, length, undefined), picks }, [
    ...OUTPUTS,
    ...[...cache.inputOf.keys()].filter((name) => first.outputs.has(name)),
  ]);
  const scores = emptyScores(state.rows * all.length);
  scatter(scores, edgeScores(prompts), state.rows, all.length, atRoot);
  if (beyond.length === 0) return scores;
  const call = treeCall(state, presentOf(prompts, undefined, cache), tree, beyond);
  scatter(scores, edgeScores(await run(next!, call, OUTPUTS)), state.rows, all.length, beyond);
  return scores;
}

const OUTPUTS = [TREE.logProbs, TREE.logits];

/** A run of a tree's nodes, node 0 among them only where nothing goes before. */
function treeCall(
  state: DecoderState,
  past: Past | undefined,
  tree: TokenTree,
  edges: readonly number[],
): Call {
  const from = past ? 1 : 0;
  const before = past ? state.ids[0]!.length : 0;
  const nodes = range(tree.tokens.length).slice(from);
  const places = nodes.map((node) => tree.depths[node]! - from);
  return {
    tokens: state.ids.map(([start]) =>
      nodes.map((node) => node === 0 ? start! : tree.tokens[node]!)
    ),
    attention: state.mask.map((row) => [...row.slice(0, before), ...nodes.map(() => 1)]),
    positions: state.mask.map((row) => {
      const counted = past ? row.reduce((sum, counts) => sum + counts, 0) : 0;
      return places.map((place) => counted + place);
    }),
    rows: places,
    columns: [...range(before), ...places.map((place) => before + place)],
    mask: treeMask(tree, nodes, from, before),
    past,
    encoder: state.encoder,
    picks: pairs(state.rows, edges).map(([row, edge]) => {
      const { node, token } = tree.edges[edge]!;
      return [row, node - from, token];
    }),
  };
}

/** Zero where a node sees what goes before the tree or a node on its own path. */
function treeMask(
  tree: TokenTree,
  nodes: readonly number[],
  from: number,
  before: number,
): Float32Array {
  const width = before + nodes.length;
  const mask = new Float32Array(nodes.length * width).fill(HIDDEN);
  nodes.forEach((node, i) => {
    mask.fill(0, i * width, i * width + before);
    for (const seen of ancestors(tree, node)) {
      if (seen >= from) mask[i * width + before + seen - from] = 0;
    }
  });
  return mask;
}

function edgeScores(outputs: Readonly<Record<string, OnnxTensor>>): EdgeScores {
  return {
    logProbs: outputs[TREE.logProbs]!.data as Float32Array,
    logits: outputs[TREE.logits]!.data as Float32Array,
  };
}

function emptyScores(length: number): EdgeScores {
  return { logProbs: new Float32Array(length), logits: new Float32Array(length) };
}

/** Puts scores [rows, edges.length] of some edges into those of all, [rows, count]. */
function scatter(
  into: EdgeScores,
  from: EdgeScores,
  rows: number,
  count: number,
  edges: readonly number[],
): void {
  pairs(rows, edges).forEach(([row, edge], i) => {
    into.logProbs[row * count + edge] = from.logProbs[i]!;
    into.logits[row * count + edge] = from.logits[i]!;
  });
}

function pairs(rows: number, edges: readonly number[]): [row: number, edge: number][] {
  return range(rows).flatMap((row) => edges.map((edge): [number, number] => [row, edge]));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
