/** The episodes under way: what is needed to play them again. */
import type { StateArray } from "@tandem/core";
import { Pcg64, type Pcg64State } from "@tandem/core/kit";

/** Worlds for training have seeds below it, held-out ones from there on; a seed has 31 bits. */
const [HELD_OUT, MOST] = [1_000_000_000, 2 ** 31];

/** As it stands in a state. */
interface SavedEpisodes {
  readonly seeds: readonly number[];
  readonly random: readonly Pcg64State[];
  readonly next: readonly number[];
}

/**
 * N episodes: their seeds and all actions. An environment's first seed is its world's; the seeds of the
 * episodes that follow are drawn from a stream of it, so that each can be begun by itself.
 */
export class Episodes {
  /** [N] seeds of the episodes under way. */
  readonly seeds: Float64Array;
  /** [N] seeds of those that come next. */
  readonly next: Float64Array;
  readonly #random: readonly Pcg64[];
  readonly #actions: readonly number[][];

  /** @param width Numbers of an action. */
  constructor(envs: number, private readonly width: number) {
    this.seeds = new Float64Array(envs);
    this.next = new Float64Array(envs);
    this.#random = Array.from({ length: envs }, () => new Pcg64(0));
    this.#actions = Array.from({ length: envs }, () => []);
  }

  /** Begins all from the seeds of worlds. */
  begin(seeds: ArrayLike<number>): void {
    for (const [i, random] of this.#random.entries()) {
      random.reseed(seeds[i]!);
      this.next[i] = seeds[i]!;
      this.#turn(i);
    }
  }

  /** Notes a step of environment i: its action, or that the next episode has begun with it. */
  note(i: number, actions: ArrayLike<number>, isOver: boolean): void {
    if (isOver) return this.#turn(i);
    const taken = this.#actions[i]!;
    for (let k = 0; k < this.width; k++) taken.push(actions[i * this.width + k]!);
  }

  /** [N] the numbers of actions of the episodes under way, and the actions one after another. */
  get played(): { readonly counts: Int32Array; readonly actions: readonly number[] } {
    const counts = this.#actions.map(({ length }) => length / this.width);
    return { counts: Int32Array.from(counts), actions: this.#actions.flat() };
  }

  /** As JSON; the actions stand in {@linkcode played}. */
  save(): SavedEpisodes {
    return {
      seeds: [...this.seeds],
      next: [...this.next],
      random: this.#random.map((random) => random.save()),
    };
  }

  /** Goes on from what was saved. */
  load(json: unknown, { data: counts }: StateArray, { data: actions }: StateArray): void {
    const { seeds, next, random } = json as SavedEpisodes;
    this.seeds.set(seeds);
    this.next.set(next);
    let at = 0;
    for (const [i, taken] of this.#actions.entries()) {
      this.#random[i]!.load(random[i]!);
      const length = counts[i]! * this.width;
      taken.splice(0, taken.length, ...actions.subarray(at, at + length));
      at += length;
    }
  }

  #turn(i: number): void {
    const seed = this.next[i]!;
    this.seeds[i] = seed;
    this.#actions[i]!.length = 0;
    const [low, high] = seed < HELD_OUT ? [0, HELD_OUT] : [HELD_OUT, MOST];
    this.next[i] = this.#random[i]!.integers(low, high);
  }
}
