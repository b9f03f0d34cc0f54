/** Levels of several kinds: minigrid/envs/babyai/other.py. */

import { type Level, target } from "../builder.ts";
import { BALL, DOOR } from "../cells.ts";
import { LEFT_SIDE, RANDOM, UPPER_SIDE } from "../rooms.ts";
import { level, oneRoom } from "./plans.ts";

/** An object or a door of a room: go to it, pick it up or open it. */
export function actionObjDoor(): Level {
  return level((b) => {
    const first = b.distractors(5, true, 1, 1);
    for (let i = 0; i < 4; i++) b.door(1, 1, RANDOM, RANDOM, false);
    b.agent(1, 1);
    const id = b.pick(first, 9);
    if (b.drawGoal(2) === 0) b.goTo(b.like(id));
    else if (b.typeOf(id) === DOOR) b.open(b.like(id));
    else b.pickUp(b.like(id));
  }, { roomSize: 7 });
}

/** The only object of a maze. */
export function findObj(roomSize: number): Level {
  return level((b) => {
    const column = b.layoutRandom.integers(0, 3), row = b.layoutRandom.integers(0, 3);
    const id = b.object(column, row);
    b.agent(1, 1);
    b.connectAll();
    b.pickUp(target(b.typeOf(id)));
  }, { roomSize, maxSteps: 20 * roomSize ** 2 });
}

/** A ball in a locked room off a corridor. */
export function keyCorridor(roomSize: number, rows: number): Level {
  return level((b) => {
    for (let row = 1; row < rows; row++) b.removeWall(1, row, UPPER_SIDE);
    const ballRow = b.layoutRandom.integers(0, rows);
    const door = b.door(2, ballRow, LEFT_SIDE, RANDOM, true);
    b.object(2, ballRow, BALL);
    b.key(0, b.layoutRandom.integers(0, rows), b.colorOf(door));
    b.agent(1, rows >> 1);
    b.connectAll();
    b.pickUp(target(BALL));
  }, { roomSize, rows, maxSteps: 30 * roomSize ** 2 });
}

/** The ball of one room. */
export function oneRoomBall(roomSize: number): Level {
  return oneRoom(roomSize, (b) => {
    b.object(0, 0, BALL);
    b.agent();
    b.pickUp(target(BALL));
  });
}
