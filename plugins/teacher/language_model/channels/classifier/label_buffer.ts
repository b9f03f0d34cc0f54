import type { StateArray } from "@tandem/core";
import { bytes, doubles } from "../logits/bandit.ts";
import type { Label } from "./softmax_regression.ts";

/** A label as the buffer keeps it. */
export interface KeptLabel extends Label {
  readonly rows: Int32Array;
}

/** The latest labels, at most so many; a new one takes the place of the oldest. */
export class LabelBuffer {
  readonly #labels: KeptLabel[] = [];
  /** Where the next one goes once it is full. */
  #next = 0;

  /** @param capacity At least 1. */
  constructor(private readonly capacity: number) {}

  /** Labels in it. */
  get size(): number {
    return this.#labels.length;
  }

  add(label: KeptLabel): void {
    if (this.#labels.length < this.capacity) {
      this.#labels.push(label);
      return;
    }
    this.#labels[this.#next] = label;
    this.#next = (this.#next + 1) % this.capacity;
  }

  /** The label in place i, 0 to size - 1. */
  at(i: number): KeptLabel {
    return this.#labels[i]!;
  }

  /** How long each list is, the lists one after the other, and the weights as their bytes. */
  save(): { next: number; arrays: Record<string, StateArray> } {
    const labels = this.#labels;
    return {
      next: this.#next,
      arrays: {
        lengths: table(labels.flatMap(({ rows, right, all }) => [
          rows.length,
          right.length,
          Number(all),
        ])),
        rows: table(labels.flatMap(({ rows }) => [...rows])),
        right: table(labels.flatMap(({ right }) => right)),
        weights: bytes(Float64Array.from(labels, ({ weight }) => weight)),
      },
    };
  }

  load(next: number, arrays: Readonly<Record<string, StateArray>>): void {
    const [lengths, rows, right] = [arrays.lengths, arrays.rows, arrays.right]
      .map((array) => Int32Array.from(array!.data));
    const weights = doubles(arrays.weights!);
    this.#labels.length = 0;
    this.#next = next;
    let [row, choice] = [0, 0];
    for (const [i, weight] of weights.entries()) {
      const [features, candidates, all] = lengths!.subarray(3 * i, 3 * i + 3);
      this.#labels.push({
        rows: rows!.slice(row, row += features!),
        right: [...right!.subarray(choice, choice += candidates!)],
        all: all === 1,
        weight,
      });
    }
  }
}

function table(values: readonly number[]): StateArray {
  return { shape: [values.length], data: Int32Array.from(values) };
}
