/** Writes fused programs: a network's forward pass, and its gradients in the reverse order. */
import type { Arena, Block } from "./arena.ts";
import { Op, WORDS } from "./assembly/ops.ts";
import { type Layer, padded, type Parameters } from "./parameters.ts";
import { layOut, type Part, type Program, REGION, SLOT } from "./program.ts";

export type { Program } from "./program.ts";

/** Rows that pass through the whole network together, so that they stay in the nearest cache. */
const CHUNK = 128;

/** An activation of the rows of a chunk. */
export interface Table {
  /** Columns; those up to the stride are zeros. */
  readonly width: number;
  /** Bytes of a row. */
  readonly stride: number;
  /** Address. */
  readonly at: number;
  /** Address of the gradients of the loss, or 0 where nobody asks for them. */
  readonly grads: number;
  /** What the last chunk left, once there is a program. */
  readonly read: () => Float32Array;
}

/** Data of all rows of a call, a row [stride] after the other. */
export interface Rows {
  /** The numbers, row-major. */
  readonly data: Block<Float32Array>;
  /** Numbers a row, a multiple of 4; those beyond the width are zeros. */
  readonly stride: number;
  /** Numbers in a row that count. */
  readonly width: number;
}

/** `count` rows of zeros for data of a width. */
export function rowsOf(arena: Arena, count: number, width: number): Rows {
  const stride = padded(width, 4);
  return { data: arena.floats(count * stride), stride, width };
}

/** Chunks, at least, that lanes go through before they gather what these left. */
const TOGETHER = 4;

/** Rows that are worth a lane's while. */
const FEWEST = 8;

/**
 * A network under construction. Each layer writes its forward instruction at once and leaves a note
 * how its gradients follow; {@linkcode Tape.learn} plays the notes backwards and adds Adam's step.
 *
 * @example y = tanh(x W + b), by hand for W = 1 and b = 0.
 * ```ts
 * import { openFused } from "@tandem/runtimes/fused";
 * import { Parameters } from "@tandem/runtimes/fused";
 * import { rowsOf, Tape } from "@tandem/runtimes/fused";
 * import assert from "node:assert/strict";
 * const arena = await openFused();
 * const parameters = new Parameters(arena, { only: { inputs: 1, outputs: 1 } });
 * parameters.write({ "only": { data: [1] }, "only/bias": { data: [0] } });
 * const inputs = rowsOf(arena, 2, 1);
 * inputs.data.view[4] = 0.5;
 * const tape = new Tape(arena, 2);
 * const outputs = tape.dense([tape.gather(inputs)], parameters.layers.only, "tanh");
 * tape.forward().run(2);
 * assert.ok(Math.abs(outputs.read()[8]! - Math.tanh(0.5)) < 1e-6);
 * ```
 */
export class Tape {
  readonly #parts: Record<Part, number[][]> = { head: [], body: [], grads: [], tail: [] };
  readonly #backward: (() => void)[] = [];
  readonly #reached = new Set<Table>();
  readonly #transposed = new Map<number, number>();
  readonly #layers = new Map<Layer, number>();
  /** Weights whose gradients the body has written; what comes after adds to them. */
  readonly #written = new Set<number>();
  readonly #summed = new Map<Block<Float64Array>, number>();
  /** Bytes of a region, and of a slot. */
  #size = 0;
  #slotSize = 0;
  /** Address of the first region. */
  #region = 0;
  /** Rows of a chunk. */
  readonly chunk: number;
  /** Chunks that lanes go through between two meetings. */
  readonly #slots: number;

  /**
   * An empty program.
   *
   * @param rows The most rows of a call.
   * @param learns Whether gradients will be asked for.
   */
  constructor(readonly arena: Arena, rows: number, readonly learns = false) {
    // What is learned depends on the chunks, what is said does not.
    const share = learns ? rows : Math.max(FEWEST, padded(Math.ceil(rows / arena.lanes), 4));
    this.chunk = Math.min(CHUNK, rows, share);
    const { lanes } = arena;
    const most = Math.ceil(rows / this.chunk / lanes);
    // A lane alone gathers each chunk while it is near.
    const rounds = learns && lanes > 1 ? Math.min(most, Math.ceil(TOGETHER / lanes)) : 1;
    this.#slots = lanes * rounds;
  }

  /** Room in each lane's own region: its address, for instructions alone. */
  room(bytes: number): number {
    const at = REGION + this.#size;
    this.#size += padded(bytes, 64);
    return at;
  }

  /** Room in the slot of each chunk, for what instructions of "grads" read. */
  kept(bytes: number): number {
    const at = SLOT + this.#slotSize;
    this.#slotSize += padded(bytes, 64);
    return at;
  }

  /** `length` sums over the rows of a call, that of each chunk's in the order of the chunks. */
  sums(length: number): Block<Float64Array> {
    const total = this.arena.doubles(length);
    const at = this.kept(8 * length);
    this.#summed.set(total, at);
    this.emit("head", Op.Clear, total.at, 8 * length);
    this.emit("grads", Op.AddSums, at, total.at, length);
    return total;
  }

  /** Where instructions of the body add to sums. */
  addressOf(sums: Block<Float64Array>): number {
    return this.#summed.get(sums)!;
  }

  /** Where instructions of the body set bits of a block, which is cleared at first. */
  bits({ at: total, length }: Block<Uint8Array>): number {
    const at = this.kept(length);
    this.emit("head", Op.Clear, total, length);
    this.emit("grads", Op.AddBits, at, total, length);
    return at;
  }

  /**
   * Room for an activation.
   *
   * @param keep Whether instructions of "grads" read its gradients.
   */
  table(width: number, withGrads = this.learns, keep = false): Table {
    const stride = 4 * padded(width);
    const bytes = this.chunk * stride;
    const at = this.room(bytes);
    const grads = !withGrads ? 0 : keep ? this.kept(bytes) : this.room(bytes);
    const read = () => this.arena.read(this.#region + at - REGION, bytes / 4);
    return { width, stride, at, grads, read };
  }

  /** Adds an instruction. */
  emit(part: Part, op: Op, ...operands: number[]): void {
    if (operands.length >= WORDS) throw new RangeError(`Op ${op} has too many operands.`);
    this.#parts[part].push([op, ...operands]);
  }

  /** Leaves a note how gradients follow; notes are played in reverse. */
  note(backward: () => void): void {
    if (this.learns) this.#backward.push(backward);
  }

  /** Whether a table's gradients hold something already; from now on they do. */
  reach(table: Table): boolean {
    const before = this.#reached.has(table);
    this.#reached.add(table);
    return before;
  }

  /** The rows of the call, `shift` rows on: a network's input. */
  gather({ data, stride, width }: Rows, shift = 0): Table {
    const to = this.table(width, false);
    const bytes = 4 * stride;
    this.emit("body", Op.Gather, data.at, bytes, bytes, to.at, to.stride, shift);
    return to;
  }

  /** Writes a table as rows of data of its stride: the first row of the call becomes the first there. */
  scatter({ at, stride }: Table, { data }: Rows): void {
    this.emit("body", Op.Scatter, at, stride, stride, data.at, stride);
  }

  /** activation(x W + b), where x is the inputs side by side. */
  dense(inputs: readonly Table[], layer: Layer, activation?: "tanh" | "relu"): Table {
    const y = this.table(layer.outputs);
    let [start, startRow, weights] = [layer.bias, 0, layer.weights];
    for (const x of inputs) {
      const { stride } = layer;
      this.emit(
        "body",
        Op.Dense,
        ...[x.at, x.stride, x.width, weights, stride, stride / 4, start, startRow, y.at, y.stride],
      );
      const slice = weights;
      this.note(() => this.#denseGrads(x, y, layer, slice));
      [start, startRow, weights] = [y.at, y.stride, weights + x.width * stride];
    }
    if (activation) this.activate(y, activation);
    return y;
  }

  /** y += x W, where x is data and the layer has no bias. */
  addProduct(x: Table, layer: Layer, y: Table): void {
    const { weights, stride } = layer;
    this.emit(
      "body",
      Op.Dense,
      ...[x.at, x.stride, x.width, weights, stride, stride / 4, y.at, y.stride, y.at, y.stride],
    );
    this.note(() => this.#denseGrads(x, y, layer, weights));
  }

  /** An activation in place. */
  activate(y: Table, activation: "tanh" | "relu"): void {
    const [op, grads] = activation === "tanh" ? [Op.Tanh, Op.TanhGrads] : [Op.Relu, Op.ReluGrads];
    this.emit("body", op, y.at, y.stride / 4);
    this.note(() => this.emit("body", grads, y.at, y.grads, y.stride / 4));
  }

  /** Sets the gradients of the chunk's rows to zero, for what can only add to them. */
  clearGrads(table: Table): void {
    this.emit("body", Op.Clear, table.grads, this.chunk * table.stride);
  }

  /** Zeros in each chunk, to which instructions of the body add the gradients of a layer. */
  gradsOf(layer: Layer): number {
    const known = this.#layers.get(layer);
    if (known !== undefined) return known;
    const at = this.#gradsOf(layer);
    this.emit("body", Op.Clear, at, (layer.inputs + +(layer.bias > 0)) * layer.stride);
    return at;
  }

  /** The forward pass alone. */
  forward(): Program {
    return this.#program();
  }

  /** The forward pass and the gradients. */
  backward(): Program {
    for (const play of this.#backward.reverse()) play();
    return this.#program();
  }

  /** Scales the gradients to Adam's largest norm and takes its step, at the end of a program. */
  step({ adam: { norm, begin, steps } }: Parameters): void {
    this.emit("tail", Op.Norm, ...norm);
    this.emit("tail", Op.AdamBegin, ...begin);
    for (const step of steps) this.emit("tail", Op.Adam, ...step);
  }

  /** The forward pass, the gradients, and a step of Adam; `after` is done with the new weights. */
  learn(parameters: Parameters, after: () => void = () => {}): Program {
    for (const play of this.#backward.reverse()) play();
    this.step(parameters);
    after();
    return this.#program();
  }

  /** Gradients of one input's weights, which begin at `weights`, of the bias, and of the input. */
  #denseGrads(x: Table, y: Table, layer: Layer, weights: number): void {
    const { stride, outputs } = layer;
    const grads = this.#gradsOf(layer);
    const hasBias = layer.bias > 0 && weights === layer.weights;
    const bias = hasBias ? grads + layer.bias - weights : 0;
    this.emit(
      "body",
      Op.DenseGrads,
      ...[x.at, x.stride, x.width, y.grads, y.stride, stride / 4],
      ...[grads + weights - layer.weights, stride, bias, +!this.#written.has(weights)],
    );
    this.#written.add(weights);
    if (!x.grads) return;
    const columns = x.stride / 4;
    const transposed = this.#transpose(weights, stride, x, outputs);
    const start = this.reach(x) ? [x.grads, x.stride] : [this.arena.floats(columns).at, 0];
    this.emit(
      "body",
      Op.InputGrads,
      ...[y.grads, y.stride, outputs, transposed, x.stride, columns],
      ...[...start, x.grads, x.stride],
    );
  }

  /** Where the body writes the gradients of a layer, to be added in the order of the chunks. */
  #gradsOf(layer: Layer): number {
    const { weights, toGrads, inputs, stride, bias } = layer;
    const known = this.#layers.get(layer);
    if (known !== undefined) return known;
    const bytes = (inputs + +(bias > 0)) * stride;
    const at = this.kept(bytes);
    this.#layers.set(layer, at);
    this.emit("grads", Op.AddGrads, at, weights + toGrads, bytes);
    return at;
  }

  /** Address of a layer's weights transposed, once a call. */
  #transpose(weights: number, stride: number, x: Table, outputs: number): number {
    const known = this.#transposed.get(weights);
    if (known !== undefined) return known;
    const to = this.arena.floats(outputs * x.stride / 4).at;
    this.emit("head", Op.Transpose, weights, stride, x.width, outputs, to, x.stride);
    this.#transposed.set(weights, to);
    return to;
  }

  #program(): Program {
    const { arena, learns, chunk } = this;
    const sizes = { chunk, slots: this.#slots, region: this.#size, slot: this.#slotSize };
    const { region, header } = layOut(arena, this.#parts, sizes);
    this.#region = region;
    return {
      run: (length, order, from = 0) =>
        arena.run(header, order ? order.at + 4 * from : 0, length, learns || length > chunk),
    };
  }
}
