/**
 * Builds one world with its mission: what a level's declaration is written in. Targets are objects
 * described by type, colour and place (minigrid/envs/babyai/core/verifier.py, ObjDesc).
 */

import {
  colorOf,
  COLORS_BY_NAME,
  DIRECTION_X,
  DIRECTION_Y,
  DOOR,
  GREY,
  KEY,
  LOCKED,
  stateOf,
  typeOf,
  WALL,
} from "./cells.ts";
import {
  ANY,
  DESCRIPTION_AT,
  GOTO,
  KIND_AT,
  MAX_ACTIONS,
  MISSION_BYTES,
  NO_ACTION,
  OPEN_DOOR,
  ORDER_AT,
  PICK_UP,
  PLURAL_AT,
  PUT_NEXT,
  STRICT_AT,
} from "./missions.ts";
import { ObjectBuilder } from "./objects.ts";
import { REJECTED, type RoomPlan } from "./rooms.ts";

/** A described object in one number; ANY leaves a property open. `place` is an index into PLACES. */
export function target(type: number, color: number = ANY, place: number = ANY): number {
  return type | color << 8 | place << 16;
}

/** A level: the rooms it has and how a world of it comes to be. */
export interface Level extends RoomPlan {
  /** The step limit of every episode; null where it grows with the mission. */
  readonly maxSteps: number | null;
  /** Whether keys that open a locked door may not be spoken of. */
  readonly sparesKeys: boolean;
  /** Whether the episode starts with the object to move in the agent's hands. */
  readonly startsCarrying: boolean;
  /** Builds a world and its mission, drawing in the original's order. */
  build(builder: Builder): void;
}

/** Builds worlds of one level. */
export class Builder extends ObjectBuilder {
  /** The last room that a level locked, or -1. It outlasts a rejected world, as in Minigrid. */
  lockedRoom = -1;
  #next = 0;

  /** An object's type and colour. */
  like(id: number): number {
    const cell = this.worlds.objectCell[this.row + id]!;
    return target(typeOf(cell), colorOf(cell));
  }

  /** The colour of an object. */
  colorOf(id: number): number {
    return colorOf(this.worlds.objectCell[this.row + id]!);
  }

  /** The type of an object. */
  typeOf(id: number): number {
    return typeOf(this.worlds.objectCell[this.row + id]!);
  }

  /** Empties the world and the mission. */
  override begin(): void {
    super.begin();
    this.worlds.missions.fill(0, this.#mission, this.#mission + MISSION_BYTES);
    this.#next = 0;
  }

  /** A random integer below `count`, for the goal. */
  drawGoal(count: number): number {
    this.settleAgent();
    return this.goalRandom.integers(0, count);
  }

  /** One of `items` for the goal. */
  chooseGoal<T>(items: readonly T[]): T {
    return items[this.drawGoal(items.length)]!;
  }

  /** The id of one of `count` objects from `first` on, for the goal. */
  pick(first: number, count: number): number {
    return first + this.drawGoal(count);
  }

  /** Another id of the same range: each but `one` as likely as the next. */
  pickOther(first: number, count: number, one: number): number {
    const drawn = first + this.drawGoal(count - 1);
    return drawn < one ? drawn : drawn + 1;
  }

  /** A random colour of all six, or ANY, for the goal. */
  colorOrAny(): number {
    const drawn = this.drawGoal(7);
    return drawn === 0 ? ANY : COLORS_BY_NAME[drawn - 1]!;
  }

  /** "go to ..." */
  goTo(object: number): void {
    this.#add(GOTO, object, 0, false);
  }

  /** "open ..."; strict: opening another door fails. */
  open(object: number, strict = false): void {
    this.#add(OPEN_DOOR, object, 0, strict);
  }

  /** "pick up ..."; strict: picking up another object fails. */
  pickUp(object: number, strict = false): void {
    this.#add(PICK_UP, object, 0, strict);
  }

  /** "put ... next to ..." */
  putNext(moved: number, fixed: number): void {
    this.#add(PUT_NEXT, moved, fixed, false);
  }

  /** Goes on with the mission's second half; BEFORE: it follows the first, AFTER: it precedes it. */
  then(order: number): void {
    this.worlds.missions[this.#mission + ORDER_AT] = order;
    this.#next = 2;
  }

  /** Whether an object matches a target outside a room (-1: anywhere). */
  someMatch(object: number, exceptRoom: number): boolean {
    const { worlds } = this;
    for (let id = 1; id < worlds.objects[this.index]!; id++) {
      if (!this.matches(id, object)) continue;
      const place = worlds.objectPlace[this.row + id]!;
      if (exceptRoom < 0 || !this.isInRoom(worlds.xOf(place), worlds.yOf(place), exceptRoom)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an object matches a target, seen from the agent's present pose. */
  matches(id: number, object: number): boolean {
    const { worlds, index } = this;
    const cell = worlds.objectCell[this.row + id]!, place = worlds.objectPlace[this.row + id]!;
    const type = object & 255, color = object >> 8 & 255, where = object >> 16;
    if (place < 0) return false;
    if (type !== ANY && typeOf(cell) !== type) return false;
    if (color !== ANY && colorOf(cell) !== color) return false;
    if (where === ANY) return true;
    const x = worlds.xOf(place), y = worlds.yOf(place);
    if (!this.isInRoom(x, y, this.agentRoom())) return false;
    const agent = worlds.agent[index]!, direction = worlds.direction[index]!;
    const forwardX = DIRECTION_X[direction]!, forwardY = DIRECTION_Y[direction]!;
    const dx = x - worlds.xOf(agent), dy = y - worlds.yOf(agent);
    const ahead = dx * forwardX + dy * forwardY, right = dy * forwardX - dx * forwardY;
    return where === 0 ? right < 0 : where === 1 ? right > 0 : where === 2 ? ahead > 0 : ahead < 0;
  }

  /** Whether a position is in a room, its walls included. */
  isInRoom(x: number, y: number, room: number): boolean {
    const { roomSize, columns } = this.plan;
    const left = room % columns * (roomSize - 1), top = Math.floor(room / columns) * (roomSize - 1);
    return x >= left && y >= top && x < left + roomSize && y < top + roomSize;
  }

  /** Replaces the mission; rejects the world unless it has the objects spoken of. */
  replaceMission(mission: Uint8Array): void {
    const { missions } = this.worlds;
    missions.set(mission, this.#mission);
    for (let slot = 0; slot < 2 * MAX_ACTIONS; slot++) {
      const kind = missions[this.#mission + KIND_AT + (slot >> 1)]!;
      if (kind === NO_ACTION || (slot % 2 === 1 && kind !== PUT_NEXT)) continue;
      if (!this.someMatch(this.#target(slot), -1)) throw REJECTED;
    }
  }

  /** Rejects missions that are done at the start, contradict themselves, or speak of a locked door's key. */
  validate(sparesKeys: boolean): void {
    const keys = sparesKeys ? this.#lockedColors() : 0;
    for (let action = 0; action < MAX_ACTIONS; action++) {
      const kind = this.worlds.missions[this.#mission + KIND_AT + action]!;
      if (kind === NO_ACTION) continue;
      const first = this.#target(2 * action), second = this.#target(2 * action + 1);
      if (kind === PUT_NEXT) this.#validatePutNext(first, second);
      if (isKeyOf(first, keys) || (kind === PUT_NEXT && isKeyOf(second, keys))) throw REJECTED;
    }
  }

  /** Fixes which objects the mission speaks of and returns the step limit it deserves. */
  finish(level: Level): void {
    const { worlds, index, plan } = this;
    worlds.marks.fill(0, index * worlds.size, (index + 1) * worlds.size);
    let plural = 0, walks = 0;
    for (let action = 0; action < MAX_ACTIONS; action++) {
      const kind = worlds.missions[this.#mission + KIND_AT + action]!;
      if (kind === NO_ACTION) continue;
      if (this.#track(2 * action) > 1) plural |= 1 << 2 * action;
      if (kind === PUT_NEXT && this.#track(2 * action + 1) > 1) plural |= 2 << 2 * action;
      walks += kind === PUT_NEXT ? 2 : 1;
      worlds.done[index * MAX_ACTIONS + action] = worlds.held[index * MAX_ACTIONS + action] = 0;
    }
    worlds.missions[this.#mission + PLURAL_AT] = plural;
    worlds.ledDone[index] = worlds.moved[index] = worlds.steps[index] = 0;
    worlds.maxSteps[index] = level.maxSteps ??
      walks * plan.roomSize ** 2 * plan.columns * plan.rows;
  }

  get #mission(): number {
    return this.index * MISSION_BYTES;
  }

  #add(kind: number, first: number, second: number, strict: boolean): void {
    this.settleAgent();
    const { missions } = this.worlds, action = this.#next++;
    missions[this.#mission + KIND_AT + action] = kind;
    if (strict) missions[this.#mission + STRICT_AT]! |= 1 << action;
    this.#describe(2 * action, first);
    if (kind === PUT_NEXT) this.#describe(2 * action + 1, second);
  }

  #describe(slot: number, object: number): void {
    const { missions } = this.worlds, at = this.#mission + DESCRIPTION_AT + 3 * slot;
    missions[at] = object;
    missions[at + 1] = object >> 8;
    missions[at + 2] = object >> 16;
  }

  #target(slot: number): number {
    const { missions } = this.worlds, at = this.#mission + DESCRIPTION_AT + 3 * slot;
    return target(missions[at]!, missions[at + 1]!, missions[at + 2]!);
  }

  #track(slot: number): number {
    const { worlds, index } = this, object = this.#target(slot);
    let count = matchesWalls(object) ? 2 : 0;
    for (let id = 1; id < worlds.objects[index]!; id++) {
      if (!this.matches(id, object)) continue;
      const row = this.row + id;
      worlds.members[row]! |= 1 << slot;
      worlds.marks[this.base + worlds.objectPlace[row]!]! |= 1 << slot;
      count++;
    }
    return count;
  }

  #validatePutNext(moved: number, fixed: number): void {
    const { worlds, index } = this, count = worlds.objects[index]!;
    for (let a = 1; a < count; a++) {
      if (!this.matches(a, moved)) continue;
      if (this.matches(a, fixed)) throw REJECTED;
      const place = worlds.objectPlace[this.row + a]!;
      for (let b = 1; b < count; b++) {
        const apart = Math.abs(place - worlds.objectPlace[this.row + b]!);
        if ((apart === 1 || apart === worlds.stride) && this.matches(b, fixed)) throw REJECTED;
      }
    }
  }

  /** Bit c: a locked door has colour c. */
  #lockedColors(): number {
    const { worlds, index } = this;
    let colors = 0;
    for (let id = 1; id < worlds.objects[index]!; id++) {
      const row = this.row + id;
      if (typeOf(worlds.objectCell[row]!) !== DOOR) continue;
      const cell = worlds.cells[this.base + worlds.objectPlace[row]!]!;
      if (stateOf(cell) === LOCKED) colors |= 1 << colorOf(cell);
    }
    return colors;
  }
}

/** Minigrid's walls are grey objects: "a grey object" may be one. */
function matchesWalls(object: number): boolean {
  const type = object & 255, color = object >> 8 & 255;
  return (type === ANY || type === WALL) && (color === ANY || color === GREY);
}

function isKeyOf(object: number, colors: number): boolean {
  const color = object >> 8 & 255;
  return (object & 255) === KEY && color !== ANY && (colors >> color & 1) === 1;
}
