/** Past steps under the goals that they reached: a ring a verb. */
import type { ReplayBatch, StageState, StateArray } from "@tandem/core";
import type { Pcg64 } from "@tandem/core/kit";
import { StepColumns, type StepShape } from "./step_columns.ts";

/** Steps that led to goals of one verb; the oldest makes room. */
class Ring {
  readonly steps: StepColumns;
  readonly returns: Float32Array;
  readonly missions: string[] = [];
  size = 0;
  cursor = 0;

  constructor(readonly capacity: number, shape: StepShape) {
    this.steps = new StepColumns(capacity, shape);
    this.returns = new Float32Array(capacity);
  }

  add(source: StepColumns, row: number, mission: string, discounted: number): void {
    const to = this.cursor;
    this.cursor = (to + 1) % this.capacity;
    this.size = Math.min(this.capacity, this.size + 1);
    this.steps.copyRow(source, row, to);
    this.missions[to] = mission;
    this.returns[to] = discounted;
  }
}

/** What a state says of a ring beside its arrays; missions stand once each. */
interface SavedRing {
  readonly verb: string;
  readonly size: number;
  readonly cursor: number;
  readonly missions: readonly string[];
}

/** Rings by verb. */
export class PastGoals {
  readonly #rings = new Map<string, Ring>();

  /** @param capacity Steps of a verb. */
  constructor(private readonly capacity: number, private readonly shape: StepShape) {}

  /** Steps held. */
  get size(): number {
    return this.#rings.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Steps held, by verb. */
  sizes(): readonly (readonly [verb: string, size: number])[] {
    return [...this.#rings].map(([verb, { size }]) => [verb, size]);
  }

  /** Keeps row `row` of a table as a step towards a mission. */
  add(verb: string, source: StepColumns, row: number, mission: string, discounted: number): void {
    let ring = this.#rings.get(verb);
    if (!ring) this.#rings.set(verb, ring = new Ring(this.capacity, this.shape));
    ring.add(source, row, mission, discounted);
  }

  /** Steps drawn evenly over all that are held. */
  draw(count: number, random: Pcg64): ReplayBatch {
    const rings = [...this.#rings.values()];
    const batch = new StepColumns(count, this.shape);
    const missions: string[] = [];
    const returns = new Float32Array(count);
    const { size } = this;
    for (let k = 0; k < count; k++) {
      let row = random.integers(0, size), r = 0;
      while (row >= rings[r]!.size) row -= rings[r++]!.size;
      const ring = rings[r]!;
      batch.copyRow(ring.steps, row, k);
      missions.push(ring.missions[row]!);
      returns[k] = ring.returns[row]!;
    }
    const { keys, actions, legal, memory } = batch.columns;
    return {
      ...{ size: count, observations: batch.observations, missions, returns },
      keys: keys!.data as Float64Array,
      actions: actions!.data as Int32Array | Float32Array,
      ...legal && { legal: legal.data as Uint8Array },
      ...memory && { memory: memory.data as Float32Array },
    };
  }

  save(): StageState {
    const arrays: Record<string, StateArray> = {};
    const rings = [...this.#rings].map(([verb, ring], r): SavedRing => {
      const { size, cursor } = ring;
      const missions = [...new Set(ring.missions)];
      const numbers = new Map(missions.map((mission, m) => [mission, m]));
      const said = Int32Array.from(ring.missions, (mission) => numbers.get(mission)!);
      Object.assign(arrays, ring.steps.save(`${r}/`, size), {
        [`${r}/returns`]: { shape: [size], data: ring.returns.slice(0, size) },
        [`${r}/missions`]: { shape: [size], data: said },
      });
      return { verb, size, cursor, missions };
    });
    return { json: rings, arrays };
  }

  load({ json, arrays = {} }: StageState): void {
    this.#rings.clear();
    for (const [r, { verb, size, cursor, missions }] of (json as SavedRing[]).entries()) {
      const ring = new Ring(this.capacity, this.shape);
      this.#rings.set(verb, Object.assign(ring, { size, cursor }));
      ring.steps.load(`${r}/`, arrays);
      ring.returns.set(arrays[`${r}/returns`]!.data);
      const said = arrays[`${r}/missions`]!.data;
      for (let row = 0; row < size; row++) ring.missions[row] = missions[said[row]!]!;
    }
  }
}
