/** Places objects and the agent in a world's rooms, drawing in Minigrid's order. */

import {
  BALL,
  BOX,
  DIRECTION_X,
  DIRECTION_Y,
  DOOR,
  EMPTY,
  KEY,
  packCell,
  typeOf,
  WALL,
} from "./cells.ts";
import { RANDOM, REJECTED, RoomBuilder, type RoomPlan } from "./rooms.ts";
import type { Stream } from "./streams.ts";
import type { Worlds } from "./worlds.ts";

/** Tries before a placement gives the world up, as in Minigrid. */
const PLACEMENT_TRIES = 1001;

/**
 * Poses drawn in vain before a room is searched for one that the agent can have. Minigrid draws on for
 * ever where there is none; such a world is given up here.
 */
const POSES_BEFORE_DOUBT = 256;

/** The object types in the order in which Minigrid draws them. */
const KINDS = [KEY, BALL, BOX] as const;

/** Where the agent stands and faces. */
export interface Pose {
  readonly place: number;
  readonly direction: number;
}

/** Fills the rooms. */
export class ObjectBuilder extends RoomBuilder {
  /** Whether what stands where is the same in every world, and only pose and goal are drawn. */
  layoutIsFixed = false;
  /** The agent's pose where it is given, not drawn. */
  fixedPose: Pose | null = null;

  /** [height] bit x: the agent can get to the cell. */
  readonly #reached: Int32Array;
  #kindsPlaced = 0;
  #mustReach = false;
  #awaited: (() => void) | null = null;

  constructor(worlds: Worlds, plan: RoomPlan, random: Stream) {
    super(worlds, plan, random);
    this.#reached = new Int32Array(worlds.height);
  }

  /** Empties the world. */
  override begin(): void {
    super.begin();
    this.#kindsPlaced = 0;
    this.#mustReach = false;
    this.#awaited = null;
  }

  /** Adds a key, ball or box to a room, at least two steps from the agent; returns its id. */
  object(column: number, row: number, type: number = RANDOM, color: number = RANDOM): number {
    if (type === RANDOM) type = KINDS[this.layoutRandom.integers(0, 3)]!;
    if (color === RANDOM) color = this.color();
    return this.#put(this.#freePlace(this.layoutRandom, column, row, true), type, color);
  }

  /** Adds a key to a room; returns its id. */
  key(column: number, row: number, color: number): number {
    return this.object(column, row, KEY, color);
  }

  /** Adds a ball on the left of a door; returns its id. */
  ballBefore(door: number, color: number): number {
    return this.#put(this.worlds.objectPlace[this.row + door]! - 1, BALL, color);
  }

  /** Gives an object another colour. */
  paint(id: number, color: number): void {
    const { worlds, row } = this, cell = packCell(typeOf(worlds.objectCell[row + id]!), color);
    worlds.objectCell[row + id] = worlds.cells[this.base + worlds.objectPlace[row + id]!] = cell;
  }

  /** Puts a new object into a box. */
  fill(box: number, type: number, color: number): void {
    const id = this.addId(packCell(type, color), -1);
    this.worlds.contents[this.row + box] = id;
  }

  /**
   * Adds `count` random objects; returns the id of the first, from which the others follow.
   *
   * @param unique Whether no two objects of the world may share type and colour.
   * @param column The room's column, RANDOM for another one for each object; likewise `row`.
   */
  distractors(
    count: number,
    unique: boolean,
    column: number = RANDOM,
    row: number = RANDOM,
  ): number {
    const random = this.layoutRandom, first = this.worlds.objects[this.index]!;
    for (let added = 0; added < count;) {
      const color = this.color();
      const type = KINDS[random.integers(0, 3)]!;
      if (unique && this.#kindsPlaced & kindBit(type, color)) continue;
      const i = column === RANDOM ? random.integers(0, this.plan.columns) : column;
      const j = row === RANDOM ? random.integers(0, this.plan.rows) : row;
      this.object(i, j, type, color);
      added++;
    }
    return first;
  }

  /**
   * Places the agent in a room, facing a wall or an empty cell.
   *
   * @param column The room's column, RANDOM for any; likewise `row`.
   * @param except A room that the agent must not start in, or -1.
   */
  agent(column: number = RANDOM, row: number = RANDOM, except = -1): void {
    if (!this.layoutIsFixed) return this.#stand(column, row, except);
    // Objects keep their distance from the agent: a fixed layout has an agent of its own until all
    // of it stands.
    this.#drawPose(this.layoutRandom, column, row, except);
    this.#awaited = () => this.#stand(column, row, except);
  }

  /** Puts the agent where it belongs if the layout's own one stood in for it. */
  settleAgent(): void {
    if (this.#awaited === null) return;
    this.#awaited();
    this.#awaited = null;
    if (this.#mustReach && !this.reachable()) throw REJECTED;
  }

  /** Rejects the world unless the agent could touch every object without moving another. */
  requireReachable(): void {
    this.#mustReach = true;
    if (!this.reachable()) throw REJECTED;
  }

  /** Whether the agent can reach all objects; doors, locked or not, count as open. */
  reachable(): boolean {
    const { worlds, index } = this, agent = worlds.agent[index]!;
    this.#flood(worlds.xOf(agent), worlds.yOf(agent));
    const reached = this.#reached;
    for (let id = 1; id < worlds.objects[index]!; id++) {
      const place = worlds.objectPlace[this.row + id]!;
      if (place < 0) continue;
      const x = worlds.xOf(place), y = worlds.yOf(place);
      const beside = reached[y]! << 1 | reached[y]! >> 1 | reached[y - 1]! | reached[y + 1]!;
      const isDoor = typeOf(worlds.objectCell[this.row + id]!) === DOOR;
      if (((isDoor ? reached[y]! : beside) >> x & 1) === 0) return false;
    }
    return true;
  }

  /** Spreads from a cell over free ones, a row of bits at a time, down and up until nothing changes. */
  #flood(x: number, y: number): void {
    const free = this.free, reached = this.#reached.fill(0), last = reached.length - 1;
    reached[y] = spreadRow(1 << x, free[y]!);
    let changed = true;
    while (changed) {
      changed = false;
      for (let k = 1; k < 2 * last; k++) {
        const row = k <= last ? k : 2 * last - k;
        const beside = (reached[row - 1]! | reached[row + 1]!) & free[row]!;
        if ((beside & ~reached[row]!) === 0) continue;
        reached[row] = spreadRow(reached[row]! | beside, free[row]!);
        changed = true;
      }
    }
  }

  #stand(column: number, row: number, except: number): void {
    if (this.fixedPose === null) this.#drawPose(this.poseRandom, column, row, except);
    else this.#takePose(this.fixedPose, except);
  }

  #drawPose(random: Stream, column: number, row: number, except: number): void {
    const { worlds, index, plan } = this;
    do {
      const i = column === RANDOM ? random.integers(0, plan.columns) : column;
      const j = row === RANDOM ? random.integers(0, plan.rows) : row;
      let poses = 0;
      do {
        if (++poses === POSES_BEFORE_DOUBT && !this.#hasPose(i, j)) throw REJECTED;
        worlds.agent[index] = -1;
        worlds.agent[index] = this.#freePlace(random, i, j, false);
        worlds.direction[index] = random.integers(0, 4);
      } while (!this.#facesNothing());
    } while (except >= 0 && this.agentRoom() === except);
  }

  /**
   * Whether an agent can stand anywhere in a room and face a wall or an empty cell. It is found by
   * moving the agent.
   */
  #hasPose(column: number, row: number): boolean {
    const { worlds, index, plan: { roomSize } } = this;
    const left = column * (roomSize - 1), top = row * (roomSize - 1);
    for (let cell = 0; cell < roomSize * roomSize; cell++) {
      const place = worlds.placeOf(left + cell % roomSize, top + Math.floor(cell / roomSize));
      if (worlds.cells[this.base + place] !== EMPTY) continue;
      worlds.agent[index] = place;
      for (let direction = 0; direction < 4; direction++) {
        worlds.direction[index] = direction;
        if (this.#facesNothing()) return true;
      }
    }
    return false;
  }

  #takePose({ place, direction }: Pose, except: number): void {
    const { worlds, index } = this;
    worlds.agent[index] = place;
    worlds.direction[index] = direction;
    const isFree = worlds.cells[this.base + place] === EMPTY && this.#facesNothing();
    if (!isFree || this.agentRoom() === except) throw REJECTED;
  }

  #facesNothing(): boolean {
    const { worlds, index } = this, direction = worlds.direction[index]!;
    const front = worlds.agent[index]! + DIRECTION_X[direction]! +
      DIRECTION_Y[direction]! * worlds.stride;
    const type = typeOf(worlds.cells[this.base + front]!);
    return type === EMPTY || type === WALL;
  }

  #freePlace(random: Stream, column: number, row: number, apart: boolean): number {
    const { worlds, index, plan: { roomSize } } = this;
    const left = column * (roomSize - 1), top = row * (roomSize - 1);
    const agent = worlds.agent[index]!;
    const agentX = apart ? worlds.xOf(agent) : 0, agentY = apart ? worlds.yOf(agent) : 0;
    for (let tries = 0; tries < PLACEMENT_TRIES; tries++) {
      const x = random.integers(left, left + roomSize), y = random.integers(top, top + roomSize);
      const place = worlds.placeOf(x, y);
      if (worlds.cells[this.base + place] !== EMPTY || place === agent) continue;
      if (apart && Math.abs(x - agentX) + Math.abs(y - agentY) < 2) continue;
      return place;
    }
    throw REJECTED;
  }

  #put(place: number, type: number, color: number): number {
    const id = this.addId(packCell(type, color), place);
    this.worlds.cells[this.base + place] = packCell(type, color);
    this.worlds.objectAt[this.base + place] = id;
    this.#kindsPlaced |= kindBit(type, color);
    return id;
  }
}

/** One bit for each type and colour. */
function kindBit(type: number, color: number): number {
  return 1 << (type - KEY) * 6 + color;
}

/** The bits of `free` in one run with a bit of `seeds`, which are among them. */
function spreadRow(seeds: number, free: number): number {
  // A carry runs upwards through free bits; downwards, spans double.
  let bits = seeds | (free ^ (free + seeds)) & free;
  for (let span = 1, run = free; span < 32; run &= run >> span, span *= 2) {
    bits |= run & bits >> span;
  }
  return bits;
}
