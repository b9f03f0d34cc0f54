/**
 * N worlds of one size as a struct of arrays: the whole state of the engine apart from the random
 * generators. Row i of every column belongs to world i. Nothing here allocates after construction.
 *
 * A grid is stored with a margin of walls, wide enough that no field of view leaves it; positions
 * inside the engine are indices into that padded grid ("places"), and x, y only at its edges.
 */

import { WALL_CELL } from "./cells.ts";
import { MAX_ACTIONS, MISSION_BYTES } from "./missions.ts";

/** Objects a world can hold; ids run from 1 to MAX_OBJECTS - 1, and 0 means none. */
export const MAX_OBJECTS = 64;

/** The columns of N worlds. */
export class Worlds {
  /** Cells per row of the padded grid. */
  readonly stride: number;
  /** Cells of a padded grid. */
  readonly size: number;
  /** [size] x and y of the places; negative in the margin. */
  readonly #x: Int8Array;
  readonly #y: Int8Array;

  /** [N, size] packed cells (cells.ts). */
  readonly cells: Uint8Array;
  /** [N, size] ids of the objects in the cells; walls have none. */
  readonly objectAt: Uint8Array;
  /** [N, size] bit d: the cell held an object of description d when positions were last updated. */
  readonly marks: Uint8Array;

  /** [N] place of the agent. */
  readonly agent: Int32Array;
  /** [N] direction of the agent: 0 right, 1 down, 2 left, 3 up. */
  readonly direction: Uint8Array;
  /** [N] id of the object carried. */
  readonly carrying: Uint8Array;
  /** [N] steps since the reset. */
  readonly steps: Int32Array;
  /** [N] step limit of the episode. */
  readonly maxSteps: Int32Array;
  /** [N] 1 where something that an instruction tracks has moved since positions were updated. */
  readonly moved: Uint8Array;

  /** [N] number of ids in use, the unused id 0 included. */
  readonly objects: Uint8Array;
  /** [N, MAX_OBJECTS] type and colour, packed; the state of a door is in its cell. */
  readonly objectCell: Uint8Array;
  /** [N, MAX_OBJECTS] place of the object, or -1 where it is carried, in a box or gone. */
  readonly objectPlace: Int32Array;
  /** [N, MAX_OBJECTS] place of the object when the episode started. */
  readonly objectStart: Int32Array;
  /** [N, MAX_OBJECTS] id of what a box contains. */
  readonly contents: Uint8Array;
  /** [N, MAX_OBJECTS] bit d: the object matched description d when the episode started. */
  readonly members: Uint8Array;

  /** [N, MISSION_BYTES] the stored missions (missions.ts). */
  readonly missions: Uint8Array;
  /** [N] 1 where the group of actions that comes first is done. */
  readonly ledDone: Uint8Array;
  /** [N, MAX_ACTIONS] 1 where an action of a pair in any order is done. */
  readonly done: Uint8Array;
  /** [N, MAX_ACTIONS] id of what was carried when the action was last verified. */
  readonly held: Uint8Array;

  /**
   * @param count Number of worlds, N.
   * @param width Cells along x, outer walls included.
   * @param height Cells along y, outer walls included.
   * @param margin Walls around each grid: the view's size less 2 suffices.
   */
  constructor(
    readonly count: number,
    readonly width: number,
    readonly height: number,
    readonly margin: number,
  ) {
    this.stride = width + 2 * margin;
    this.size = this.stride * (height + 2 * margin);
    this.#x = Int8Array.from({ length: this.size }, (_, place) => place % this.stride - margin);
    this.#y = Int8Array.from(
      { length: this.size },
      (_, place) => Math.floor(place / this.stride) - margin,
    );
    this.cells = new Uint8Array(count * this.size).fill(WALL_CELL);
    this.objectAt = new Uint8Array(count * this.size);
    this.marks = new Uint8Array(count * this.size);
    this.agent = new Int32Array(count);
    this.direction = new Uint8Array(count);
    this.carrying = new Uint8Array(count);
    this.steps = new Int32Array(count);
    this.maxSteps = new Int32Array(count);
    this.moved = new Uint8Array(count);
    this.objects = new Uint8Array(count);
    this.objectCell = new Uint8Array(count * MAX_OBJECTS);
    this.objectPlace = new Int32Array(count * MAX_OBJECTS);
    this.objectStart = new Int32Array(count * MAX_OBJECTS);
    this.contents = new Uint8Array(count * MAX_OBJECTS);
    this.members = new Uint8Array(count * MAX_OBJECTS);
    this.missions = new Uint8Array(count * MISSION_BYTES);
    this.ledDone = new Uint8Array(count);
    this.done = new Uint8Array(count * MAX_ACTIONS);
    this.held = new Uint8Array(count * MAX_ACTIONS);
  }

  /** All columns by name, to be saved and loaded. */
  get columns(): Readonly<Record<string, Uint8Array | Int32Array>> {
    const columns = Object.entries(this).filter(([, value]) => ArrayBuffer.isView(value));
    return Object.fromEntries(columns);
  }

  /** The place of a position. */
  placeOf(x: number, y: number): number {
    return (y + this.margin) * this.stride + x + this.margin;
  }

  /** The x of a place. */
  xOf(place: number): number {
    return this.#x[place]!;
  }

  /** The y of a place. */
  yOf(place: number): number {
    return this.#y[place]!;
  }
}
