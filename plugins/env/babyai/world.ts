/**
 * One world of a batch, to read: what a bot, a text, a picture or a test asks of it. The engine
 * itself works on the columns of worlds.ts.
 */

import {
  CLOSED,
  colorOf,
  DIRECTION_X,
  DIRECTION_Y,
  EMPTY,
  stateOf,
  typeOf,
  WALL,
} from "./cells.ts";
import type { Description, Instruction } from "./instructions.ts";
import { MISSION_BYTES, readInstruction, readMission } from "./missions.ts";
import { visibleCells } from "./view.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** The id that stands for any wall where walls match a description. */
const WALL_OBJECT = 255;

/** A position, [x, y]. */
export type Position = readonly [x: number, y: number];

/**
 * Objects and positions that match a description. Their order is Minigrid's: by x, then by y. They
 * stand side by side when found; later `positions` follows the objects' moves and `objects` does not.
 */
export interface Match {
  /** Ids of the objects; WALL_OBJECT for a wall. */
  readonly objects: number[];
  readonly positions: Position[];
}

/** A live view of one world: it always shows the present state. */
export class World {
  /**
   * @param worlds The batch.
   * @param index Which world of the batch.
   * @param viewSize Cells along a side of the agent's field of view.
   */
  constructor(
    readonly worlds: Worlds,
    readonly index: number,
    readonly viewSize: number = 7,
  ) {}

  /** Cells along x, outer walls included. */
  get width(): number {
    return this.worlds.width;
  }

  /** Cells along y, outer walls included. */
  get height(): number {
    return this.worlds.height;
  }

  /** The agent's x. */
  get agentX(): number {
    return this.worlds.xOf(this.worlds.agent[this.index]!);
  }

  /** The agent's y. */
  get agentY(): number {
    return this.worlds.yOf(this.worlds.agent[this.index]!);
  }

  /** The agent's direction: 0 right, 1 down, 2 left, 3 up. */
  get direction(): number {
    return this.worlds.direction[this.index]!;
  }

  /** The x of the cell before the agent. */
  get frontX(): number {
    return this.agentX + DIRECTION_X[this.direction]!;
  }

  /** The y of the cell before the agent. */
  get frontY(): number {
    return this.agentY + DIRECTION_Y[this.direction]!;
  }

  /** The id of the object carried, or 0. */
  get carrying(): number {
    return this.worlds.carrying[this.index]!;
  }

  /** Steps since the reset. */
  get steps(): number {
    return this.worlds.steps[this.index]!;
  }

  /** The step limit of the episode. */
  get maxSteps(): number {
    return this.worlds.maxSteps[this.index]!;
  }

  /** The packed cell at a position (cells.ts); a wall anywhere outside. */
  cell(x: number, y: number): number {
    const { worlds } = this;
    return worlds.cells[this.index * worlds.size + worlds.placeOf(x, y)]!;
  }

  /** [height, width] a copy of the packed cells. */
  copyCells(): Uint8Array {
    const { worlds, width, height } = this;
    const copy = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = this.index * worlds.size + worlds.placeOf(0, y);
      for (let x = 0; x < width; x++) copy[y * width + x] = worlds.cells[row + x]!;
    }
    return copy;
  }

  /** The type of what is at a position: EMPTY, WALL, DOOR, KEY, BALL or BOX. */
  typeAt(x: number, y: number): number {
    return typeOf(this.cell(x, y));
  }

  /** The colour of what is at a position; 0 for an empty cell. */
  colorAt(x: number, y: number): number {
    return colorOf(this.cell(x, y));
  }

  /** The state of what is at a position: OPEN, CLOSED or LOCKED for a door, otherwise 0. */
  stateAt(x: number, y: number): number {
    return stateOf(this.cell(x, y));
  }

  /** The id of the object at a position, or 0: empty cells and walls have none. */
  objectAt(x: number, y: number): number {
    const { worlds } = this;
    return worlds.objectAt[this.index * worlds.size + worlds.placeOf(x, y)]!;
  }

  /** The ids of the episode's objects, wherever they are now. */
  get objects(): number[] {
    return Array.from({ length: this.worlds.objects[this.index]! - 1 }, (_, i) => i + 1);
  }

  /** The type of an object: DOOR, KEY, BALL or BOX. */
  objectType(id: number): number {
    return id === WALL_OBJECT ? WALL : typeOf(this.#cellOf(id));
  }

  /** The colour of an object. */
  objectColor(id: number): number {
    return colorOf(this.#cellOf(id));
  }

  /** The id of what a box contains, or 0. */
  contents(id: number): number {
    return this.worlds.contents[this.index * MAX_OBJECTS + id]!;
  }

  /** Where an object is, or null where it is carried, in a box or gone. */
  positionOf(id: number): Position | null {
    const place = this.worlds.objectPlace[this.index * MAX_OBJECTS + id]!;
    return place < 0 ? null : [this.worlds.xOf(place), this.worlds.yOf(place)];
  }

  /** Whether a door is not open: closed or locked. */
  isShut(x: number, y: number): boolean {
    return this.stateAt(x, y) >= CLOSED;
  }

  /**
   * Sets `mask[y * width + x]` to 1 for every cell that the agent sees now; other entries stay.
   *
   * @param mask width x height bytes.
   */
  markVisible(mask: Uint8Array): void {
    const { worlds } = this;
    for (const place of visibleCells(worlds, this.index, this.viewSize)) {
      const x = worlds.xOf(place), y = worlds.yOf(place);
      if (x >= 0 && x < worlds.width && y >= 0 && y < worlds.height) mask[y * worlds.width + x] = 1;
    }
  }

  /** Where a position is as the agent sees it: cells to the right and cells ahead. */
  fromAgent(x: number, y: number): readonly [aside: number, ahead: number] {
    const forwardX = DIRECTION_X[this.direction]!, forwardY = DIRECTION_Y[this.direction]!;
    const dx = x - this.agentX, dy = y - this.agentY;
    return [dy * forwardX - dx * forwardY, dx * forwardX + dy * forwardY];
  }

  /** Whether a position is in the square that the agent faces, seen or hidden. */
  inView(x: number, y: number): boolean {
    const [aside, ahead] = this.fromAgent(x, y);
    return ahead >= 0 && ahead < this.viewSize && Math.abs(aside) <= this.viewSize >> 1;
  }

  /** The instruction of the episode. */
  get instruction(): Instruction {
    return readInstruction(this.worlds.missions, this.index * MISSION_BYTES);
  }

  /** The mission's sentence. */
  get mission(): string {
    return readMission(this.worlds.missions, this.index * MISSION_BYTES);
  }

  /**
   * What one of the episode's descriptions matched when the episode started (`objects`), and where
   * those of them that are on the grid were after the last drop, or at the start (`positions`).
   *
   * @param description One of this world's own instruction (its `slot` is at least 0).
   */
  tracked(description: Description): Match {
    const { worlds, index } = this;
    const bit = 1 << description.slot;
    const starts = new Map<number, number>();
    for (const id of this.objects) {
      const row = index * MAX_OBJECTS + id;
      if (worlds.members[row]! & bit) starts.set(worlds.objectStart[row]!, id);
    }
    const match: Match = { objects: [], positions: [] };
    this.#scan((x, y, place, cell) => {
      const isWall = typeOf(cell) === WALL && matchesKind(description, cell);
      const id = isWall ? WALL_OBJECT : starts.get(place);
      if (id !== undefined) match.objects.push(id);
      if (isWall || worlds.marks[index * worlds.size + place]! & bit) match.positions.push([x, y]);
    });
    return match;
  }

  /** What matches a type and a colour now; null matches any. The description's place is ignored. */
  match(description: Pick<Description, "type" | "color">): Match {
    const match: Match = { objects: [], positions: [] };
    this.#scan((x, y, _place, cell) => {
      if (typeOf(cell) === EMPTY || !matchesKind(description, cell)) return;
      match.objects.push(typeOf(cell) === WALL ? WALL_OBJECT : this.objectAt(x, y));
      match.positions.push([x, y]);
    });
    return match;
  }

  #cellOf(id: number): number {
    return this.worlds.objectCell[this.index * MAX_OBJECTS + id]!;
  }

  #scan(visit: (x: number, y: number, place: number, cell: number) => void): void {
    for (let x = 0; x < this.width; x++) {
      for (let y = 0; y < this.height; y++) {
        visit(x, y, this.worlds.placeOf(x, y), this.cell(x, y));
      }
    }
  }
}

function matchesKind(
  { type, color }: Pick<Description, "type" | "color">,
  cell: number,
): boolean {
  return (type === null || typeOf(cell) === type) && (color === null || colorOf(cell) === color);
}
