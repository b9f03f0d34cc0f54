/** A first layer over categorical columns: sums of rows of W in place of products with one-hot rows. */
import type { Arena, Block } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import { type Layer, padded } from "./parameters.ts";
import { type Program, type Rows, type Table, Tape } from "./tape.ts";

/** A categorical column of the data; its value is one byte. */
export interface Column {
  /** Values 0 .. categories - 1. */
  readonly categories: number;
  /** Whether value 0 stands for nothing and has no row of W, as a word that is absent. */
  readonly optional: boolean;
}

/** Rows of W that columns have: one a category, or one fewer where value 0 stands for nothing. */
export function rowsOfColumns(columns: readonly Column[]): number {
  return columns.reduce((sum, { categories, optional }) => sum + categories - +optional, 0);
}

/** What the last rows of W are multiplied by, in this order, and what follows the sum. */
export interface Beside {
  /** [rows, F] numbers. */
  readonly floats?: Rows;
  /** What other layers made of the rows. */
  readonly maps?: Table;
  /** "tanh" where absent. */
  readonly activation?: "tanh" | "relu";
}

/** Columns whose values stand side by side in the data. */
interface Group {
  /** Place of the first one among all columns. */
  readonly first: number;
  readonly columns: readonly Column[];
  /** Bytes of a row of the data that stand before them. */
  readonly before: number;
  /** [columns] base values, padded. */
  readonly base: Block<Uint8Array>;
  /** [columns] offsets of the rows of value 0 in W. */
  readonly zeros: Block<Int32Array>;
  /** A bit a column: whether a row of the call shows the base value. */
  readonly shown: Block<Uint8Array>;
  /** Where programs note what a lane's rows show. */
  readonly shownIn: WeakMap<Tape, number>;
}

/**
 * Groups of categorical columns with their rows of a layer's W, in order. A group's data are rows of
 * bytes, one a column.
 *
 * Each column has a base value. The layer sums only over the columns that differ from theirs, which
 * changes nothing but the order of the sum: a base that most rows show makes it fast.
 */
export class Columns {
  readonly #groups: readonly Group[];
  /** First row, number of rows, whether value 0 stands for nothing, and base value of each column. */
  readonly #shape: Block<Int32Array>;
  /** W less the base rows, and b plus the base rows. */
  readonly #differences: Block<Float32Array>;
  readonly #sum: Block<Float32Array>;
  readonly #prepare: Program;
  /** Rows of W that are no columns', by their address. */
  readonly #slices = new Map<number, Layer>();
  /** Rows of W that are. */
  readonly #rows: number;

  /**
   * Room for columns, which are written row by row.
   *
   * @param before Bytes that stand before the first group's columns in their rows, for others to read.
   */
  constructor(
    private readonly arena: Arena,
    groups: readonly (readonly Column[])[],
    private readonly layer: Layer,
    before = 0,
  ) {
    this.#shape = arena.integers(4 * groups.flat().length);
    let [first, row] = [0, 0];
    this.#groups = groups.map((columns, g) => {
      const base = arena.bytes(padded(columns.length, 64));
      const zeros = arena.integers(columns.length);
      const shown = arena.bytes(base.length / 8);
      const group = {
        ...{ first, columns, base, zeros, shown, shownIn: new WeakMap<Tape, number>() },
        before: g === 0 ? before : 0,
      };
      columns.forEach(({ categories, optional }, c) => {
        const rows = categories - +optional;
        this.#shape.view.set([row, rows, +optional, 0], 4 * (first + c));
        zeros.view[c] = (row - +optional) * layer.stride;
        row += rows;
      });
      first += columns.length;
      return group;
    });
    this.#rows = row;
    this.#differences = arena.floats(layer.inputs * layer.stride / 4);
    this.#sum = arena.floats(layer.stride / 4);
    const tape = new Tape(arena, 1);
    this.prepareIn(tape, "head");
    this.#prepare = tape.forward();
  }

  /** Room for `rows` rows of each group. */
  data(rows: number): Block<Uint8Array>[] {
    // What finds the columns reads up to 63 bytes beyond a row.
    return this.#groups.map(({ columns, before }) =>
      this.arena.bytes(rows * (before + columns.length) + 64)
    );
  }

  /** The base values of all columns. */
  get base(): Uint8Array {
    return Uint8Array.from(this.#groups.flatMap(({ base, columns }) => [
      ...base.view.subarray(0, columns.length),
    ]));
  }

  /** Sets the base values; those of columns whose value 0 stands for nothing stay 0. */
  set base(values: ArrayLike<number>) {
    for (const { first, columns, base } of this.#groups) {
      columns.forEach(({ optional }, c) => {
        const value = optional ? 0 : values[first + c]!;
        base.view[c] = this.#shape.view[4 * (first + c) + 3] = value;
      });
    }
    this.prepare();
  }

  /** Takes each column's commonest value in the first `rows` rows of the data as its base. */
  learnBase(data: readonly Block<Uint8Array>[], rows: number): void {
    this.base = this.#groups.flatMap(({ columns, before }, g) => {
      const { view } = data[g]!;
      return columns.map(({ categories }, c) => {
        const counts = new Uint32Array(categories);
        const bytes = before + columns.length;
        for (let row = 0; row < rows; row++) counts[view[row * bytes + before + c]!]!++;
        return counts.indexOf(Math.max(...counts));
      });
    });
  }

  /** Takes in weights that were written from outside. */
  prepare(): void {
    this.#prepare.run(0);
  }

  /** What {@linkcode prepare} does, as a part of a program. */
  prepareIn(tape: Tape, part: "head" | "tail"): void {
    const { layer } = this;
    tape.emit(
      part,
      Op.ColumnsPrepare,
      ...[this.#shape.at, this.#shape.length / 4, layer.weights, this.#differences.at],
      ...[layer.stride, layer.bias, this.#sum.at],
    );
  }

  /** An activation of b + the sum of the rows of W that the data name, `shift` rows on. */
  embed(
    tape: Tape,
    data: readonly Block<Uint8Array>[],
    shift = 0,
    { floats, maps, activation = "tanh" }: Beside = {},
  ): Table {
    const y = tape.table(this.layer.outputs, tape.learns, true);
    this.#groups.forEach((group, g) => {
      const bytes = group.before + group.columns.length;
      this.#add(tape, group, data[g]!.at + shift * bytes + group.before, y);
    });
    let row = this.#rows;
    for (const x of [floats && tape.gather(floats, shift), maps]) {
      if (!x) continue;
      tape.addProduct(x, this.#slice(row, x.width), y);
      row += x.width;
    }
    tape.activate(y, activation);
    return y;
  }

  /** Rows of W as a layer without a bias. */
  #slice(row: number, inputs: number): Layer {
    const { layer } = this;
    const weights = layer.weights + row * layer.stride;
    const slice = this.#slices.get(weights) ?? { ...layer, inputs, weights, bias: 0 };
    this.#slices.set(weights, slice);
    return slice;
  }

  /** Adds a group's rows to y; the first group begins with s. */
  #add(tape: Tape, group: Group, data: number, y: Table): void {
    const { columns, base, zeros, before } = group;
    const { stride, toGrads, weights, bias } = this.layer;
    const isFirst = group === this.#groups[0];
    const starts = tape.kept(4 * (tape.chunk * this.arena.lanes + 1));
    const found = tape.kept(4 * tape.chunk * columns.length);
    tape.emit(
      "body",
      Op.Columns,
      ...[data, columns.length, base.at, zeros.at, this.#differences.at, stride],
      ...(isFirst ? [this.#sum.at, 0] : [y.at, stride]),
      ...[y.at, starts, found, tape.learns ? this.#shownIn(tape, group) : 0],
      before + columns.length,
    );
    tape.note(() => {
      const [dw, db] = [weights + toGrads, bias + toGrads];
      tape.emit("grads", Op.ColumnsGrads, y.grads, stride, starts, dw, isFirst ? db : 0);
    });
  }

  /** Where a program notes what is shown, and writes the gradients of the base rows; once, at its end. */
  #shownIn(tape: Tape, group: Group): number {
    const { first, columns, shown, shownIn } = group;
    const known = shownIn.get(tape);
    if (known !== undefined) return known;
    const at = tape.bits(shown);
    shownIn.set(tape, at);
    const { stride, toGrads, weights, bias } = this.layer;
    const [shape, dw, db] = [this.#shape.at + 16 * first, weights + toGrads, bias + toGrads];
    tape.emit("tail", Op.ColumnsFinish, shape, columns.length, dw, stride, db, shown.at);
    return at;
  }
}
