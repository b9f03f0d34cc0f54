/** Levels of "unlock": minigrid/envs/babyai/unlock.py. */

import { type Level, target } from "../builder.ts";
import { BALL, BOX, COLORS_BY_NAME, DOOR, KEY } from "../cells.ts";
import { RANDOM, RIGHT_SIDE } from "../rooms.ts";
import { addLockedRoom } from "./goto.ts";
import { level } from "./plans.ts";

const TWO_ROOMS = { roomSize: 6, columns: 2, rows: 1 };

/** A locked door of a maze. */
export function unlock(): Level {
  return level((b) => {
    const { room, door } = addLockedRoom(b);
    const others = b.layoutRandom.integers(0, 2) === 0;
    b.connectAll(
      others ? COLORS_BY_NAME.filter((color) => color !== b.colorOf(door)) : COLORS_BY_NAME,
    );
    b.everyRoom((i, j) => b.distractors(3, false, i, j));
    b.agent(RANDOM, RANDOM, room);
    b.requireReachable();
    b.open(b.like(door));
  });
}

/** A locked door and its key in one room. */
export function unlockLocal(distractors: number): Level {
  return level((b) => {
    const door = b.door(1, 1, RANDOM, RANDOM, true);
    b.key(1, 1, b.colorOf(door));
    b.distractors(distractors, true, 1, 1);
    b.agent(1, 1);
    b.open(target(DOOR));
  });
}

/** A locked door whose key is in a box. */
export function keyInBox(): Level {
  return level((b) => {
    const door = b.door(1, 1, RANDOM, RANDOM, true);
    const box = b.object(1, 1, BOX);
    b.fill(box, KEY, b.colorOf(door));
    b.agent(1, 1);
    b.open(target(DOOR));
  });
}

/** A box behind a locked door. */
export function unlockPickup(distractors: number): Level {
  return level((b) => {
    const box = b.object(1, 0, BOX);
    const door = b.door(0, 0, RIGHT_SIDE, RANDOM, true);
    b.key(0, 0, b.colorOf(door));
    b.distractors(distractors, true);
    b.agent(0, 0);
    b.pickUp(b.like(box));
  }, TWO_ROOMS);
}

/** A box behind a locked door that a ball blocks. */
export function blockedUnlockPickup(): Level {
  return level((b) => {
    b.object(1, 0, BOX);
    const door = b.door(0, 0, RIGHT_SIDE, RANDOM, true);
    b.ballBefore(door, b.color());
    b.key(0, 0, b.colorOf(door));
    b.agent(0, 0);
    b.pickUp(target(BOX));
  }, { ...TWO_ROOMS, maxSteps: 576 });
}

/** A ball behind a locked door whose key is behind another. */
export function unlockToUnlock(): Level {
  return level((b) => {
    const [near, far] = b.colors(2) as [number, number];
    b.door(0, 0, RIGHT_SIDE, near, true);
    b.key(2, 0, near);
    b.door(1, 0, RIGHT_SIDE, far, true);
    b.key(1, 0, far);
    b.object(0, 0, BALL);
    b.agent(1, 0);
    b.pickUp(target(BALL));
  }, { roomSize: 6, columns: 3, rows: 1, maxSteps: 1080 });
}
