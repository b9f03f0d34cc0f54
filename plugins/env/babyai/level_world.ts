/** A world of a level of one's own while it is built: {@linkcode Builder} in words, and checked. */
import { TandemError } from "@tandem/core";
import { didYouMean, quote } from "@tandem/core/internal";
import { type Builder, target } from "./builder.ts";
import { BALL, BOX, COLOR_NAMES, DOOR, KEY, TYPE_NAMES } from "./cells.ts";
import { PLACES } from "./instructions.ts";
import { AFTER, ANY, BEFORE } from "./missions.ts";
import { RANDOM, REJECTED } from "./rooms.ts";

/** Minigrid's numbers of what can be spoken of. */
const TYPES = { door: DOOR, key: KEY, ball: BALL, box: BOX } as const;

/** The sides of a room, in the order of Minigrid's directions. */
const SIDES = ["right", "below", "left", "above"] as const;

/** Actions before and behind "then" at most. */
const GROUP = 2;

/** What an object is. */
export type ObjectType = "door" | "key" | "ball" | "box";

/** What colour an object has. */
export type ObjectColor = "red" | "green" | "blue" | "purple" | "yellow" | "grey";

/** A room: its column and its row, from 0 on. */
export type Room = readonly [column: number, row: number];

/** Which objects a mission speaks of; what is left out may be anything. */
export interface Described {
  /** What they are. */
  readonly type?: ObjectType;
  /** The colour they have. */
  readonly color?: ObjectColor;
  /** Where they are, seen from where the agent stands at the start, within its room. */
  readonly place?: "left" | "right" | "front" | "behind";
}

/** An object that stands in the world. A mission that names it speaks of its type and its colour. */
export interface Placed extends Described {
  /** What it is. */
  readonly type: ObjectType;
  /** The colour it has. */
  readonly color: ObjectColor;
}

/** What an object shall be and where; what is left out is drawn. */
export interface ObjectPlan {
  /** What it is. */
  readonly type?: "key" | "ball" | "box";
  /** The colour it has. */
  readonly color?: ObjectColor;
  /** The room it lies in. */
  readonly room?: Room;
}

/** What a door shall be and where; what is left out is drawn, and a door is not locked. */
export interface DoorPlan {
  /** The room whose door it is; it leads to the neighbour on its side. */
  readonly room: Room;
  /** The side of the room. */
  readonly side?: "right" | "below" | "left" | "above";
  /** The colour it has, and the key that opens it. */
  readonly color?: ObjectColor;
  /** Whether a key is needed. */
  readonly locked?: boolean;
}

/** What a level's `build` is handed: an empty world, to be furnished and given its mission. */
export class LevelWorld {
  readonly #builder: Builder;
  /** Actions of the mission so far, and of its part behind "then". */
  #actions = 0;
  #isSecond = false;

  /** @internal */
  constructor(builder: Builder) {
    this.#builder = builder;
  }

  /** Puts the agent somewhere in a room, any where it is left out. Without it, it stands in the middle. */
  agent(room?: Room): void {
    this.#builder.agent(...this.#room(room));
  }

  /** Adds a key, a ball or a box, two steps from the agent at least. */
  object({ type, color, room }: ObjectPlan = {}): Placed {
    const b = this.#builder, { columns, rows } = b.plan;
    const [column, row] = this.#room(room);
    return this.#placed(b.object(
      column === RANDOM ? b.layoutRandom.integers(0, columns) : column,
      row === RANDOM ? b.layoutRandom.integers(0, rows) : row,
      type === undefined ? RANDOM : TYPES[oneOf("type", type, ["key", "ball", "box"])],
      colorNumber(color) ?? RANDOM,
    ));
  }

  /** Adds drawn objects; `alike` allows two of the same type and colour. */
  objects(count: number, { room, alike = false }: { room?: Room; alike?: boolean } = {}): Placed[] {
    if (!alike && count > this.#kindsLeft()) {
      throw wrong(`There are no ${count} objects left of which no two are alike; say alike: true`);
    }
    const first = this.#builder.distractors(count, !alike, ...this.#room(room));
    return Array.from({ length: count }, (_, i) => this.#placed(first + i));
  }

  /** Adds a door between a room and its neighbour. */
  door({ room, side, color, locked = false }: DoorPlan): Placed {
    const b = this.#builder, [column, row] = this.#room(room);
    const towards = side === undefined ? RANDOM : SIDES.indexOf(oneOf("side", side, SIDES));
    const free = [0, 1, 2, 3].filter((each) =>
      b.hasNeighbor(column, row, each) && !b.hasDoor(column, row, each)
    );
    if (towards === RANDOM ? free.length === 0 : !free.includes(towards)) {
      const where = side === undefined ? "" : ` on its side ${quote(side)}`;
      throw wrong(`The room [${room}] has no neighbour${where} that it has no door to`);
    }
    return this.#placed(b.door(column, row, towards, colorNumber(color) ?? RANDOM, locked));
  }

  /** Adds doors until every room can be reached but those that have a locked one. */
  connectRooms(): void {
    this.#builder.connectAll();
  }

  /** Draws the world again unless the agent can touch every object without moving another. */
  requireReachable(): void {
    this.#builder.requireReachable();
  }

  /** Draws the world again. */
  reject(): never {
    throw REJECTED;
  }

  /** One of some things, each as likely as the next. */
  choose<T>(items: readonly T[]): T {
    if (items.length === 0) throw wrong("There is nothing to choose from");
    return this.#builder.chooseGoal(items);
  }

  /** "go to ..." */
  goTo(object: Described): void {
    this.#act();
    this.#builder.goTo(targetOf(object));
  }

  /** "open ...", a door. */
  open(door: Described): void {
    this.#act();
    this.#builder.open(targetOf(door));
  }

  /** "pick up ..." */
  pickUp(object: Described): void {
    this.#act();
    this.#builder.pickUp(targetOf(object));
  }

  /** "put ... next to ..." */
  putNextTo(moved: Described, fixed: Described): void {
    this.#act();
    this.#builder.putNext(targetOf(moved), targetOf(fixed));
  }

  /** "..., then ...": what follows is to be done afterwards. */
  then(): void {
    this.#goOn(BEFORE);
  }

  /** "... after you ...": what follows is to be done before. */
  after(): void {
    this.#goOn(AFTER);
  }

  /**
   * Looks whether it is whole, once it was built.
   *
   * @internal
   * @throws {TandemError} E_LEVEL where there is nothing to do.
   */
  finish(): void {
    if (this.#actions === 0) throw wrong("Its build gives no mission; end it with one, as goTo()");
  }

  #act(): void {
    if (++this.#actions > GROUP) {
      throw wrong(`Its mission has more than ${GROUP} things to do side by side`);
    }
  }

  #goOn(order: number): void {
    if (this.#isSecond) throw wrong("Its mission has more than two parts");
    this.finish();
    this.#isSecond = true;
    this.#actions = 0;
    this.#builder.then(order);
  }

  #room(room: Room | undefined): [column: number, row: number] {
    if (room === undefined) return [RANDOM, RANDOM];
    const { columns, rows } = this.#builder.plan;
    const isThere = (at: unknown, count: number) =>
      Number.isInteger(at) && at as number >= 0 && at as number < count;
    if (isThere(room[0], columns) && isThere(room[1], rows)) return [...room];
    throw wrong(`It has no room [${room}]; columns are 0 to ${columns - 1}, rows 0 to ${rows - 1}`);
  }

  /** How many of the keys, balls and boxes of all colours do not stand here yet. */
  #kindsLeft(): number {
    const b = this.#builder, kinds = new Set<number>();
    for (let id = 1; id < b.worlds.objects[b.index]!; id++) {
      if (b.typeOf(id) !== DOOR) kinds.add(b.like(id));
    }
    return 3 * COLOR_NAMES.length - kinds.size;
  }

  #placed(id: number): Placed {
    const b = this.#builder;
    return {
      type: TYPE_NAMES[b.typeOf(id)] as ObjectType,
      color: COLOR_NAMES[b.colorOf(id)]!,
    };
  }
}

function targetOf({ type, color, place }: Described): number {
  return target(
    type === undefined ? ANY : TYPES[oneOf("type", type, Object.keys(TYPES))],
    colorNumber(color) ?? ANY,
    place === undefined ? ANY : PLACES.indexOf(oneOf("place", place, PLACES)),
  );
}

function colorNumber(color: ObjectColor | undefined): number | undefined {
  return color === undefined ? undefined : COLOR_NAMES.indexOf(oneOf("color", color, COLOR_NAMES));
}

/** @throws {TandemError} E_LEVEL unless a word is one of some. */
function oneOf<W extends string>(what: string, word: W, words: readonly string[]): W {
  if (words.includes(word)) return word;
  const hint = didYouMean(word, words) || ` It may be ${words.join(", ")}.`;
  throw new TandemError("E_LEVEL", `No ${what} is called ${quote(word)}.${hint}`);
}

function wrong(sentence: string): TandemError {
  return new TandemError("E_LEVEL", `${sentence}.`);
}
