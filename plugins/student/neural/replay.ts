import type { StateArray } from "@tandem/core";
import { type Inputs, type InputWidths, makeInputs } from "./engine.ts";

/** Transitions in a ring: the oldest makes room. Allocated once. */
export class Replay {
  /** s and x, and s' and x' where they are known. */
  readonly now: Inputs;
  readonly next: Inputs;
  readonly actions: Int32Array;
  readonly rewards: Float32Array;
  /** 1 where s' and x' are known. */
  readonly known: Float32Array;
  /** V(s') where they are not; 0 after a termination. */
  readonly nextValues: Float32Array;
  #size = 0;
  #cursor = 0;

  constructor(private readonly capacity: number, options: InputWidths) {
    this.now = makeInputs(options, capacity);
    this.next = makeInputs(options, capacity);
    this.actions = new Int32Array(capacity);
    this.rewards = new Float32Array(capacity);
    this.known = new Float32Array(capacity);
    this.nextValues = new Float32Array(capacity);
  }

  /** Transitions held. */
  get size(): number {
    return this.#size;
  }

  /** The row for the next transition, whose content is to be written over. */
  claim(): number {
    const row = this.#cursor;
    this.#cursor = (row + 1) % this.capacity;
    this.#size = Math.min(this.#size + 1, this.capacity);
    return row;
  }

  /** What is held, for {@linkcode load}. */
  save(): { cursor: number; arrays: Record<string, StateArray> } {
    const held = ([name, data]: readonly [string, StateArray["data"]]) => {
      const width = data.length / this.capacity;
      return [name, { shape: [this.#size, width], data: data.slice(0, this.#size * width) }];
    };
    return { cursor: this.#cursor, arrays: Object.fromEntries(this.#columns().map(held)) };
  }

  load(cursor: number, arrays: Readonly<Record<string, StateArray>>): void {
    this.#cursor = cursor;
    this.#size = arrays.actions!.data.length;
    for (const [name, data] of this.#columns()) data.set(arrays[name]!.data);
  }

  #columns(): [string, StateArray["data"]][] {
    const { now, next, actions, rewards, known, nextValues } = this;
    return [
      ...Object.entries({ now, next }).flatMap(([when, inputs]) =>
        Object.entries(columnsOf(inputs))
          .map(([name, data]): [string, StateArray["data"]] => [`${when}.${name}`, data])
      ),
      ...Object.entries({ actions, rewards, known, nextValues }),
    ];
  }
}

/** Copies state `from` of some inputs, and what was said in it, to be state `to` of others. */
export function copyRow(source: Inputs, from: number, target: Inputs, to: number): void {
  const columns = columnsOf(target);
  for (const [name, data] of Object.entries(columnsOf(source))) {
    const width = data.length / source.size;
    columns[name]!.set(data.subarray(from * width, (from + 1) * width), to * width);
  }
}

/** What is remembered of states; words' places, floats and legal actions where there are any. */
function columnsOf(
  { entries, words, slots, guidance, floats, legal }: Inputs,
): Record<string, Uint8Array | Float32Array> {
  return {
    ...{ entries, words, guidance },
    ...(slots.length > 0 && { slots }),
    ...(floats.length > 0 && { floats }),
    ...(legal.length > 0 && { legal }),
  };
}
