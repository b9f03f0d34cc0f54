/** The network of `ppo.ts` and `dqn.ts` on TensorFlow.js. */
import { LEAST_TRUSTED } from "@tandem/core/internal";
import { type Column, rowsOfColumns } from "@tandem/runtimes/fused";
import type {
  Tensor,
  Tensor1D,
  Tensor2D,
  TensorFlow,
  Tensors,
  Variable,
} from "@tandem/runtimes/tfjs";
import {
  columnsBeside,
  type EngineOptions,
  ILLEGAL,
  type Inputs,
  type LayerName,
  type LossOptions,
  type MapInputs,
  type MapOptions,
  type Outputs,
  type Samples,
} from "./engine.ts";
import type { WeightArray } from "./state.ts";

/** What the network reads of B states. */
export interface Batch {
  /** [B, state] */
  readonly states: Tensor2D;
  /** [B, guidance] where guidance is an input. */
  readonly guidance?: Tensor2D;
  /** [B, A] the teacher's distribution; a row of zeros where it was silent. */
  readonly teacher: Tensor2D;
  /** [B, A] 1 where an action is legal; absent where all are. */
  readonly legal?: Tensor2D;
  /** [B, A] the float actions to judge; or noise, by which to draw some. */
  readonly actions?: Tensor2D;
  readonly noise?: Tensor2D;
  /** Where the network has maps. */
  readonly maps?: MapInputs;
  /** Where the network has memory. */
  readonly memory?: Past;
}

/** What B states in sequences of T steps, time-major, have behind them. */
export interface Past {
  /** T. */
  readonly steps: number;
  /** [B / T, W] what is remembered before the first step. */
  readonly before: Tensor2D;
  /** [B, 1] 0 where an episode begins, so that nothing is remembered there, else 1; all 1 where absent. */
  readonly kept?: Tensor2D;
}

/** A network with some of the layers of {@linkcode LayerName}. */
export class Network {
  /** W and bias of each layer, in the order of the names. */
  readonly variables: readonly Variable[];
  /** The variables' names among the weights. */
  readonly names: readonly string[];
  readonly #tensors: Tensors;

  constructor(
    tensors: Tensors,
    weights: Readonly<Record<string, WeightArray>>,
    private readonly options: Partial<Pick<EngineOptions, "activation" | "maps">> & {
      readonly loss?: Pick<LossOptions, "imitates" | "distils">;
    } = {},
  ) {
    const { tf } = this.#tensors = tensors;
    this.names = Object.keys(weights);
    this.variables = this.names.map((name) => {
      const { data, shape } = weights[name]!;
      return tf.tidy(() => tf.variable(tf.tensor(data, [...shape]), true, unique(tensors, name)));
    });
  }

  /**
   * Logits f(s, x), or f(s, x) + trust(s) log p(. | s) with p the teacher's distribution and
   * trust(s) = softplus(w s + b) where the network has a layer for trust. Where there is memory, all
   * else reads it in place of the state.
   */
  forward(batch: Batch): Outputs {
    if (this.#has("tried")) return this.#forwardFloats(batch);
    const { seen, hidden, trust, ...judged } = this.#judgeActions(batch);
    const own = this.#dense(hidden, "policy");
    const logits = trust ? own.add<Tensor2D>(trust.mul(this.#logTeacher(batch.teacher))) : own;
    const within = (x: Tensor2D) => batch.legal ? masked(this.#tensors.tf, x, batch.legal) : x;
    return {
      logits: within(logits),
      ...judged,
      trust,
      memory: batch.memory && seen,
      silentLogits: this.options.loss?.distils ? within(this.#inSilence(seen, batch)) : undefined,
    };
  }

  /** [B, A] logits of what is seen, where nothing is said. */
  #inSilence(seen: Tensor2D, { guidance }: Batch): Tensor2D {
    const { tf } = this.#tensors;
    const told = guidance ? tf.concat2d([seen, tf.zerosLike(guidance)], 1) : seen;
    return this.#dense(this.#hidden(told, "guided"), "policy");
  }

  /** As {@linkcode forward}, where actions are floats: a layer of its own reads them for Q. */
  #forwardFloats(batch: Batch): Outputs {
    const { tf } = this.#tensors;
    const seen = this.#see(batch);
    const told = batch.guidance ? tf.concat2d([seen, batch.guidance], 1) : seen;
    const logits = this.#dense(this.#hidden(told, "guided"), "policy");
    const logStd = this.#named("logStd") as Tensor1D;
    const actions = batch.actions ?? logits.add<Tensor2D>(logStd.exp().mul(batch.noise!));
    const tried = this.#hidden(tf.concat2d([told, actions], 1), "tried");
    const qValues = this.#dense(tried, "q");
    const values = this.#judge(seen);
    return { logits, logStd, actions, qValues, values, memory: batch.memory && seen };
  }

  /**
   * Q and V alone; Q is L(s, x) + D(s, x, a) - mean of D(s, x, .) where the network is dueling, and then
   * trust(s) log p(a | s) is a part of D.
   */
  judge(batch: Batch): Pick<Outputs, "qValues" | "values" | "trust"> {
    const { qValues, values, trust } = this.#judgeActions(batch);
    return { qValues, values, trust };
  }

  /** [B] V(s) alone. */
  values(batch: Batch): Tensor1D {
    return this.#judge(this.#see(batch));
  }

  /** The weights by name. */
  async read(): Promise<Record<string, WeightArray>> {
    const weights: Record<string, WeightArray> = {};
    for (const [index, variable] of this.variables.entries()) {
      const data = (await variable.data<"float32">()).slice();
      weights[this.names[index]!] = { shape: variable.shape, data };
    }
    return weights;
  }

  /** Takes weights over by name. */
  write(weights: Readonly<Record<string, WeightArray>>): void {
    const { tf } = this.#tensors;
    for (const [index, variable] of this.variables.entries()) {
      const data = weights[this.names[index]!]?.data ?? new Float32Array(0);
      tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
    }
  }

  /** Takes the weights of a network of the same layers. */
  copy(other: Network): void {
    this.variables.forEach((variable, k) => variable.assign(other.variables[k]!));
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  #judgeActions(batch: Batch) {
    const seen = this.#see(batch);
    const told = batch.guidance ? this.#tensors.tf.concat2d([seen, batch.guidance], 1) : seen;
    const hidden = this.#hidden(told, "guided");
    const trust = this.#has("trust") ? this.#dense(seen, "trust").softplus<Tensor2D>() : undefined;
    const each = this.#dense(hidden, "q");
    const qValues = this.#has("level") ? this.#duel(each, hidden, trust, batch) : each;
    return { seen, hidden, trust, qValues, values: this.#judge(seen) };
  }

  #duel(each: Tensor2D, hidden: Tensor2D, trust: Tensor2D | undefined, batch: Batch): Tensor2D {
    const leaning = trust ? each.add<Tensor2D>(trust.mul(this.#logTeacher(batch.teacher))) : each;
    return leaning.sub(leaning.mean(1, true)).add(this.#dense(hidden, "level"));
  }

  /** [B, hidden] the state, with the mission; or [B, W] what is remembered of it and those before. */
  #see({ states, memory, maps }: Batch): Tensor2D {
    const { tf } = this.#tensors;
    const all = maps ? tf.concat2d([states, this.#maps(maps)], 1) : states;
    const seen = this.#hidden(all, "state");
    return memory ? this.#remember(seen, memory) : seen;
  }

  #maps(inputs: MapInputs): Tensor2D {
    return this.options.maps!.mapsOf(
      this.#tensors.tf,
      inputs,
      (name) => this.names.includes(name) ? this.#named(name) : undefined,
    );
  }

  #activate(x: Tensor2D): Tensor2D {
    return this.options.activation === "relu" ? x.relu() : x.tanh();
  }

  #hidden(inputs: Tensor2D, layer: LayerName): Tensor2D {
    return this.#activate(this.#dense(inputs, layer));
  }

  /** [B, W] what is remembered after each state. */
  #remember(seen: Tensor2D, { steps, before, kept }: Past): Tensor2D {
    const { tf } = this.#tensors;
    const all = this.#dense(seen, "input");
    // A split in one has no gradient on TensorFlow.js.
    const inputs = steps === 1 ? [all] : tf.split<Tensor2D>(all, steps);
    const keeps = kept && tf.split<Tensor2D>(kept, steps);
    let memory = before;
    const memories = inputs.map((input, t) => {
      if (keeps) memory = memory.mul(keeps[t]!);
      return memory = gruStep(tf, { input, recalled: this.#dense(memory, "memory"), memory });
    });
    return steps === 1 ? memory : tf.concat2d(memories, 0);
  }

  /** [B, A] log p, and zeros in silence. */
  #logTeacher(teacher: Tensor2D): Tensor2D {
    const spoken = teacher.sum(1, true).greater(0).toFloat();
    return teacher.maximum<Tensor2D>(LEAST_TRUSTED).log().mul(spoken);
  }

  #has(layer: LayerName): boolean {
    return this.names.includes(layer);
  }

  #judge(seen: Tensor2D): Tensor1D {
    const hidden = this.#hidden(seen, "alone");
    return this.#dense(hidden, "value").squeeze([1]);
  }

  #dense(inputs: Tensor2D, layer: LayerName): Tensor2D {
    return inputs.matMul<Tensor2D>(this.#named(layer)).add(this.#named(`${layer}/bias`));
  }

  #named(name: string): Tensor {
    return this.variables[this.names.indexOf(name)]!;
  }
}

/** Logits by which illegal actions have the probability 0. */
export function masked(tf: TensorFlow, logits: Tensor2D, legal: Tensor2D): Tensor2D {
  return tf.where(legal.greater(0), logits, tf.fill(logits.shape, ILLEGAL));
}

/** A name that no living variable of TensorFlow.js has: it refuses to hold two of one name. */
function unique({ tf }: Tensors, name: string): string {
  const taken = tf.engine().registeredVariables;
  for (let n = 1;; n++) {
    const candidate = `student/${name}/${n}`;
    if (!(candidate in taken)) return candidate;
  }
}

/** A step of the memory of B states. */
export interface GruInputs {
  /** [B, 3 W] x W_x + b_x: what is seen, for the gates r, z and n. */
  readonly input: Tensor2D;
  /** [B, 3 W] h W_h + b_h: what is remembered, for the same. */
  readonly recalled: Tensor2D;
  /** [B, W] h: what is remembered. */
  readonly memory: Tensor2D;
}

/**
 * One step of a gated recurrent unit (Cho et al., arXiv 1406.1078, in PyTorch's form):
 * r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r h_n), h' = (1 - z) n + z h.
 *
 * @returns [B, W] h'.
 */
export function gruStep(tf: TensorFlow, { input, recalled, memory }: GruInputs): Tensor2D {
  const [x_r, x_z, x_n] = tf.split<Tensor2D>(input, 3, 1);
  const [h_r, h_z, h_n] = tf.split<Tensor2D>(recalled, 3, 1);
  const r = x_r!.add(h_r!).sigmoid();
  const z = x_z!.add(h_z!).sigmoid();
  const n = x_n!.add(r.mul(h_n!)).tanh();
  return n.add(z.mul(memory.sub(n)));
}

/** What decides how inputs are read. */
export interface ReadOptions
  extends Pick<EngineOptions, ("entries" | "words" | "floats") | ("legal" | "maps")> {
  /** Guidance is no input where it is imitated. */
  readonly loss: { readonly imitates?: boolean };
}

/** The states as one-hot rows, and the guidance; of all rows or of those given. */
export function uploadInputs(
  tf: TensorFlow,
  options: ReadOptions,
  inputs: Inputs,
  rows?: Int32Array,
): Batch {
  const { entries, words, floats, legal, loss, maps } = options;
  const { guidanceStride } = inputs;
  const beside = columnsBeside(options);
  const bytesBefore = entries.length - beside.length;
  const size = rows?.length ?? inputs.size;
  const table = (width: number, write: (row: number, out: Float32Array, to: number) => void) => {
    const out = new Float32Array(size * width);
    for (let i = 0; i < size; i++) write(rows?.[i] ?? i, out, i * width);
    return tf.tensor2d(out, [size, width]);
  };
  const copy =
    (from: ArrayLike<number>, width: number) => (row: number, out: Float32Array, to: number) => {
      for (let k = 0; k < width; k++) out[to + k] = from[row * width + k]!;
    };
  const told = table(guidanceStride, copy(inputs.guidance, guidanceStride));
  const categories = rowsOfColumns([...beside, ...words]);
  return {
    states: table(categories + floats, (row, out, to) => {
      const next = writeOneHot(beside, inputs.entries, row, out, to, bytesBefore);
      writeOneHot(words, inputs.words, row, out, next);
      copy(inputs.floats, floats)(row, out, to + categories);
    }),
    maps: maps && uploadMaps(tf, { ...options, maps }, inputs, rows),
    legal: legal ? table(legal, copy(inputs.legal, legal)) : undefined,
    guidance: loss.imitates ? undefined : told,
    // A row is the choice and then the distribution; over the actions where it is used as such.
    teacher: told.slice([0, guidanceStride / 2], [size, guidanceStride / 2]),
  };
}

/** What maps are made of: cells and places of words as one-hot numbers, and what stands beside. */
function uploadMaps(
  tf: TensorFlow,
  { maps, entries, words, floats }: ReadOptions & { readonly maps: MapOptions },
  inputs: Inputs,
  rows?: Int32Array,
): MapInputs {
  const size = rows?.length ?? inputs.size;
  const { cells, channels } = maps;
  const categories = channels.reduce((sum, count) => sum + count, 0);
  const hot = new Float32Array(size * categories * cells);
  const said = new Float32Array(size * maps.slots * words.length);
  const width = words.length + floats;
  const beside = new Float32Array(size * width);
  for (let i = 0; i < size; i++) {
    const row = rows?.[i] ?? i;
    let first = i * categories;
    for (const [channel, count] of channels.entries()) {
      for (let cell = 0; cell < cells; cell++) {
        const at = row * entries.length + cell * channels.length + channel;
        hot[(first + inputs.entries[at]!) * cells + cell] = 1;
      }
      first += count;
    }
    for (let slot = 0; slot < maps.slots; slot++) {
      const word = inputs.slots[row * maps.slots + slot]! - 1;
      if (word >= 0) said[(i * maps.slots + slot) * words.length + word] = 1;
    }
    for (let w = 0; w < words.length; w++) {
      beside[i * width + w] = inputs.words[row * words.length + w]!;
    }
    for (let k = 0; k < floats; k++) {
      beside[i * width + words.length + k] = inputs.floats[row * floats + k]!;
    }
  }
  return {
    cells: tf.tensor3d(hot, [size, categories, cells]),
    slots: tf.tensor3d(said, [size, maps.slots, words.length]),
    beside: tf.tensor2d(beside, [size, width]),
  };
}

/** [T x B] the samples of the sequences `order[from .. to)`, time-major. */
export function rowsOfSequences(
  { size, steps, order }: Samples,
  from: number,
  to: number,
): Int32Array {
  const sequences = order.subarray(from, to);
  if (steps === 1) return sequences;
  const count = sequences.length;
  return Int32Array.from(
    { length: steps * count },
    (_, k) => Math.floor(k / count) * (size / steps) + sequences[k % count]!,
  );
}

/**
 * What the sequences `order[from .. to)` have behind them.
 *
 * @param rows As {@linkcode rowsOfSequences} gives them.
 */
export function uploadPast(
  tf: TensorFlow,
  { steps, order, firsts, memory }: Samples,
  from: number,
  to: number,
  rows: Int32Array,
): Past {
  const width = memory.length / order.length;
  const before = Float32Array.from(
    { length: (to - from) * width },
    (_, k) => memory[order[from + Math.floor(k / width)]! * width + k % width]!,
  );
  const kept = Float32Array.from(rows, (k) => 1 - firsts[k]!);
  return {
    steps,
    before: tf.tensor2d(before, [to - from, width]),
    kept: tf.tensor2d(kept, [rows.length, 1]),
  };
}

/**
 * Writes a row of columns as one-hot numbers; gives the place after the last.
 *
 * @param before Bytes of a row that stand before the columns.
 */
function writeOneHot(
  columns: readonly Column[],
  data: Uint8Array,
  row: number,
  states: Float32Array,
  to: number,
  before = 0,
): number {
  const from = row * (before + columns.length) + before;
  for (const [c, { categories, optional }] of columns.entries()) {
    const value = data[from + c]! - +optional;
    if (value >= 0) states[to + value] = 1;
    to += categories - +optional;
  }
  return to;
}
