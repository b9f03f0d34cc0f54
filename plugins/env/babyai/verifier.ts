/**
 * Watches a mission, step by step: minigrid/envs/babyai/core/verifier.py on the columns of
 * worlds.ts. Positions of tracked objects are updated after a drop only, as there.
 */

import { DIRECTION_X, DIRECTION_Y, DOOR, DROP, OPEN, PICKUP, TOGGLE } from "./cells.ts";
import {
  AFTER,
  ALONE,
  GOTO,
  KIND_AT,
  MAX_ACTIONS,
  MISSION_BYTES,
  NO_ACTION,
  OPEN_DOOR,
  ORDER_AT,
  PICK_UP,
  STRICT_AT,
} from "./missions.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** What a mission has come to. */
export const CONTINUES = 0;
export const SUCCEEDED = 1;
const FAILED = 2;

/**
 * Judges one step of a world.
 *
 * @param worlds The batch, after the step.
 * @param index Which world.
 * @param action What the agent did.
 * @returns CONTINUES, SUCCEEDED or FAILED.
 */
export function verify(worlds: Worlds, index: number, action: number): number {
  if (action === DROP && worlds.moved[index] === 1) updateMarks(worlds, index);
  const order = worlds.missions[index * MISSION_BYTES + ORDER_AT]!;
  if (order === ALONE) return verifyGroup(worlds, index, 0, action);
  const leader = order === AFTER ? 2 : 0;
  if (worlds.ledDone[index] === 0) {
    const verdict = verifyGroup(worlds, index, leader, action);
    if (verdict !== SUCCEEDED) return verdict;
    worlds.ledDone[index] = 1;
  }
  return verifyGroup(worlds, index, 2 - leader, action);
}

function verifyGroup(worlds: Worlds, index: number, first: number, action: number): number {
  const second = first + 1;
  if (worlds.missions[index * MISSION_BYTES + KIND_AT + second] === NO_ACTION) {
    return verifyAction(worlds, index, first, action);
  }
  const done = worlds.done, row = index * MAX_ACTIONS;
  if (done[row + first] === 0 && verifyAction(worlds, index, first, action) === SUCCEEDED) {
    done[row + first] = 1;
  }
  if (done[row + second] === 0 && verifyAction(worlds, index, second, action) === SUCCEEDED) {
    done[row + second] = 1;
  }
  return done[row + first] === 1 && done[row + second] === 1 ? SUCCEEDED : CONTINUES;
}

function verifyAction(worlds: Worlds, index: number, number: number, action: number): number {
  const kind = worlds.missions[index * MISSION_BYTES + KIND_AT + number]!;
  const bit = 1 << 2 * number;
  if (kind === GOTO) return worlds.marks[frontOf(worlds, index)]! & bit ? SUCCEEDED : CONTINUES;
  if (kind === OPEN_DOOR) {
    return action === TOGGLE ? verifyOpen(worlds, index, number, bit) : CONTINUES;
  }
  const heldBefore = worlds.held[index * MAX_ACTIONS + number]!;
  const held = worlds.carrying[index]!;
  worlds.held[index * MAX_ACTIONS + number] = held;
  if (kind === PICK_UP) {
    if (action !== PICKUP || held === 0) return CONTINUES;
    if (heldBefore === 0 && worlds.members[index * MAX_OBJECTS + held]! & bit) return SUCCEEDED;
    return isStrict(worlds, index, number) ? FAILED : CONTINUES;
  }
  if (action !== DROP || heldBefore === 0) return CONTINUES;
  const row = index * MAX_OBJECTS + heldBefore, place = worlds.objectPlace[row]!;
  if (place < 0 || (worlds.members[row]! & bit) === 0) return CONTINUES;
  const { marks, stride } = worlds, at = index * worlds.size + place;
  const around = marks[at - 1]! | marks[at + 1]! | marks[at - stride]! | marks[at + stride]!;
  return around & bit << 1 ? SUCCEEDED : CONTINUES;
}

function verifyOpen(worlds: Worlds, index: number, number: number, bit: number): number {
  const front = frontOf(worlds, index), cell = worlds.cells[front]!;
  if ((cell & 7) !== DOOR) return CONTINUES;
  const row = index * MAX_OBJECTS + worlds.objectAt[front]!;
  if (cell >> 6 === OPEN && worlds.members[row]! & bit) return SUCCEEDED;
  return isStrict(worlds, index, number) ? FAILED : CONTINUES;
}

function isStrict(worlds: Worlds, index: number, number: number): boolean {
  return (worlds.missions[index * MISSION_BYTES + STRICT_AT]! >> number & 1) === 1;
}

/** The entry of the cell before the agent in the batch's grids. */
function frontOf(worlds: Worlds, index: number): number {
  const direction = worlds.direction[index]!;
  return index * worlds.size + worlds.agent[index]! + DIRECTION_X[direction]! +
    DIRECTION_Y[direction]! * worlds.stride;
}

/** Marks the cells in which the mission's objects are now. */
function updateMarks(worlds: Worlds, index: number): void {
  const { marks, size } = worlds;
  marks.fill(0, index * size, (index + 1) * size);
  for (let id = 1; id < worlds.objects[index]!; id++) {
    const row = index * MAX_OBJECTS + id, place = worlds.objectPlace[row]!;
    if (place >= 0) marks[index * size + place]! |= worlds.members[row]!;
  }
  worlds.moved[index] = 0;
}
