/** What the agent's actions do to a world: Minigrid's `MiniGridEnv.step` without its verifier. */

import {
  BOX,
  CLOSED,
  colorOf,
  DIRECTION_X,
  DIRECTION_Y,
  DOOR,
  DROP,
  EMPTY,
  FORWARD,
  isPassable,
  isPortable,
  KEY,
  LEFT,
  LOCKED,
  OPEN,
  packCell,
  PICKUP,
  RIGHT,
  stateOf,
  TOGGLE,
  typeOf,
} from "./cells.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/**
 * Does one action in a world.
 *
 * @returns Whether anything changed; where nothing did, the observation is the last one.
 */
export function act(worlds: Worlds, index: number, action: number): boolean {
  const direction = worlds.direction[index]!;
  if (action === LEFT || action === RIGHT) {
    worlds.direction[index] = (direction + (action === LEFT ? 3 : 1)) & 3;
    return true;
  }
  const place = worlds.agent[index]! + DIRECTION_X[direction]! +
    DIRECTION_Y[direction]! * worlds.stride;
  const cell = worlds.cells[index * worlds.size + place]!;
  switch (action) {
    case FORWARD:
      if (!isPassable(cell)) return false;
      worlds.agent[index] = place;
      return true;
    case PICKUP:
      return isPortable(cell) && pickUp(worlds, index, place);
    case DROP:
      return cell === EMPTY && drop(worlds, index, place);
    case TOGGLE:
      return toggle(worlds, index, place, cell);
    default:
      return false;
  }
}

/** Whether an action would change anything, judged without doing it. */
export function canAct(worlds: Worlds, index: number, action: number): boolean {
  if (action === LEFT || action === RIGHT) return true;
  const direction = worlds.direction[index]!, carried = worlds.carrying[index]!;
  const cell = worlds.cells[
    index * worlds.size + worlds.agent[index]! + DIRECTION_X[direction]! +
    DIRECTION_Y[direction]! * worlds.stride
  ]!;
  switch (action) {
    case FORWARD:
      return isPassable(cell);
    case PICKUP:
      return isPortable(cell) && carried === 0;
    case DROP:
      return cell === EMPTY && carried !== 0;
    case TOGGLE:
      return typeOf(cell) === BOX || (typeOf(cell) === DOOR && canTurn(worlds, index, cell));
    default:
      return false;
  }
}

function pickUp(worlds: Worlds, index: number, place: number): boolean {
  if (worlds.carrying[index] !== 0) return false;
  const at = index * worlds.size + place, id = worlds.objectAt[at]!;
  worlds.carrying[index] = id;
  worlds.objectPlace[index * MAX_OBJECTS + id] = -1;
  worlds.cells[at] = EMPTY;
  worlds.objectAt[at] = 0;
  worlds.moved[index] = 1;
  return true;
}

function drop(worlds: Worlds, index: number, place: number): boolean {
  const id = worlds.carrying[index]!;
  if (id === 0) return false;
  worlds.carrying[index] = 0;
  put(worlds, index, place, id);
  return true;
}

function toggle(worlds: Worlds, index: number, place: number, cell: number): boolean {
  const type = typeOf(cell), at = index * worlds.size + place;
  if (type === BOX) {
    const row = index * MAX_OBJECTS + worlds.objectAt[at]!;
    worlds.objectPlace[row] = -1;
    put(worlds, index, place, worlds.contents[row]!);
    return true;
  }
  if (type !== DOOR) return false;
  if (!canTurn(worlds, index, cell)) return false;
  worlds.cells[at] = packCell(DOOR, colorOf(cell), stateOf(cell) === OPEN ? CLOSED : OPEN);
  return true;
}

/** Whether the agent can open or close a door: one that is not locked, or whose key it carries. */
function canTurn(worlds: Worlds, index: number, door: number): boolean {
  if (stateOf(door) !== LOCKED) return true;
  const carried = worlds.carrying[index]!;
  const cell = worlds.objectCell[index * MAX_OBJECTS + carried]!;
  return carried !== 0 && cell === packCell(KEY, colorOf(door));
}

/** Puts an object, or nothing where `id` is 0, into a cell. */
function put(worlds: Worlds, index: number, place: number, id: number): void {
  const at = index * worlds.size + place, row = index * MAX_OBJECTS + id;
  worlds.objectAt[at] = id;
  worlds.cells[at] = id === 0 ? EMPTY : worlds.objectCell[row]!;
  if (id !== 0) worlds.objectPlace[row] = place;
  worlds.moved[index] = 1;
}
