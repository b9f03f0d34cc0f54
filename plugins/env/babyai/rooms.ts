/**
 * Builds the rooms of one world, walls and doors, drawing from NumPy's generator in Minigrid's order
 * (minigrid/core/roomgrid.py), on which the worlds depend.
 */

import { TandemError } from "@tandem/core";
import {
  CLOSED,
  COLORS_BY_NAME,
  DIRECTION_X,
  DIRECTION_Y,
  DOOR,
  EMPTY,
  LOCKED,
  OPEN,
  packCell,
  typeOf,
  WALL_CELL,
} from "./cells.ts";
import type { Stream } from "./streams.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** Stands for a choice that is left to chance. */
export const RANDOM = -1;

/** Sides of a room, which are also directions. */
export const RIGHT_SIDE = 0;
const LOWER_SIDE = 1;
export const LEFT_SIDE = 2;
export const UPPER_SIDE = 3;

/** Thrown where a world must be drawn again. One value, since making errors costs time. */
export const REJECTED: Readonly<{ reason: string }> = Object.freeze({ reason: "world rejected" });

/** A door's entry where the wall between two rooms is gone. */
const NO_WALL = 255;

/** Tries before connecting the rooms gives the world up, as in Minigrid. */
const CONNECTION_TRIES = 5001;

/** The number and size of a world's rooms. */
export interface RoomPlan {
  /** Cells along a room's side, walls included. */
  readonly roomSize: number;
  readonly columns: number;
  readonly rows: number;
}

/** Builds the rooms of one world at a time. */
export class RoomBuilder {
  /** Where draws come from: what stands where, the agent's pose, and the goal. */
  layoutRandom: Stream;
  poseRandom: Stream;
  goalRandom: Stream;
  /** The world that is built. */
  index = 0;
  /** Where its grid starts in the batch's cells, and its objects among the batch's. */
  protected base = 0;
  protected row = 0;

  /** [height] bit x: the cell is empty or a door. */
  protected readonly free: Int32Array;
  readonly #template: Uint8Array;
  readonly #freeTemplate: Int32Array;
  readonly #neighbor: Int8Array;
  readonly #doorPlace: Int16Array;
  readonly #doors: Uint8Array;
  readonly #locked: Uint8Array;

  constructor(readonly worlds: Worlds, readonly plan: RoomPlan, random: Stream) {
    this.layoutRandom = this.poseRandom = this.goalRandom = random;
    const { columns, rows } = plan, rooms = columns * rows;
    this.#template = wallsOf(worlds, plan);
    this.#freeTemplate = Int32Array.from({ length: worlds.height }, (_, y) => {
      let row = 0;
      for (let x = 0; x < worlds.width; x++) {
        if (this.#template[worlds.placeOf(x, y)] === EMPTY) row |= 1 << x;
      }
      return row;
    });
    this.free = this.#freeTemplate.slice();
    this.#doorPlace = new Int16Array(4 * rooms);
    this.#doors = new Uint8Array(4 * rooms);
    this.#locked = new Uint8Array(rooms);
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
    this.base = index * worlds.size;
    this.row = index * MAX_OBJECTS;
    this.#doors.fill(0);
    this.#locked.fill(0);
    worlds.cells.set(this.#template, this.base);
    this.free.set(this.#freeTemplate);
    worlds.objectAt.fill(0, this.base, this.base + worlds.size);
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
    const id = this.addId(packCell(DOOR, color), place);
    this.worlds.cells[this.base + place] = packCell(DOOR, color, locked ? LOCKED : CLOSED);
    this.worlds.objectAt[this.base + place] = id;
    this.#join(room, side, id);
    return id;
  }

  /** Calls `visit` with each room's column and row, column by column. */
  everyRoom(visit: (column: number, row: number) => void): void {
    const { columns, rows } = this.plan;
    for (let i = 0; i < columns; i++) for (let j = 0; j < rows; j++) visit(i, j);
  }

  /** Whether a room has a neighbour on a side. */
  hasNeighbor(column: number, row: number, side: number): boolean {
    return this.#neighbor[4 * (row * this.plan.columns + column) + side]! >= 0;
  }

  /** Whether a room has a door on a side, or no wall there. */
  hasDoor(column: number, row: number, side: number): boolean {
    return this.#doors[4 * (row * this.plan.columns + column) + side] !== 0;
  }

  /** The ids of the doors of all rooms, by column, row and side: a door has two rooms. */
  doorsByRoom(): number[] {
    const ids: number[] = [];
    this.everyRoom((i, j) => {
      for (let side = 0; side < 4; side++) {
        const id = this.#doors[4 * (j * this.plan.columns + i) + side]!;
        if (id !== 0) ids.push(id);
      }
    });
    return ids;
  }

  /** Opens every door, locked or not. */
  openDoors(): void {
    const { worlds } = this;
    for (let id = 1; id < worlds.objects[this.index]!; id++) {
      const cell = worlds.objectCell[this.row + id]!;
      if (typeOf(cell) !== DOOR) continue;
      worlds.cells[this.base + worlds.objectPlace[this.row + id]!] = cell | OPEN << 6;
    }
  }

  /** Takes the wall between a room and its neighbour away. */
  removeWall(column: number, row: number, side: number): void {
    const { worlds, plan: { roomSize, columns } } = this, last = roomSize - 1;
    const x = column * last + (side === RIGHT_SIDE ? last : 0);
    const y = row * last + (side === LOWER_SIDE ? last : 0);
    const step = side === RIGHT_SIDE || side === LEFT_SIDE ? worlds.stride : 1;
    const corner = worlds.placeOf(x, y);
    for (let i = 1; i < last; i++) {
      worlds.cells[this.base + corner + i * step] = EMPTY;
      this.#setFree(corner + i * step, true);
    }
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

  /** The room that the agent stands in. */
  agentRoom(): number {
    const { worlds, index, plan } = this, place = worlds.agent[index]!;
    const column = Math.floor(worlds.xOf(place) / (plan.roomSize - 1));
    return Math.floor(worlds.yOf(place) / (plan.roomSize - 1)) * plan.columns + column;
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

  /** Gives a new object its id; `place` is -1 for one that is in no cell. */
  protected addId(cell: number, place: number): number {
    const { worlds, index } = this, id = worlds.objects[index]!;
    if (id === MAX_OBJECTS) {
      throw new TandemError("E_LEVEL", `A level has more objects than ${MAX_OBJECTS - 1}.`);
    }
    worlds.objects[index] = id + 1;
    worlds.objectCell[this.row + id] = cell;
    worlds.objectPlace[this.row + id] = worlds.objectStart[this.row + id] = place;
    worlds.contents[this.row + id] = worlds.members[this.row + id] = 0;
    if (place >= 0) this.#setFree(place, typeOf(cell) === DOOR);
    return id;
  }

  #setFree(place: number, isFree: boolean): void {
    const y = this.worlds.yOf(place), bit = 1 << this.worlds.xOf(place);
    this.free[y] = isFree ? this.free[y]! | bit : this.free[y]! & ~bit;
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
