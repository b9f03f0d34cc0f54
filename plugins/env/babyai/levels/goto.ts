/** Levels of "go to": minigrid/envs/babyai/goto.py. */

import { type Builder, type Level, target } from "../builder.ts";
import { BALL, BLUE, GREY, RED } from "../cells.ts";
import { RANDOM, REJECTED } from "../rooms.ts";
import { level, oneRoom } from "./plans.ts";

/** A red ball in a room with distractors. */
export function goToRedBall(distractors: number): Level {
  return oneRoom(8, (b) => {
    b.agent();
    b.object(0, 0, BALL, RED);
    b.distractors(distractors, false);
    b.requireReachable();
    b.goTo(target(BALL, RED));
  });
}

/** A red ball in a room with grey distractors. */
export function goToRedBallGrey(): Level {
  return oneRoom(8, (b) => {
    b.agent();
    b.object(0, 0, BALL, RED);
    const first = b.distractors(7, false);
    for (let id = first; id < first + 7; id++) b.paint(id, GREY);
    b.requireReachable();
    b.goTo(target(BALL, RED));
  });
}

/** A red or blue ball where there is no other. */
export function goToRedBlueBall(): Level {
  return oneRoom(8, (b) => {
    b.agent();
    const first = b.distractors(7, false);
    for (let id = first; id < first + 7; id++) {
      const ball = b.like(id);
      if (ball === target(BALL, RED) || ball === target(BALL, BLUE)) throw REJECTED;
    }
    const color = b.layoutRandom.integers(0, 2) === 0 ? RED : BLUE;
    b.object(0, 0, BALL, color);
    b.requireReachable();
    b.goTo(target(BALL, color));
  });
}

/** The only object of a room. */
export function goToObj(roomSize: number): Level {
  return oneRoom(roomSize, (b) => {
    b.agent();
    b.goTo(b.like(b.distractors(1, true)));
  });
}

/** One of a room's objects. */
export function goToLocal(roomSize: number, objects: number): Level {
  return oneRoom(roomSize, (b) => {
    b.agent();
    const first = b.distractors(objects, false);
    b.requireReachable();
    b.goTo(b.like(b.pick(first, objects)));
  });
}

/** One of a maze's objects. */
export function goTo(
  plan: { roomSize?: number; rooms?: number; distractors?: number; open?: boolean } = {},
): Level {
  const { roomSize = 8, rooms = 3, distractors = 18, open = false } = plan;
  return level((b) => {
    b.agent();
    b.connectAll();
    const first = b.distractors(distractors, false);
    b.requireReachable();
    b.goTo(b.like(b.pick(first, distractors)));
    if (open) b.openDoors();
  }, { roomSize, columns: rooms, rows: rooms });
}

/** An object in a locked room, whose key lies somewhere. */
export function goToImpUnlock(): Level {
  return level((b) => {
    const { column, row, room } = addLockedRoom(b);
    b.connectAll();
    b.everyRoom((i, j) => b.distractors(2, false, i, j));
    b.agent(RANDOM, RANDOM, room);
    b.requireReachable();
    b.goTo(b.like(b.distractors(1, false, column, row)));
  });
}

/** One of the four doors of a room. */
export function goToDoor(): Level {
  return level((b) => {
    const first = b.door(1, 1);
    for (let i = 0; i < 3; i++) b.door(1, 1);
    b.agent(1, 1);
    b.goTo(b.like(b.pick(first, 4)));
  }, { roomSize: 7 });
}

/** One of a room's objects or doors. */
export function goToObjDoor(): Level {
  return level((b) => {
    b.agent(1, 1);
    const first = b.distractors(8, false, 1, 1);
    for (let i = 0; i < 4; i++) b.door(1, 1);
    b.requireReachable();
    b.goTo(b.like(b.pick(first, 12)));
  });
}

/**
 * Locks a random room and lays its key into any room: the original means to spare the locked room
 * but compares numbers by identity, which always differs.
 */
export function addLockedRoom(b: Builder): {
  readonly column: number;
  readonly row: number;
  readonly room: number;
  readonly door: number;
} {
  const random = b.layoutRandom, { columns, rows } = b.plan;
  const column = random.integers(0, columns), row = random.integers(0, rows);
  const door = b.door(column, row, RANDOM, RANDOM, true);
  const keyColumn = random.integers(0, columns), keyRow = random.integers(0, rows);
  b.key(keyColumn, keyRow, b.colorOf(door));
  return { column, row, room: row * columns + column, door };
}
