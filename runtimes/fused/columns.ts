/** A first layer over categorical columns: sums of rows of W in place of products with one-hot rows. */
import type { Arena } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import { type Layer, padded } from "./parameters.ts";
import { type Program, type Table, Tape } from "./tape.ts";

/** A categorical column of the data; its value is one byte. */
export interface Column {
  /** Values 0 .. categories - 1. */
  readonly categories: number;
  /** Whether value 0 stands for nothing and has no row of W, as a word that is absent. */
  readonly optional: boolean;
}

/**
 * Columns with their rows of a layer's W, in order: a column has a row for each of its categories,
 * or one fewer where its value 0 stands for nothing.
 *
 * Each column has a base value. The layer sums only over the columns that differ from theirs, which
 * changes nothing but the order of the sum: a base that most rows show makes it fast.
 */
export class Columns {
  /** Rows of W that the columns have. */
  static rows(columns: readonly Column[]): number {
    return columns.reduce((sum, { categories, optional }) => sum + categories - +optional, 0);
  }

  readonly #shape: Int32Array;
  readonly #base: Uint8Array;
  readonly #zeros: Int32Array;
  /** W less the base rows, and b plus the base rows. */
  readonly #differences: Float32Array;
  readonly #sum: Float32Array;
  readonly #prepare: Program;
  readonly #finished = new WeakSet<Tape>();

  constructor(
    private readonly arena: Arena,
    private readonly columns: readonly Column[],
    private readonly layer: Layer,
  ) {
    this.#shape = arena.integers(4 * columns.length);
    this.#base = arena.bytes(padded(columns.length, 16));
    this.#zeros = arena.integers(padded(columns.length, 16));
    let row = 0;
    columns.forEach(({ categories, optional }, c) => {
      const rows = categories - +optional;
      this.#shape.set([row, rows, +optional, 0], 4 * c);
      this.#zeros[c] = (row - +optional) * layer.stride;
      row += rows;
    });
    this.#differences = arena.floats(layer.inputs * layer.stride / 4);
    this.#sum = arena.floats(layer.stride / 4);
    const tape = new Tape(arena, 1);
    this.prepareIn(tape, "head");
    this.#prepare = tape.forward();
  }

  /** Room for rows of these columns, a row of `stride` bytes after the other. */
  data(rows: number): { data: Uint8Array; stride: number } {
    const stride = padded(this.columns.length, 16);
    return { data: this.arena.bytes(rows * stride), stride };
  }

  /** The base values [columns]. */
  get base(): Uint8Array {
    return this.#base.slice(0, this.columns.length);
  }

  /** Sets the base values; those of columns whose value 0 stands for nothing stay 0. */
  set base(values: ArrayLike<number>) {
    this.columns.forEach(({ optional }, c) => {
      this.#base[c] = this.#shape[4 * c + 3] = optional ? 0 : values[c]!;
    });
    this.prepare();
  }

  /** Takes each column's commonest value in the first `rows` rows as its base. */
  learnBase(data: Uint8Array, stride: number, rows: number): void {
    this.base = this.columns.map(({ categories }, c) => {
      const counts = new Uint32Array(categories);
      for (let row = 0; row < rows; row++) counts[data[row * stride + c]!]!++;
      return counts.indexOf(Math.max(...counts));
    });
  }

  /** Takes in weights that were written from outside. */
  prepare(): void {
    this.#prepare.run(0);
  }

  /** What {@linkcode prepare} does, as a part of a program. */
  prepareIn(tape: Tape, part: "head" | "tail"): void {
    const { layer, columns } = this;
    tape.emit(
      part,
      Op.ColumnsPrepare,
      ...[this.#shape.byteOffset, columns.length, layer.weights, this.#differences.byteOffset],
      ...[layer.stride, layer.bias, this.#sum.byteOffset],
    );
  }

  /** tanh(b + the sum of the rows of W that the data name). */
  embed(tape: Tape, data: Uint8Array, dataStride: number): Table {
    const { layer, columns } = this;
    const { stride, toSlopes } = layer;
    const y = tape.table(layer.outputs);
    const starts = tape.arena.integers(tape.chunk + 1).byteOffset;
    const found = tape.arena.integers(tape.chunk * columns.length).byteOffset;
    tape.emit(
      "body",
      Op.Columns,
      ...[data.byteOffset, dataStride, padded(columns.length, 16), this.#base.byteOffset],
      ...[this.#zeros.byteOffset, this.#differences.byteOffset, stride, this.#sum.byteOffset],
      ...[y.at, starts, found],
    );
    tape.note(() => {
      const [weights, bias] = [layer.weights + toSlopes, layer.bias + toSlopes];
      tape.emit("body", Op.ColumnsSlopes, y.slopes, stride, starts, weights, bias);
      if (this.#finished.has(tape)) return; // Once, however many steps share the layer.
      this.#finished.add(tape);
      const shape = this.#shape.byteOffset;
      tape.emit("tail", Op.ColumnsFinish, shape, columns.length, weights, stride, bias);
    });
    tape.activate(y, "tanh");
    return y;
  }
}
