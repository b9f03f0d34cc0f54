/**
 * The expert's eyes and legs: what it has seen so far, and breadth-first search over it. The order
 * in which cells are visited decides between equal paths, so it is that of Minigrid's BabyAIBot.
 */

import { DOOR, EMPTY, isPassable, isPortable, typeOf, WALL } from "./cells.ts";
import { visibleCells } from "./view.ts";
import type { World } from "./world.ts";

/** Whether a search ends at a place, given its packed cell. */
export type Accept = (place: number, cell: number) => boolean;

/** A path from the agent to the first accepted place. */
export interface Path {
  /** Where the path ends. */
  readonly end: number;
  /** The path's first place after the agent's; `end` where the agent stands there. */
  readonly next: number;
  /** Steps to walk. */
  readonly length: number;
  /** Whether the path leads through objects that must be moved away. */
  readonly blocked: boolean;
}

const UNVISITED = -2;
const ROOT = -1;

/** What no place is: the answer where nothing was found. */
export const NOWHERE = -1;

/** The directions to go on in, straight on first, as exclusive or with the present one. */
const TURNS = [0, 1, 3, 2] as const;

/** What an expert knows of one world. Places are indices into the padded grid of worlds.ts. */
export class Search {
  /** [size] 1 where a place has been seen since the expert was made. */
  readonly seen: Uint8Array;
  /** Distance between neighbouring places by direction: right, down, left, up. */
  readonly offsets: readonly [number, number, number, number];
  readonly #base: number;
  /** [size] the place before, for the search around objects and for the one through them. */
  readonly #before: readonly [Int32Array, Int32Array];
  /** Places in the order of the first search's visits. */
  readonly #visited: Int32Array;
  /** A queue of states (4 place + direction) and of the places they were reached from. */
  readonly #states: Int32Array;
  readonly #sources: Int32Array;

  constructor(readonly world: World) {
    const { size, stride } = world.worlds;
    this.seen = new Uint8Array(size);
    this.offsets = [1, stride, -1, -stride];
    this.#base = world.index * size;
    this.#before = [new Int32Array(size), new Int32Array(size)];
    this.#visited = new Int32Array(size);
    this.#states = new Int32Array(5 * size);
    this.#sources = new Int32Array(5 * size);
  }

  /** The agent's place. */
  get agent(): number {
    return this.world.worlds.agent[this.world.index]!;
  }

  /** The place before the agent. */
  get front(): number {
    return this.beside(0);
  }

  /** The packed cell at a place. */
  cell(place: number): number {
    return this.world.worlds.cells[this.#base + place]!;
  }

  /** The agent's neighbour after `turns` quarter turns to the right. */
  beside(turns: number): number {
    return this.agent + this.offsets[(this.world.direction + turns) & 3]!;
  }

  /** Steps between two places on an empty grid. */
  distance(a: number, b: number): number {
    const { worlds } = this.world;
    return Math.abs(worlds.xOf(a) - worlds.xOf(b)) + Math.abs(worlds.yOf(a) - worlds.yOf(b));
  }

  /** Adds what the agent sees now. */
  look(): void {
    const { worlds, index, viewSize } = this.world;
    for (const place of visibleCells(worlds, index, viewSize)) this.seen[place] = 1;
  }

  /** Steps to the first wall or door on the agent's `turns` side, or to the edge of its view. */
  clearance(turns: number): number {
    const { worlds } = this.world;
    const offset = this.beside(turns) - this.agent;
    for (let distance = 1;; distance++) {
      const place = this.agent + distance * offset;
      if (!this.world.inView(worlds.xOf(place), worlds.yOf(place))) return distance - 1;
      const type = typeOf(this.cell(place));
      if (type === WALL || type === DOOR) return distance;
    }
  }

  /**
   * The shortest path to an accepted place over seen, passable cells.
   *
   * @param through Where there is none, look for one that leads through objects as late as possible.
   */
  path(accept: Accept, through = false): Path | undefined {
    const states = this.#states;
    states[0] = 4 * this.agent + this.world.direction;
    this.#sources[0] = ROOT;
    const [first, second] = this.#before;
    const visits = this.#search(first, 1, accept, false);
    if (visits < 0) return this.#trace(~visits, false);
    if (!through) return undefined;
    for (let i = 0; i < visits; i++) {
      states[i] = 4 * this.#visited[i]!;
      this.#sources[i] = ROOT;
    }
    const blocked = this.#search(second, visits, accept, true);
    return blocked < 0 ? this.#trace(~blocked, true) : undefined;
  }

  /**
   * The nearest place where what is carried would not block the way, or any free one, or NOWHERE.
   *
   * @param except A place that something else shall be dropped on.
   */
  dropPlace(except = NOWHERE): number {
    const free: Accept = (place, cell) =>
      place !== this.agent && place !== except && this.seen[place] === 1 && typeOf(cell) === EMPTY;
    const open: Accept = (place, cell) => free(place, cell) && this.#leavesWay(place, except);
    const path = this.path(open) ?? this.path(free) ?? this.path(open, true) ??
      this.path(free, true);
    return path?.end ?? NOWHERE;
  }

  /** Copies what another search of the same size has seen. */
  copyFrom(other: Search): void {
    this.seen.set(other.seen);
  }

  /**
   * Searches from the first `queued` states.
   *
   * @returns The complement of the accepted place, or the number of places visited in vain.
   */
  #search(before: Int32Array, queued: number, accept: Accept, through: boolean): number {
    const states = this.#states, sources = this.#sources, { offsets, seen } = this;
    const { cells } = this.world.worlds, base = this.#base;
    before.fill(UNVISITED);
    let visits = 0;
    for (let head = 0; head < queued; head++) {
      const state = states[head]!, place = state >> 2;
      if (before[place] !== UNVISITED) continue;
      before[place] = sources[head]!;
      const cell = cells[base + place]!;
      if (accept(place, cell)) return ~place;
      if (!through) this.#visited[visits] = place;
      visits++;
      if (seen[place] === 0 || !(isPassable(cell) || through && isPortable(cell))) continue;
      for (let k = 0; k < 4; k++) {
        const direction = (state & 3) ^ TURNS[k]!, next = place + offsets[direction]!;
        if (before[next] !== UNVISITED) continue;
        states[queued] = 4 * next + direction;
        sources[queued++] = place;
      }
    }
    return visits;
  }

  #trace(end: number, blocked: boolean): Path {
    const [first, second] = this.#before;
    let next = end, place = end, length = 0;
    const follow = (before: Int32Array) => {
      while (before[place] !== ROOT) {
        next = place;
        place = before[place]!;
        length++;
      }
    };
    if (blocked) follow(second);
    follow(first);
    return { end, next, length, blocked };
  }

  /**
   * Whether an object at a place leaves its neighbours connected: among the eight around it, the
   * free ones are one run, and every object touches one of them.
   */
  #leavesWay(place: number, except: number): boolean {
    const [right, down, left, up] = this.offsets;
    const ring = [
      left + up,
      up,
      right + up,
      right,
      right + down,
      down,
      left + down,
      left,
    ].map((offset) => this.#surrounding(place + offset, except));
    let changes = 0;
    for (let i = 0; i < 8; i++) {
      const previous = ring[(i + 7) % 8]!, next = ring[(i + 1) % 8]!;
      if ((ring[i] === "free") !== (next === "free")) changes++;
      if (ring[i] === "object" && previous !== "free" && next !== "free") return false;
    }
    return changes <= 2;
  }

  #surrounding(place: number, except: number): "wall" | "free" | "object" {
    if (this.seen[place] === 0) return "object";
    const cell = this.cell(place);
    if (typeOf(cell) === WALL) return "wall";
    const free = (isPassable(cell) || place === this.agent) && place !== except;
    return free ? "free" : "object";
  }
}
