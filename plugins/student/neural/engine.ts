/** What an actor-critic asks of a runtime: its network, gradients and steps, wherever they are computed. */
import { type MaybePromise, type Metrics, TandemError } from "@tandem/core";
import type { Column } from "@tandem/runtimes/fused";
import type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  TensorFlow,
} from "@tandem/runtimes/tfjs";
import { normal, orthogonal, type RandomSource } from "@tandem/runtimes/weights";
import type { NetworkState, WeightArray } from "./state.ts";

/** Inputs of B states; {@linkcode Features} writes them in place. */
export interface Inputs {
  readonly size: number;
  /** [B, D] the categories of the observations. */
  readonly entries: Uint8Array;
  /** [B, stride] their floats, -1 to 1 where they have bounds. */
  readonly floats: Float32Array;
  readonly floatStride: number;
  /** [B, words] 1 where the mission has the word. */
  readonly words: Uint8Array;
  /** [B, P] the mission's words by their places in it, each counted from 1; empty without maps. */
  readonly slots: Uint8Array;
  /** [B] the missions whose words stand in `words` and `slots`. */
  readonly missions: string[];
  /** [B, stride] guidance. */
  readonly guidance: Float32Array;
  readonly guidanceStride: number;
  /** [B, A] 1 where an action is legal; empty where all are. */
  readonly legal: Uint8Array;
  /** [B, A] standard normal numbers that float actions are drawn by; empty where actions have names. */
  readonly noise: Float32Array;
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
  /** [B] a_t; [B, A] where actions are floats. */
  readonly actions: Int32Array | Float32Array;
  /** [B] log P(a_t | x_t, s_t) when the action was taken. */
  readonly logProbs: Float32Array;
  /** [B] V(s_t) when the action was taken. */
  readonly values: Float32Array;
  /** [B] G_t. */
  readonly targets: Float32Array;
  /**
   * [B, stride] the teacher's distribution, a row times how far it is to be learned, or zeros; empty where
   * the loss does not ask for it.
   */
  readonly taught: Float32Array;
  readonly taughtStride: number;
}

/** Past steps to learn from again: samples by themselves, under no guidance. */
export interface Replayed extends Inputs {
  /** [B] a_t; [B, A] where actions are floats. */
  readonly actions: Int32Array | Float32Array;
  /** [B] R_t. */
  readonly returns: Float32Array;
}

/** Runs an actor-critic's network. Arrays that it gives are its own and valid until it is asked again. */
export interface Engine {
  /** Room for the inputs of `size` states, the same each time. */
  inputs(size: number): Inputs;
  /** Room for a rollout of `size` samples in sequences of `steps`, the same each time. */
  samples(size: number, steps?: number): Samples;
  /** Room for `size` past steps, the same each time. */
  replayed(size: number): Replayed;
  /**
   * [B, 2 A + 1] P(. | x, s), Q(s, .) and V(s) of inputs that this engine gave out, whose memory goes
   * on by these states. Where actions are floats [B, 2 A + 2]: a = mean + exp(logStd) noise, logStd,
   * Q(s, a) and V(s).
   */
  decide(inputs: Inputs): MaybePromise<Float32Array>;
  /** [B] V(s). */
  values(inputs: Inputs): MaybePromise<Float32Array>;
  /**
   * Forward and back: the gradients of the loss over the sequences `order[from .. to)`.
   *
   * @param imitation Weight of the cross-entropy to the teacher where the loss has it, 1.
   * @param replayed Past steps whose loss (see `replayLoss`) is added by its weight, and reported after
   * the other terms.
   */
  backward(
    samples: Samples,
    from: number,
    to: number,
    imitation?: number,
    replayed?: Replayed,
  ): void;
  /** Scales those gradients, all alike, to a norm of at most `maxGradNorm`, and takes Adam's step. */
  step(options: StepOptions): void;
  /** Means of the loss, its terms and the gradients' norm over the steps since it was asked last. */
  metrics(): MaybePromise<ArrayLike<number>>;
  save(): MaybePromise<NetworkState>;
  /** @throws TandemError E_SHAPE where the state is of another network. */
  load(state: NetworkState): void;
  dispose(): void;
}

/** How far a step goes. */
export interface StepOptions {
  readonly learningRate: number;
  /** Largest norm of the gradients. */
  readonly maxGradNorm: number;
}

/** What an engine is made of. */
export interface EngineOptions {
  /** Columns of an observation, those of a grid's cells first where there are maps; and of the words. */
  readonly entries: readonly Column[];
  readonly words: readonly Column[];
  /** Floats of an observation. */
  readonly floats: number;
  /** Numbers of guidance. */
  readonly guidance: number;
  /** Number of actions, or of floats of one, A. */
  readonly actions: number;
  /** A where some actions may not be legal, else 0. */
  readonly legal: number;
  /** Whether actions are floats, drawn from a normal distribution. */
  readonly gaussian?: boolean;
  readonly layers: Layers;
  /** What follows the layers before the heads; "tanh" where absent. */
  readonly activation?: "tanh" | "relu";
  /** Maps of a grid's cells; none where absent. */
  readonly maps?: MapOptions;
  /** How far the policy leans on the teacher's distribution at first, where it does: above 0. */
  readonly trust?: number;
  /** Numbers that the network remembers of an episode, W; none where absent. */
  readonly memory?: number;
  readonly loss: LossOptions;
  /** The loss on TensorFlow.js; the fused runtime has its equation as a kernel. */
  readonly lossOf: LossFunction;
  /** Threads of the fused runtime, 0 for one a core; 1 unless told otherwise. */
  readonly threads?: number;
}

/** Maps of a grid's cells, which take the cells' place in the state: see `match.ts`. */
export interface MapOptions {
  /** Number of cells, C; their columns are the first ones. */
  readonly cells: number;
  /** Categories of each column of a cell, R in all. */
  readonly channels: readonly number[];
  /** Maps that the mission asks for, K, and maps that it does not, F; multiples of 4. */
  readonly matched: number;
  readonly plain: number;
  /** Numbers that stand for a cell, and for a word, d; a multiple of 4. */
  readonly width: number;
  /** Places of words in a mission, P. */
  readonly slots: number;
  /** The maps on TensorFlow.js; the fused runtime has their equations as kernels. */
  readonly mapsOf: MapFunction;
}

/** What maps are made of, for B states. */
export interface MapInputs {
  /** [B, R, C] 1 where a cell is of a category. */
  readonly cells: Tensor3D;
  /** [B, P, V] 1 where a word stands at a place of the mission. */
  readonly slots: Tensor3D;
  /** [B, V + floats] the words and the observation's floats, on which queries may depend. */
  readonly beside: Tensor2D;
}

/** [B, C K + C K + C F] maps; `weight` gives a layer's W, or its bias by the name "layer/bias". */
export type MapFunction = (
  tf: TensorFlow,
  inputs: MapInputs,
  weight: (name: LayerName | `${LayerName}/bias`) => Tensor | undefined,
) => Tensor2D;

/** Numbers of the maps of one state. */
export function mapWidth({ cells, matched, plain }: MapOptions): number {
  return cells * (2 * matched + plain);
}

/** Columns of an observation that are read one by one: those of cells go into maps. */
export function columnsBeside(
  { entries, maps }: Pick<EngineOptions, "entries" | "maps">,
): readonly Column[] {
  return maps ? entries.slice(maps.cells * maps.channels.length) : entries;
}

/** Weights and range of the loss. */
export interface LossOptions {
  /** Range of the probability ratio; 0 for the plain actor-critic's loss. */
  readonly clip: number;
  /** Weight of the policy's loss; always 1 where not given. */
  readonly policyLoss?: number;
  readonly entropy: number;
  readonly valueLoss: number;
  readonly qLoss: number;
  /** Weight of the loss of past steps, where some are replayed; 1 where absent. */
  readonly replayLoss?: number;
  /** Whether advantages are standardised over a gradient step's samples. */
  readonly standardise: boolean;
  /** Whether guidance is imitated, by the cross-entropy to the teacher, in place of being an input. */
  readonly imitates?: boolean;
  /** Whether that cross-entropy is one of the policy in silence, beside guidance as an input. */
  readonly distils?: boolean;
}

/** Whether a loss has the cross-entropy to the teacher. */
export function isTaught(
  { imitates, distils }: Pick<LossOptions, "imitates" | "distils">,
): boolean {
  return imitates === true || distils === true;
}

/** A loss, and the terms of it that are reported. */
export type LossFunction = (
  tf: TensorFlow,
  outputs: Outputs,
  batch: Minibatch,
  options: LossOptions,
  imitation: number,
) => { readonly loss: Scalar; readonly terms: readonly Scalar[] };

/** What the network says of B states under guidance. */
export interface Outputs {
  /** [B, A] unnormalised log-probabilities of the actions; the means of float actions. */
  readonly logits: Tensor2D;
  /** [A] logarithms of the deviations of float actions. */
  readonly logStd?: Tensor1D;
  /** [B, A] float actions: those of the batch, or as drawn. */
  readonly actions?: Tensor2D;
  /** [B, A] Q(s, .) given x; [B, 1] Q(s, a) of float actions. */
  readonly qValues: Tensor2D;
  /** [B] V(s). */
  readonly values: Tensor1D;
  /** [B, 1] how far the policy leans on the teacher; only in networks that trust. */
  readonly trust?: Tensor2D;
  /** [B, W] what is remembered of each state and those before; only in networks with memory. */
  readonly memory?: Tensor2D;
  /** [B, A] logits under no guidance; only where the loss distils. */
  readonly silentLogits?: Tensor2D;
}

/** A minibatch of B samples. */
export interface Minibatch {
  /** [B, A] a_t as one-hot rows, or its floats. */
  readonly actions: Tensor2D;
  /** [B] log P(a_t | x_t, s_t) when the action was taken. */
  readonly oldLogProbs: Tensor1D;
  /** [B] V(s_t) when the action was taken. */
  readonly oldValues: Tensor1D;
  /** [B] G_t. */
  readonly targets: Tensor1D;
  /** [B, A] the teacher's distribution times how far it is to be learned; zeros where it was silent. */
  readonly teacher: Tensor2D;
}

/** A layer of a network; `ppo.ts` and `dqn.ts` say what each reads. */
export type LayerName =
  | ("state" | "guided" | "policy" | "q" | "alone" | "value")
  | ("trust" | "input" | "memory" | "level" | "tried")
  | ("cell" | "plain" | "word" | "gate" | "match" | "place" | "query" | "asked");

/** A layer: W [inputs, outputs] and a bias [outputs], zeros at first. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** W at first: an orthogonal matrix times the gain; or */
  readonly gain?: number;
  /** normal numbers of this deviation; or */
  readonly deviation?: number;
  /** this number everywhere. */
  readonly value?: number;
  /** Whether it has a bias; it does where absent. */
  readonly hasBias?: boolean;
  /** What its learning rate is multiplied by, 1 where absent. Layers of one rate stand side by side. */
  readonly rate?: number;
}

/** A network's layers, in the order in which their weights are drawn. */
export type Layers = Readonly<Partial<Record<LayerName, Layer>>>;

/** What float actions deviate by at first, in halves of their range: 0.6. */
const FIRST_LOG_STD = -0.5;

/** The logit of an action that is not legal. */
export const ILLEGAL = -1e9;

/** Adam's epsilon. */
export const EPSILON = 1e-5;

/** Initial weights: orthogonal matrices, and biases of zero but for that which makes the first trust. */
export function initialWeights(
  { layers, trust = 1, gaussian, actions }: Pick<
    EngineOptions,
    "layers" | "trust" | "gaussian" | "actions"
  >,
  random: RandomSource,
): Record<string, WeightArray> {
  const weights: Record<string, WeightArray> = {};
  for (const [name, layer] of Object.entries(layers)) {
    const { inputs, outputs } = layer;
    weights[name] = { shape: [inputs, outputs], data: firstWeights(layer, random) };
    if (layer.hasBias === false) continue;
    const bias = name === "trust" ? Math.log(Math.expm1(trust)) : 0; // softplus makes it the trust
    weights[`${name}/bias`] = { shape: [outputs], data: new Float32Array(outputs).fill(bias) };
  }
  const logStd = new Float32Array(actions).fill(FIRST_LOG_STD);
  return gaussian ? { ...weights, logStd: { shape: [actions], data: logStd } } : weights;
}

/** What the learning rate of an array is multiplied by. */
export function rateOf({ layers }: Pick<EngineOptions, "layers">): (name: string) => number {
  return (name) => layers[name.split("/")[0] as LayerName]?.rate ?? 1;
}

function firstWeights(layer: Layer, random: RandomSource): Float32Array {
  const { inputs, outputs, gain, deviation, value = 0 } = layer;
  if (gain !== undefined) return orthogonal(random, inputs, outputs, gain);
  if (deviation !== undefined) return normal(random, [inputs, outputs], deviation);
  return new Float32Array(inputs * outputs).fill(value);
}

/** What {@linkcode makeInputs} makes room for. */
export type InputWidths = Pick<
  EngineOptions,
  | ("entries" | "words" | "floats" | "guidance" | "legal")
  | ("actions" | "gaussian" | "memory" | "maps")
>;

/** Room for the inputs of `size` states in sequences of `steps`. */
export function makeInputs(
  { entries, words, floats, guidance, legal, actions, gaussian, memory = 0, maps }: InputWidths,
  size: number,
  steps = 1,
): Inputs {
  return {
    size,
    entries: new Uint8Array(size * entries.length),
    floats: new Float32Array(size * floats),
    floatStride: floats,
    words: new Uint8Array(size * words.length),
    slots: new Uint8Array(size * (maps?.slots ?? 0)),
    missions: new Array<string>(size).fill(""),
    guidance: new Float32Array(size * guidance),
    guidanceStride: guidance,
    legal: new Uint8Array(size * legal),
    noise: new Float32Array(gaussian ? size * actions : 0),
    memory: new Float32Array(size / steps * memory),
  };
}

/**
 * What an update reports, by name.
 *
 * @throws TandemError E_NUMERIC where the loss or the gradients are not finite.
 */
export function namedMetrics(names: readonly string[], means: ArrayLike<number>): Metrics {
  const metrics = Object.fromEntries(names.map((name, m) => [name, means[m]!]));
  const broken = ["loss", "gradNorm"].find((name) => !Number.isFinite(metrics[name]));
  if (!broken) return metrics;
  throw new TandemError(
    "E_NUMERIC",
    `The student's ${broken} became "${metrics[broken]}"; a smaller student.learningRate may help.`,
  );
}
