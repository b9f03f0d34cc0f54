/** What a network student saves: one form for all engines and all students. */
import type { StageState, StateArray } from "@tandem/core";
import type { Pcg64, Pcg64State } from "@tandem/core/kit";
import type { AdamState } from "@tandem/runtimes/tfjs";

/** What a network has learned; its arrays by the names "layer" and "layer/bias". */
export interface NetworkState {
  /** W [inputs, outputs] and bias [outputs] of each layer. */
  readonly weights: Readonly<Record<string, WeightArray>>;
  /** Adam's moments of each array. */
  readonly first: Readonly<Record<string, Float32Array>>;
  readonly second: Readonly<Record<string, Float32Array>>;
  /** How far Adam has come. */
  readonly counts: AdamCounts;
  /** [columns] what the fused runtime takes as each column's common value, once it has seen some. */
  readonly base?: Uint8Array;
}

/** Values and shape. */
export interface WeightArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type AdamCounts = Pick<AdamState, "steps" | "accBeta1" | "accBeta2">;

/** A network's weights and Adam's state, whose moments are in the weights' order. */
export function networkState(
  weights: Readonly<Record<string, WeightArray>>,
  { first, second, steps, accBeta1, accBeta2 }: AdamState,
  base?: Uint8Array,
): NetworkState {
  const named = (moments: readonly Float32Array[]) =>
    Object.fromEntries(Object.keys(weights).map((name, k) => [name, moments[k]!]));
  const counts = { steps, accBeta1, accBeta2 };
  return { weights, first: named(first), second: named(second), counts, base };
}

/** Adam's state with its moments in the order of `names`. */
export function adamState(
  { first, second, counts }: NetworkState,
  names: readonly string[],
): AdamState {
  const inOrder = (moments: Readonly<Record<string, Float32Array>>) =>
    names.map((name) => moments[name] ?? new Float32Array(0));
  return { ...counts, first: inOrder(first), second: inOrder(second) };
}

const WEIGHT = "ppo/";
const FIRST = "adam.first.ppo/";
const SECOND = "adam.second.ppo/";
const BASE = "columns/base";

interface Saved extends AdamCounts {
  readonly streams: readonly Pcg64State[];
  readonly rollouts: number;
  /** Left out where it is 1; runs of older versions call it the pace. */
  readonly learningRateScale?: number;
  readonly pace?: number;
  /** What the gate of distillation has seen, where it remembers. */
  readonly gate?: StageState["json"];
}

/** How far a student has come beside its network, with all of that as a stage's state. */
export class TrainingState<Stream extends string> {
  /** Rollouts learned from. */
  rollouts = 0;
  /** What the learning rate is multiplied by. */
  learningRateScale = 1;

  constructor(readonly streams: Readonly<Record<Stream, Pcg64>>) {}

  /** The state of a student with such a network. */
  save(
    { weights, first, second, counts, base }: NetworkState,
    gate?: StageState["json"],
  ): StageState {
    const { rollouts, learningRateScale } = this;
    const arrays: Record<string, StateArray> = {};
    for (const [name, { shape, data }] of Object.entries(weights)) {
      arrays[WEIGHT + name] = { shape, data };
      arrays[FIRST + name] = { shape, data: first[name]! };
      arrays[SECOND + name] = { shape, data: second[name]! };
    }
    if (base) arrays[BASE] = { shape: [base.length], data: base };
    const streams = Object.values<Pcg64>(this.streams).map((random) => random.save());
    const scaled = learningRateScale === 1 ? {} : { learningRateScale };
    const kept = gate === undefined ? {} : { gate };
    const json: Saved = { ...counts, streams, rollouts, ...scaled, ...kept };
    return { json, arrays };
  }

  /** Goes on from a state. @returns The network's part of it, and the gate's. */
  load(
    { json, arrays = {} }: StageState,
  ): { readonly network: NetworkState; readonly gate: StageState["json"] | undefined } {
    const { streams, rollouts, pace, learningRateScale = pace ?? 1, gate, ...counts } =
      json as Saved;
    this.rollouts = rollouts;
    this.learningRateScale = learningRateScale;
    Object.values<Pcg64>(this.streams).forEach((random, k) => random.load(streams[k]!));
    const data = (prefix: string) =>
      Object.fromEntries(
        Object.entries(under(prefix, arrays)).map(([name, { data }]) => [name, data]),
      ) as Record<string, Float32Array>;
    const network = {
      weights: under(WEIGHT, arrays) as Record<string, WeightArray>,
      first: data(FIRST),
      second: data(SECOND),
      counts,
      base: arrays[BASE]?.data as Uint8Array | undefined,
    };
    return { network, gate };
  }
}

/** Arrays with their names under a prefix. */
export function prefixed(
  prefix: string,
  arrays: Readonly<Record<string, StateArray>>,
): Record<string, StateArray> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [prefix + name, array]),
  );
}

/** The arrays under a prefix, which their names lose. */
export function under(
  prefix: string,
  arrays: Readonly<Record<string, StateArray>>,
): Record<string, StateArray> {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
