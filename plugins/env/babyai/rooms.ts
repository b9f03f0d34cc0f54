/**
 * Builds the rooms of one world: walls, doors, objects and the agent, drawing from NumPy's
 * generator in Minigrid's order (minigrid/core/roomgrid.py), on which the worlds depend.
 */

import type { Pcg64 } from "../../../core/random.ts";
import {
  BALL,
  BOX,
  CLOSED,
  COLORS_BY_NAME,
  DIRECTION_X,
  DIRECTION_Y,
  DOOR,
  EMPTY,
  KEY,
  LOCKED,
  OPEN,
  packCell,
  typeOf,
  WALL,
  WALL_CELL,
} from "./cells.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** Stands for a choice that is left to chance. */
export const RANDOM = -1;

/** Sides of a room, which are also directions. */
export const RIGHT_SIDE = 0;
export const LOWER_SIDE = 1;
export const LEFT_SIDE = 2;
export const UPPER_SIDE = 3;

/** Thrown where a world must be drawn again. One value, since making errors costs time. */
export const REJECTED: Readonly<{ reason: string }> = Object.freeze({ reason: "world rejected" });

/** A door's entry where the wall between two rooms is gone. */
const NO_WALL = 255;

/** Tries before a placement gives the world up, as in Minigrid. */
const PLACEMENT_TRIES = 1001;
const CONNECTION_TRIES = 5001;

/** The object types in the order in which Minigrid draws them. */
const KINDS = [KEY, BALL, BOX] as const;

/** The number and size of a world's rooms. */
export interface RoomPlan {
  /** Cells along a room's side, walls included. */
  readonly roomSize: number;
  readonly columns: number;
  readonly rows: number;
}

/** Places walls, doors, objects and the agent of one world at a time. */
export class RoomBuilder {
  /** Where draws come from: what stands where, the agent's pose, and the goal. */
  layoutRandom: Pcg64;
  poseRandom: Pcg64;
  goalRandom: Pcg64;
  /** The world that is built. */
  index = 0;

  readonly #template: Uint8Array;
  readonly #neighbor: Int8Array;
  readonly #doorPlace: Int16Array;
  readonly #doors: Uint8Array;
  readonly #locked: Uint8Array;
  readonly #stack: Int16Array;
  readonly #reached: Uint8Array;
  #base = 0;
  #row = 0;
  #kindsPlaced = 0;

  constructor(readonly worlds: Worlds, readonly plan: RoomPlan, random: Pcg64) {
    this.layoutRandom = this.poseRandom = this.goalRandom = random;
    const { columns, rows } = plan, rooms = columns * rows;
    this.#template = wallsOf(worlds, plan);
    this.#doorPlace = new Int16Array(4 * rooms);
    this.#doors = new Uint8Array(4 * rooms);
    this.#locked = new Uint8Array(rooms);
    this.#stack = new Int16Array(4 * worlds.size);
    this.#reached = new Uint8Array(worlds.size);
    this.#neighbor = Int8Array.from({ length: 4 * rooms }, (_, i) => {
      const column = (i >> 2) % columns + DIRECTION_X[i & 3]!;
      const row = Math.floor((i >> 2) / columns) + DIRECTION_Y[i & 3]!;
      return column < 0 || column >= columns || row < 0 || row >= rows
        ? -1
        : row * columns + column;
    });
  }

  /** Empties the world: rooms without doors, the agent in the middle, facing right. */
  begin(): void {
    const { worlds, index } = this;
    this.#base = index * worlds.size;
    this.#row = index * MAX_OBJECTS;
    this.#kindsPlaced = 0;
    this.#doors.fill(0);
    this.#locked.fill(0);
    worlds.cells.set(this.#template, this.#base);
    worlds.objectAt.fill(0, this.#base, this.#base + worlds.size);
    worlds.objects[index] = 1;
    worlds.carrying[index] = 0;
    this.#drawDoorPlaces();
    const { columns, rows, roomSize } = this.plan;
    worlds.agent[index] = worlds.placeOf(
      (columns >> 1) * (roomSize - 1) + (roomSize >> 1),
      (rows >> 1) * (roomSize - 1) + (roomSize >> 1),
    );
    worlds.direction[index] = 0;
  }

  /** The id of a random object of `count` from `first` on. */
  pick(first: number, count: number): number {
    return first + this.goalRandom.integers(0, count);
  }

  /** A random colour. */
  color(): number {
    return COLORS_BY_NAME[this.layoutRandom.integers(0, 6)]!;
  }

  /** `count` different colours in random order. */
  colors(count: number): number[] {
    const left: number[] = [...COLORS_BY_NAME];
    return Array.from(
      { length: count },
      () => left.splice(this.layoutRandom.integers(0, left.length), 1)[0]!,
    );
  }

  /** Adds a key, ball or box to a room, at least two steps from the agent; returns its id. */
  object(column: number, row: number, type: number = RANDOM, color: number = RANDOM): number {
    if (type === RANDOM) type = KINDS[this.layoutRandom.integers(0, 3)]!;
    if (color === RANDOM) color = this.color();
    return this.#put(this.#freePlace(this.layoutRandom, column, row, true), type, color);
  }

  /** Adds an object at a place; returns its id. */
  objectAtPlace(place: number, type: number, color: number): number {
    return this.#put(place, type, color);
  }

  /** Puts a new object into a box. */
  fill(box: number, type: number, color: number): void {
    const id = this.#newId(packCell(type, color), -1);
    this.worlds.contents[this.#row + box] = id;
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
   * Adds a door to a room; returns its id.
   *
   * @param side RANDOM for any side that has a neighbour and no door yet.
   * @param locked Left out: locked half of the time.
   */
  door(
    column: number,
    row: number,
    side: number = RANDOM,
    color: number = RANDOM,
    locked?: boolean,
  ): number {
    const random = this.layoutRandom, room = row * this.plan.columns + column;
    if (side === RANDOM) {
      do side = random.integers(0, 4); while (
        this.#neighbor[4 * room + side]! < 0 || this.#doors[4 * room + side] !== 0
      );
    }
    if (color === RANDOM) color = this.color();
    locked ??= random.integers(0, 2) === 0;
    this.#locked[room] = locked ? 1 : 0;
    const place = this.#doorPlace[4 * room + side]!;
    const id = this.#newId(packCell(DOOR, color), place);
    this.worlds.cells[this.#base + place] = packCell(DOOR, color, locked ? LOCKED : CLOSED);
    this.worlds.objectAt[this.#base + place] = id;
    this.#join(room, side, id);
    return id;
  }

  /** Whether a room has a neighbour on a side. */
  hasNeighbor(column: number, row: number, side: number): boolean {
    return this.#neighbor[4 * (row * this.plan.columns + column) + side]! >= 0;
  }

  /** The ids of the doors of all rooms, by column, row and side: a door has two rooms. */
  doorsByRoom(): number[] {
    const { columns, rows } = this.plan, ids: number[] = [];
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < rows; j++) {
        for (let side = 0; side < 4; side++) {
          const id = this.#doors[4 * (j * columns + i) + side]!;
          if (id !== 0) ids.push(id);
        }
      }
    }
    return ids;
  }

  /** Opens every door, locked or not. */
  openDoors(): void {
    const { worlds } = this;
    for (let id = 1; id < worlds.objects[this.index]!; id++) {
      const cell = worlds.objectCell[this.#row + id]!;
      if (typeOf(cell) !== DOOR) continue;
      worlds.cells[this.#base + worlds.objectPlace[this.#row + id]!] = cell | OPEN << 6;
    }
  }

  /** Takes the wall between a room and its neighbour away. */
  removeWall(column: number, row: number, side: number): void {
    const { worlds, plan: { roomSize, columns } } = this, last = roomSize - 1;
    const x = column * last + (side === RIGHT_SIDE ? last : 0);
    const y = row * last + (side === LOWER_SIDE ? last : 0);
    const step = side === RIGHT_SIDE || side === LEFT_SIDE ? worlds.stride : 1;
    const corner = this.#base + worlds.placeOf(x, y);
    for (let i = 1; i < last; i++) worlds.cells[corner + i * step] = EMPTY;
    this.#join(row * columns + column, side, NO_WALL);
  }

  /** Adds doors until every room can be reached from the agent's; locked rooms get none. */
  connectAll(colors: readonly number[] = COLORS_BY_NAME): void {
    const { layoutRandom: random, plan: { columns, rows } } = this;
    const all = 2 ** (columns * rows) - 1, start = this.agentRoom();
    let reached = this.#connected(start);
    for (let tries = 0; tries < CONNECTION_TRIES; tries++) {
      if (reached === all) return;
      const i = random.integers(0, columns), j = random.integers(0, rows);
      const side = random.integers(0, 4), room = j * columns + i;
      const neighbor = this.#neighbor[4 * room + side]!;
      if (neighbor < 0 || this.#doors[4 * room + side] !== 0) continue;
      if (this.#locked[room] === 1 || this.#locked[neighbor] === 1) continue;
      this.door(i, j, side, colors[random.integers(0, colors.length)]!, false);
      reached = this.#connected(start);
    }
    throw REJECTED;
  }

  /** Places the agent in a room, facing a wall or an empty cell. */
  agent(column: number = RANDOM, row: number = RANDOM): void {
    const { worlds, index, poseRandom: random } = this;
    if (column === RANDOM) column = random.integers(0, this.plan.columns);
    if (row === RANDOM) row = random.integers(0, this.plan.rows);
    let front: number;
    do {
      worlds.agent[index] = -1;
      const place = this.#freePlace(random, column, row, false);
      const direction = random.integers(0, 4);
      worlds.agent[index] = place;
      worlds.direction[index] = direction;
      front = place + DIRECTION_X[direction]! + DIRECTION_Y[direction]! * worlds.stride;
      front = typeOf(worlds.cells[this.#base + front]!);
    } while (front !== EMPTY && front !== WALL);
  }

  /** The room that the agent stands in. */
  agentRoom(): number {
    const { worlds, index, plan } = this, place = worlds.agent[index]!;
    const column = Math.floor(worlds.xOf(place) / (plan.roomSize - 1));
    return Math.floor(worlds.yOf(place) / (plan.roomSize - 1)) * plan.columns + column;
  }

  /** Rejects the world unless the agent could touch every object without moving another. */
  requireReachable(): void {
    if (!this.reachable()) throw REJECTED;
  }

  /** Whether the agent can reach all objects; doors, locked or not, count as open. */
  reachable(): boolean {
    const { worlds, index } = this, cells = worlds.cells, base = this.#base;
    const stack = this.#stack, reached = this.#reached.fill(0), stride = worlds.stride;
    let top = 0;
    stack[top++] = worlds.agent[index]!;
    while (top > 0) {
      const place = stack[--top]!;
      if (reached[place] === 1) continue;
      reached[place] = 1;
      const type = cells[base + place]! & 7;
      if (type !== EMPTY && type !== DOOR) continue;
      stack[top++] = place + 1;
      stack[top++] = place - 1;
      stack[top++] = place + stride;
      stack[top++] = place - stride;
    }
    for (let id = 1; id < worlds.objects[index]!; id++) {
      const place = worlds.objectPlace[this.#row + id]!;
      if (place >= 0 && reached[place] === 0) return false;
    }
    return true;
  }

  #drawDoorPlaces(): void {
    const { worlds, layoutRandom: random, plan: { columns, rows, roomSize } } = this;
    const places = this.#doorPlace, last = roomSize - 1;
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const room = j * columns + i, x = i * last, y = j * last;
        if (i < columns - 1) {
          const place = worlds.placeOf(x + last, random.integers(y + 1, y + last));
          places[4 * room + RIGHT_SIDE] = places[4 * (room + 1) + LEFT_SIDE] = place;
        }
        if (j < rows - 1) {
          const place = worlds.placeOf(random.integers(x + 1, x + last), y + last);
          places[4 * room + LOWER_SIDE] = places[4 * (room + columns) + UPPER_SIDE] = place;
        }
      }
    }
  }

  #freePlace(random: Pcg64, column: number, row: number, apart: boolean): number {
    const { worlds, index, plan: { roomSize } } = this;
    const left = column * (roomSize - 1), top = row * (roomSize - 1);
    const agent = worlds.agent[index]!;
    const agentX = worlds.xOf(agent), agentY = worlds.yOf(agent);
    for (let tries = 0; tries < PLACEMENT_TRIES; tries++) {
      const x = random.integers(left, left + roomSize), y = random.integers(top, top + roomSize);
      const place = worlds.placeOf(x, y);
      if (worlds.cells[this.#base + place] !== EMPTY || place === agent) continue;
      if (apart && Math.abs(x - agentX) + Math.abs(y - agentY) < 2) continue;
      return place;
    }
    throw REJECTED;
  }

  #put(place: number, type: number, color: number): number {
    const id = this.#newId(packCell(type, color), place);
    this.worlds.cells[this.#base + place] = packCell(type, color);
    this.worlds.objectAt[this.#base + place] = id;
    this.#kindsPlaced |= kindBit(type, color);
    return id;
  }

  #newId(cell: number, place: number): number {
    const { worlds, index } = this, id = worlds.objects[index]!;
    if (id === MAX_OBJECTS) throw new RangeError("A level has more objects than a world holds.");
    worlds.objects[index] = id + 1;
    worlds.objectCell[this.#row + id] = cell;
    worlds.objectPlace[this.#row + id] = worlds.objectStart[this.#row + id] = place;
    worlds.contents[this.#row + id] = worlds.members[this.#row + id] = 0;
    return id;
  }

  #join(room: number, side: number, door: number): void {
    this.#doors[4 * room + side] = door;
    this.#doors[4 * this.#neighbor[4 * room + side]! + (side + 2) % 4] = door;
  }

  /** Bit r: room r can be reached from `start` through doors. */
  #connected(start: number): number {
    let reached = 1 << start, open = reached;
    while (open !== 0) {
      const room = 31 - Math.clz32(open);
      open ^= 1 << room;
      for (let side = 0; side < 4; side++) {
        if (this.#doors[4 * room + side] === 0) continue;
        const bit = 1 << this.#neighbor[4 * room + side]!;
        open |= bit & ~reached;
        reached |= bit;
      }
    }
    return reached;
  }
}

function kindBit(type: number, color: number): number {
  return 1 << (type - KEY) * 6 + color;
}

/** The padded grid of a world with walls around all rooms, which are empty. */
function wallsOf(worlds: Worlds, { roomSize, columns, rows }: RoomPlan): Uint8Array {
  const cells = new Uint8Array(worlds.size).fill(WALL_CELL);
  for (let y = 0; y < rows * (roomSize - 1); y++) {
    for (let x = 0; x < columns * (roomSize - 1); x++) {
      const isWall = x % (roomSize - 1) === 0 || y % (roomSize - 1) === 0;
      if (!isWall) cells[worlds.placeOf(x, y)] = EMPTY;
    }
  }
  return cells;
}
