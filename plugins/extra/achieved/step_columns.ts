/** Steps of a run as rows of columns, allocated once: what was seen, done and remembered. */
import {
  type EnvSpec,
  sizeOf,
  type StateArray,
  type Tensor,
  type TensorArrays,
  type Tensors,
} from "@tandem/core";
import { zeros } from "@tandem/core/kit";

type ColumnArray = TensorArrays[keyof TensorArrays] | Float64Array;

/** Numbers of one kind, `width` a row. */
export interface Column {
  readonly width: number;
  readonly data: ColumnArray;
}

/** What a step is made of; `memory` is the student's, 0 without one. */
export type StepShape =
  & Pick<EnvSpec, "observation" | "actions" | "actionBox" | "legalActions">
  & { readonly memory: number };

/** Rows of steps. */
export class StepColumns {
  /** "see.NAME" of each tensor that is observed; keys, actions, legal actions and memory where there are any. */
  readonly columns: Readonly<Record<string, Column>>;
  readonly #named: readonly (readonly [string, Column])[];

  constructor(readonly rows: number, private readonly shape: StepShape) {
    const { observation, actions, actionBox, legalActions, memory } = shape;
    const width = actionBox?.low.length ?? 1;
    const seen = Object.entries(observation).map(([name, space]) => {
      const width = sizeOf(space.shape);
      return [`see.${name}`, { width, data: zeros(space.dtype, [rows, width]).data }] as const;
    });
    this.columns = {
      ...Object.fromEntries(seen),
      keys: { width: 1, data: new Float64Array(rows) },
      actions: { width, data: new (actionBox ? Float32Array : Int32Array)(rows * width) },
      ...legalActions && {
        legal: { width: actions.length, data: new Uint8Array(rows * actions.length) },
      },
      ...memory > 0 && { memory: { width: memory, data: new Float32Array(rows * memory) } },
    };
    this.#named = Object.entries(this.columns);
  }

  /** Bytes of a row. */
  static bytesOf(shape: StepShape): number {
    const { columns } = new StepColumns(1, shape);
    return Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** Writes rows from one on, all of a column; what is not there stays. */
  write(from: number, name: string, values: ArrayLike<number> | undefined): void {
    const column = this.columns[name];
    if (column && values) column.data.set(values, from * column.width);
  }

  /** Copies a row of a table of the same shape. */
  copyRow(source: StepColumns, from: number, to: number): void {
    for (const [name, { width, data }] of this.#named) {
      const { data: values } = source.columns[name]!;
      if (width === 1) data[to] = values[from]!;
      else data.set(values.subarray(from * width, (from + 1) * width), to * width);
    }
  }

  /** What was seen, as the env's tensors of all rows. */
  get observations(): Tensors {
    const { observation } = this.shape;
    return Object.fromEntries(
      Object.entries(observation).map(([name, { dtype, shape }]) => {
        const { data } = this.columns[`see.${name}`]!;
        return [name, { dtype, shape: [this.rows, ...shape], place: "host", data } as Tensor];
      }),
    );
  }

  /** The first rows, for {@linkcode load}. @param prefix Of the arrays' names. */
  save(prefix: string, rows = this.rows): Record<string, StateArray> {
    return Object.fromEntries(
      this.#named.map(([name, { width, data }]) => {
        const held = data.slice(0, rows * width);
        return [prefix + name, {
          shape: [rows, held.length / Math.max(1, rows)],
          data: saved(held),
        }];
      }),
    );
  }

  load(prefix: string, arrays: Readonly<Record<string, StateArray>>): void {
    for (const [name, { data }] of this.#named) {
      const kept = arrays[prefix + name]!.data;
      data.set(data instanceof Float64Array ? new Float64Array(kept.slice().buffer) : kept);
    }
  }
}

/** States hold no doubles: their bytes stand as whole numbers. */
function saved(data: ColumnArray): StateArray["data"] {
  return data instanceof Float64Array ? new Int32Array(data.buffer) : data;
}
