import type { Oracle, StageState } from "@tandem/core";
import { Expert, type SavedExpert } from "./expert.ts";
import { planPhrase } from "./plan_words.ts";
import { loadColumns, saveColumns } from "./saving.ts";
import { type ViewPlaces, viewPlaces } from "./text.ts";
import type { BabyAIVector } from "./vector.ts";

/** The experts of N worlds: one follows each, and plans only when asked. */
export class BabyAIOracle implements Oracle {
  readonly #vector: BabyAIVector;
  /** The words for places of the view, by where these are. */
  readonly #places: ReadonlyMap<string, string>;
  readonly #experts: readonly Expert[];

  /** @param vector Worlds at the start of their episodes, or the experts have missed what was seen. */
  constructor(vector: BabyAIVector, { words, places }: ViewPlaces = viewPlaces(vector.view.size)) {
    this.#vector = vector;
    this.#places = new Map(places.map((place, index) => [place.join(), words[index]!]));
    this.#experts = Array.from({ length: vector.envs }, (_, i) => new Expert(vector.world(i)));
  }

  /** New episodes have started in all worlds. */
  restart(): void {
    for (const expert of this.#experts) expert.begin();
  }

  /** Every agent has acted [N]; worlds whose episode ended have started anew. */
  follow(actions: Int32Array): void {
    const { terminated, truncated } = this.#vector;
    for (let i = 0; i < actions.length; i++) {
      if (terminated[i] === 1 || truncated[i] === 1) this.#experts[i]!.begin();
      else this.#experts[i]!.record(actions[i]!);
    }
  }

  /** What the experts know and mean to do. */
  save(): StageState {
    const states = this.#experts.map(({ columns }) => columns);
    const all = Object.keys(states[0] ?? {}).map((name) => {
      return [name, joined(states.map((columns) => columns[name]!))] as const;
    });
    const json = this.#experts.map((expert) => expert.save());
    return saveColumns(this.#experts.length, json, Object.fromEntries(all));
  }

  /** Goes on where {@linkcode save} was called. @throws TandemError E_SHAPE */
  load({ json, arrays = {} }: StageState): void {
    for (const [i, expert] of this.#experts.entries()) {
      const rows = Object.entries(arrays).map(([name, { shape: [, width = 0], data }]) => {
        return [name, { shape: [width], data: data.subarray(i * width, (i + 1) * width) }] as const;
      });
      loadColumns({ json: null, arrays: Object.fromEntries(rows) }, expert.columns);
      expert.load((json as SavedExpert[])[i]!);
    }
  }

  action(i: number): number {
    return this.#experts[i]!.action();
  }

  isRight(i: number, action: number): boolean {
    return this.#experts[i]!.isRight(action);
  }

  subgoal(i: number): string {
    return this.#experts[i]!.action() < 0 ? "" : this.#experts[i]!.subgoal();
  }

  references(i: number): readonly string[] {
    const expert = this.#experts[i]!;
    if (expert.action() < 0) return [];
    return expert.things().flatMap((place) => this.#places.get(place.join()) ?? []);
  }

  plan(i: number): string {
    return this.#experts[i]!.action() < 0 ? "" : planPhrase(this.#experts[i]!.plan());
  }
}

/** Columns of one width, one below the other. */
function joined<T extends Uint8Array | Int32Array>(columns: readonly T[]): T {
  const width = columns[0]!.length;
  const Column = columns[0]!.constructor as new (length: number) => T;
  const all = new Column(columns.length * width);
  columns.forEach((column, i) => all.set(column, i * width));
  return all;
}
