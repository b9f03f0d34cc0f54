/** What a network student saves: one form for all engines. */
import type { Pcg64State } from "../../../core/kit/random.ts";
import type { StageState, StateArray } from "../../../core/stages/mod.ts";
import type { AdamState } from "../../../runtimes/tfjs/adam.ts";

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

/** How far a student has come beside its network. */
export interface Progress {
  /** Where its random streams stand. */
  readonly streams: readonly Pcg64State[];
  /** Rollouts learned from. */
  readonly rollouts: number;
  /** What its steps are of their size, where it was slowed down. */
  readonly pace?: number;
}

/** A network and its student's progress as a stage's state. */
export function toStageState(
  { weights, first, second, counts, base }: NetworkState,
  { pace = 1, ...progress }: Progress,
): StageState {
  const arrays: Record<string, StateArray> = {};
  for (const [name, { shape, data }] of Object.entries(weights)) {
    arrays[WEIGHT + name] = { shape, data };
    arrays[FIRST + name] = { shape, data: first[name]! };
    arrays[SECOND + name] = { shape, data: second[name]! };
  }
  if (base) arrays[BASE] = { shape: [base.length], data: base };
  const slowed = pace === 1 ? {} : { pace };
  return { json: { ...counts, ...progress, ...slowed }, arrays };
}

/** What {@linkcode toStageState} was given. */
export function fromStageState(
  { json, arrays = {} }: StageState,
): { network: NetworkState; progress: Required<Progress> } {
  const { streams, rollouts, pace = 1, ...counts } = json as AdamCounts & Progress;
  const under = (prefix: string) =>
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array as WeightArray] as const);
  const data = (prefix: string) =>
    Object.fromEntries(under(prefix).map(([name, array]) => [name, array.data]));
  return {
    network: {
      weights: Object.fromEntries(under(WEIGHT)),
      first: data(FIRST),
      second: data(SECOND),
      counts,
      base: arrays[BASE]?.data as Uint8Array | undefined,
    },
    progress: { streams, rollouts, pace },
  };
}
