/** Writes fused programs: a network's forward pass, and its slopes in the reverse order. */
import type { Arena, Block } from "./arena.ts";
import { Op, WORDS } from "./assembly/ops.ts";
import { type Layer, padded, type Parameters } from "./parameters.ts";

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
  /** Address of the slopes of the loss, or 0 where nobody asks for them. */
  readonly slopes: number;
  /** What the last chunk left. */
  readonly values: Block<Float32Array>;
}

/** Data of all rows of a call, a row [stride] after the other. */
export interface Rows {
  readonly data: Block<Float32Array>;
  /** Numbers a row, a multiple of 4; those beyond the width are zeros. */
  readonly stride: number;
  readonly width: number;
}

/** `count` rows of zeros for data of a width. */
export function rowsOf(arena: Arena, count: number, width: number): Rows {
  const stride = padded(width, 4);
  return { data: arena.floats(count * stride), stride, width };
}

/** What the body does after the forward pass. */
type Part = "head" | "body" | "tail";

/** A program ready to run. */
export interface Program {
  /**
   * Runs it on the rows 0 .. length - 1, or on those whose numbers stand in `order`, an array of the
   * same arena, from place `from` on.
   */
  run(length: number, order?: Block<Int32Array>, from?: number): void;
}

/**
 * A network under construction. Each layer writes its forward instruction at once and leaves a note
 * how its slopes follow; {@linkcode Tape.learn} plays the notes backwards and adds Adam's step.
 *
 * @example y = tanh(x W + b), by hand for W = 1 and b = 0.
 * ```ts
 * import { openFused } from "./arena.ts";
 * import { Parameters } from "./parameters.ts";
 * import { rowsOf, Tape } from "./tape.ts";
 * import assert from "node:assert/strict";
 * const arena = await openFused();
 * const parameters = new Parameters(arena, { only: { inputs: 1, outputs: 1 } });
 * parameters.write({ "only": { data: [1] }, "only/bias": { data: [0] } });
 * const inputs = rowsOf(arena, 2, 1);
 * inputs.data.view[4] = 0.5;
 * const tape = new Tape(arena, 2);
 * const outputs = tape.dense([tape.gather(inputs)], parameters.layers.only, "tanh");
 * tape.forward().run(2);
 * assert.ok(Math.abs(outputs.values.view[8]! - Math.tanh(0.5)) < 1e-6);
 * ```
 */
export class Tape {
  readonly #parts: Record<Part, number[][]> = { head: [], body: [], tail: [] };
  readonly #backward: (() => void)[] = [];
  readonly #reached = new Set<Table>();
  readonly #transposed = new Map<number, number>();
  /** Rows of a chunk. */
  readonly chunk: number;

  /**
   * @param rows The most rows of a call.
   * @param learns Whether slopes will be asked for.
   */
  constructor(readonly arena: Arena, rows: number, readonly learns = false) {
    this.chunk = Math.min(CHUNK, rows);
  }

  /** Room for an activation. */
  table(width: number, withSlopes = this.learns): Table {
    const stride = padded(width);
    const room = () => this.arena.floats(this.chunk * stride);
    const values = room();
    const slopes = withSlopes ? room().at : 0;
    return { width, stride: 4 * stride, at: values.at, slopes, values };
  }

  /** Adds an instruction. */
  emit(part: Part, op: Op, ...operands: number[]): void {
    if (operands.length >= WORDS) throw new RangeError(`Op ${op} has too many operands.`);
    this.#parts[part].push([op, ...operands]);
  }

  /** Leaves a note how slopes follow; notes are played in reverse. */
  note(backward: () => void): void {
    if (this.learns) this.#backward.push(backward);
  }

  /** Whether a table's slopes hold something already; from now on they do. */
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
      this.note(() => this.#denseSlopes(x, y, layer, slice));
      [start, startRow, weights] = [y.at, y.stride, weights + x.width * stride];
    }
    if (activation) this.activate(y, activation);
    return y;
  }

  /** An activation in place. */
  activate(y: Table, activation: "tanh" | "relu"): void {
    const [op, slopes] = activation === "tanh"
      ? [Op.Tanh, Op.TanhSlopes]
      : [Op.Relu, Op.ReluSlopes];
    this.emit("body", op, y.at, y.stride / 4);
    this.note(() => this.emit("body", slopes, y.at, y.slopes, y.stride / 4));
  }

  /** Sets the slopes of the chunk's rows to zero, for what can only add to them. */
  clearSlopes(table: Table): void {
    this.emit("body", Op.Clear, table.slopes, this.chunk * table.stride);
  }

  /** The forward pass alone. */
  forward(): Program {
    return this.#program();
  }

  /** The forward pass, the slopes, and a step of Adam; `after` is done with the new weights. */
  learn(parameters: Parameters, after: () => void = () => {}): Program {
    for (const play of this.#backward.reverse()) play();
    this.emit("tail", Op.Adam, ...parameters.adam);
    after();
    return this.#program();
  }

  /** Slopes of one input's weights, which begin at `weights`, of the bias, and of the input. */
  #denseSlopes(x: Table, y: Table, layer: Layer, weights: number): void {
    const { stride, toSlopes, outputs } = layer;
    const bias = weights === layer.weights ? layer.bias + toSlopes : 0;
    this.emit(
      "body",
      Op.DenseSlopes,
      ...[x.at, x.stride, x.width, y.slopes, y.stride, stride / 4],
      ...[weights + toSlopes, stride, bias],
    );
    if (!x.slopes) return;
    const columns = x.stride / 4;
    const transposed = this.#transpose(weights, stride, x, outputs);
    const start = this.reach(x) ? [x.slopes, x.stride] : [this.arena.floats(columns).at, 0];
    this.emit(
      "body",
      Op.InputSlopes,
      ...[y.slopes, y.stride, outputs, transposed, x.stride, columns],
      ...[...start, x.slopes, x.stride],
    );
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
    const { arena } = this;
    const header = arena.integers(7);
    (["head", "body", "tail"] as const).forEach((part, k) => {
      const code = arena.integers(WORDS * this.#parts[part].length);
      this.#parts[part].forEach((words, i) => code.view.set(words, i * WORDS));
      header.view.set([code.at, this.#parts[part].length], 2 * k);
    });
    header.view[6] = this.chunk;
    return {
      run: (length, order, from = 0) =>
        arena.run(header.at, order ? order.at + 4 * from : 0, length),
    };
  }
}
