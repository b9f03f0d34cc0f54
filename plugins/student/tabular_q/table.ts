/** What a tabular student knows of states. */
import type { StageState } from "@tandem/core";

/** What is known of a state, a row a suggestion that values are told apart by; the first is for silence. */
export interface Entry {
  /** [rows, A] Q(s, x, a). */
  readonly qValues: Float32Array;
  /** [rows] n(s, x). */
  readonly counts: Int32Array;
  /** [2] trust(s), and V(s) where the table does not say it. */
  readonly leaning: Float32Array;
}

const FIELDS = ["qValues", "counts", "leaning"] as const;

/** What a table is made of. */
export interface TableShape {
  /** Suggestions that values are told apart by, and one for silence. */
  readonly rows: number;
  readonly actions: number;
  /** What an entry holds before anything was learned of its state. */
  readonly initial: { readonly qValue: number; readonly trust: number };
  /** The most states remembered. */
  readonly capacity: number;
}

/** Entries by the states' keys, in the order in which they were learned about last. */
export class Table {
  readonly #entries = new Map<number, Entry>();
  readonly #unknown: Entry;

  constructor(readonly shape: TableShape) {
    this.#unknown = this.#newEntry();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is known of a state; what is true of all at first where nothing is. */
  at(key: number): Entry {
    return this.#entries.get(key) ?? this.#unknown;
  }

  /** The entry of a state to be learned about, made where there is none. */
  renewed(key: number): Entry {
    const entry = this.#entries.get(key) ?? this.#newEntry();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.shape.capacity) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    return entry;
  }

  save(): Required<StageState> {
    const { rows, actions } = this.shape;
    const entries = [...this.#entries.values()];
    const shapes = { qValues: [rows, actions], counts: [rows], leaning: [2] };
    const arrays = FIELDS.map((name) => {
      const { length } = this.#unknown[name];
      const data = new (name === "counts" ? Int32Array : Float32Array)(entries.length * length);
      entries.forEach((entry, n) => data.set(entry[name], n * length));
      return [name, { shape: [entries.length, ...shapes[name]], data }];
    });
    return { json: [...this.#entries.keys()], arrays: Object.fromEntries(arrays) };
  }

  load({ json, arrays }: StageState): void {
    this.#entries.clear();
    (json as number[]).forEach((key, n) => {
      const entry = this.renewed(key);
      for (const name of FIELDS) {
        const { length } = entry[name];
        entry[name].set(arrays![name]!.data.subarray(n * length, (n + 1) * length));
      }
    });
  }

  #newEntry(): Entry {
    const { rows, actions, initial: { qValue, trust } } = this.shape;
    return {
      qValues: new Float32Array(rows * actions).fill(qValue),
      counts: new Int32Array(rows),
      leaning: Float32Array.of(trust, qValue),
    };
  }
}
