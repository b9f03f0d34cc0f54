/** Levels of "put next to": minigrid/envs/babyai/putnext.py, and MoveTwoAcross of other.py. */

import type { Level } from "../builder.ts";
import { BEFORE } from "../missions.ts";
import { RIGHT_SIDE } from "../rooms.ts";
import { level, oneRoom } from "./plans.ts";

/** Two of a room's objects. */
export function putNextLocal(roomSize: number, objects: number): Level {
  return oneRoom(roomSize, (b) => {
    b.agent();
    const first = b.distractors(objects, true);
    b.requireReachable();
    const moved = b.pick(first, objects);
    b.putNext(b.like(moved), b.like(b.pickOther(first, objects, moved)));
  });
}

/** One object of each half of a hall. */
export function putNext(roomSize: number, objects: number, startsCarrying = false): Level {
  return level((b) => {
    b.agent(0, 0);
    const left = b.distractors(objects, true, 0, 0);
    const right = b.distractors(objects, true, 1, 0);
    b.removeWall(0, 0, RIGHT_SIDE);
    const a = b.pick(left, objects), c = b.pick(right, objects);
    const swapped = b.drawGoal(2) === 0;
    b.putNext(b.like(swapped ? c : a), b.like(swapped ? a : c));
  }, { roomSize, columns: 2, rows: 1, maxSteps: 8 * roomSize ** 2, startsCarrying });
}

/** Two objects of each half of a hall: one to the right, then another to the left. */
export function moveTwoAcross(roomSize: number, objects: number): Level {
  return level((b) => {
    b.agent(0, 0);
    const left = b.distractors(objects, true, 0, 0);
    const right = b.distractors(objects, true, 1, 0);
    b.removeWall(0, 0, RIGHT_SIDE);
    const a = b.pick(left, objects), d = b.pickOther(left, objects, a);
    const c = b.pick(right, objects), e = b.pickOther(right, objects, c);
    b.putNext(b.like(a), b.like(c));
    b.then(BEFORE);
    b.putNext(b.like(e), b.like(d));
  }, { roomSize, columns: 2, rows: 1, maxSteps: 16 * roomSize ** 2 });
}
