/** What actor-critics ask of a runtime: network, loss and steps, wherever they are computed. */
import type { MaybePromise } from "../../../core/stages/mod.ts";
import { type Column, rowsOfColumns } from "../../../runtimes/fused/columns.ts";
import { orthogonal, type RandomSource } from "../../../runtimes/weights/initialisers.ts";
import type { LossOptions } from "./loss.ts";
import type { NetworkState, WeightArray } from "./state.ts";

/** Inputs of B states; {@linkcode Features} writes them in place. */
export interface Inputs {
  readonly size: number;
  /** [B, D] the observations. */
  readonly entries: Uint8Array;
  /** [B, words] 1 where the mission has the word. */
  readonly words: Uint8Array;
  /** [B] the missions whose words stand in `words`. */
  readonly missions: string[];
  /** [B, stride] guidance. */
  readonly guidance: Float32Array;
  readonly guidanceStride: number;
  /** [B, W] what is remembered of the states before; deciding leaves there what is remembered of these. */
  readonly memory: Float32Array;
}

/**
 * A rollout's samples: B / T sequences of T steps, time-major; sequences of one step are samples by
 * themselves. Their memory [B / T, W] is that before the first step.
 */
export interface Samples extends Inputs {
  /** T. */
  readonly steps: number;
  /** [B / T] the sequences in the order in which updates take them. */
  readonly order: Int32Array;
  /** [B] 1 where s_t is the first of its episode, so that nothing is remembered; 0 without memory. */
  readonly firsts: Uint8Array;
  /** [B] a_t. */
  readonly actions: Int32Array;
  /** [B] log P(a_t | x_t, s_t) when the action was taken. */
  readonly logProbs: Float32Array;
  /** [B] V(s_t) when the action was taken. */
  readonly values: Float32Array;
  /** [B] G_t. */
  readonly targets: Float32Array;
}

/** Runs an actor-critic's network. Arrays that it gives are its own and valid until it is asked again. */
export interface Engine {
  /** Room for the inputs of `size` states, the same each time. */
  inputs(size: number): Inputs;
  /** Room for a rollout of `size` samples in sequences of `steps`, the same each time. */
  samples(size: number, steps?: number): Samples;
  /**
   * [B, 2 A + 1] P(. | x, s), Q(s, .) and V(s) of inputs that this engine gave out, whose memory goes
   * on by these states.
   */
  decide(inputs: Inputs): MaybePromise<Float32Array>;
  /** [B] V(s). */
  values(inputs: Inputs): MaybePromise<Float32Array>;
  /**
   * One gradient step on the sequences `order[from .. to)`.
   *
   * @param imitation Weight of the cross-entropy to the teacher where the loss has it, 1.
   */
  update(samples: Samples, from: number, to: number, imitation?: number): void;
  /** Means of {@linkcode metricNames} over the updates since it was asked last. */
  metrics(): MaybePromise<ArrayLike<number>>;
  /** Takes steps of `pace` times the learning rate that it was made with. */
  setPace(pace: number): void;
  save(): MaybePromise<NetworkState>;
  /** @throws TandemError E_SHAPE where the state is of another network. */
  load(state: NetworkState): void;
  dispose(): void;
}

/** What an engine is made of. */
export interface EngineOptions {
  /** Columns of an observation, and of the mission's words. */
  readonly entries: readonly Column[];
  readonly words: readonly Column[];
  readonly guidance: number;
  readonly hidden: number;
  /** Whether the mission's words modulate what is seen, rather than be inputs beside it. */
  readonly film?: boolean;
  /** How far the policy leans on the teacher's distribution at first, where it does: above 0. */
  readonly trust?: number;
  /** Numbers that the network remembers of an episode, W; none where absent. */
  readonly memory?: number;
  readonly actions: number;
  readonly learningRate: number;
  /** Largest norm of the gradient. */
  readonly maxGradNorm: number;
  readonly loss: LossOptions;
  /** Threads of the fused runtime, 0 for one a core; 1 unless told otherwise. */
  readonly threads?: number;
}

/** What every engine reports; see {@linkcode metricNames} for the order where there is more. */
export const METRICS = [
  "loss",
  "policyLoss",
  "valueLoss",
  "qLoss",
  "entropy",
  "approxKl",
  "clipFraction",
  "gradNorm",
] as const;

/** What `learn` reports: {@linkcode METRICS}, and before the last what some networks have beside. */
export function metricNames({ loss, trust }: EngineOptions): string[] {
  const more = [...(loss.imitates ? ["teacherLoss"] : []), ...(trust ? ["trust"] : [])];
  return [...METRICS.slice(0, -1), ...more, ...METRICS.slice(-1)];
}

/** Adam's epsilon. */
export const EPSILON = 1e-5;

/** The layers that every network has. */
export type LayerName = "state" | "guided" | "policy" | "q" | "alone" | "value";

/**
 * Layers of some networks: modulation by the mission's words, trust in the teacher, the gates of a
 * memory as what is seen ("input") and what is remembered ("memory") move them, and the level that the
 * actions' values of a dueling network share.
 */
export type ExtraLayerName = "film" | "trust" | "input" | "memory" | "level";

/** Widths of a layer. */
export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
}

/** Gains of the layers' initial weights: sqrt(2) before tanh, small at the policy's head. */
const GAINS: Record<LayerName | ExtraLayerName, number> = {
  state: Math.SQRT2,
  guided: Math.SQRT2,
  policy: 0.01,
  q: 1,
  alone: Math.SQRT2,
  value: 1,
  film: 1,
  trust: 0.01,
  input: 1,
  memory: 1,
  level: 1,
};

/**
 * The layers' widths. A shared first layer reads the state; the actor's and critic's second layer
 * reads it together with the guidance, V's second layer reads it alone: guidance does not reach V, so
 * that A = Q - V tells what acting on it is worth. With memory they read that in its place: it holds what
 * was seen up to now, and nothing of what was said.
 */
export function layerShapes(
  { entries, words, guidance, hidden, actions, film, memory, loss }: EngineOptions,
): Record<LayerName, LayerShape> {
  const seen = film ? entries : [...entries, ...words];
  const known = memory || hidden;
  return {
    state: { inputs: rowsOfColumns(seen), outputs: hidden },
    guided: { inputs: known + (loss.imitates ? 0 : guidance), outputs: hidden },
    policy: { inputs: hidden, outputs: actions },
    q: { inputs: hidden, outputs: actions },
    alone: { inputs: known, outputs: hidden },
    value: { inputs: hidden, outputs: 1 },
  };
}

/** The widths of the layers that these options add. */
export function extraShapes(
  { words, hidden, film, trust, memory }: EngineOptions,
): Partial<Record<ExtraLayerName, LayerShape>> {
  return {
    ...(film && {
      film: { inputs: rowsOfColumns(words), outputs: 2 * hidden },
    }),
    ...(trust && { trust: { inputs: memory || hidden, outputs: 1 } }),
    ...(memory && {
      input: { inputs: hidden, outputs: 3 * memory },
      memory: { inputs: memory, outputs: 3 * memory },
    }),
  };
}

/** Initial weights: orthogonal matrices, and biases of zero but for that which makes the first trust. */
export function initialWeights(
  shapes: Partial<Record<LayerName | ExtraLayerName, LayerShape>>,
  random: RandomSource,
  trust = 1,
): Record<string, WeightArray> {
  const weights: Record<string, WeightArray> = {};
  for (const name of Object.keys(shapes) as (keyof typeof shapes)[]) {
    const { inputs, outputs } = shapes[name]!;
    const data = orthogonal(random, inputs, outputs, GAINS[name]);
    weights[name] = { shape: [inputs, outputs], data };
    const bias = name === "trust" ? Math.log(Math.expm1(trust)) : 0; // softplus makes it the trust
    weights[`${name}/bias`] = { shape: [outputs], data: new Float32Array(outputs).fill(bias) };
  }
  return weights;
}
