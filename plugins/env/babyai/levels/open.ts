/** Levels of "open": minigrid/envs/babyai/open.py. */

import { type Level, target } from "../builder.ts";
import { DOOR, RED } from "../cells.ts";
import { PLACES } from "../instructions.ts";
import { AFTER, ANY, BEFORE } from "../missions.ts";
import { LEFT_SIDE, RANDOM, RIGHT_SIDE } from "../rooms.ts";
import { level } from "./plans.ts";

const SELECTORS = ["color", "place"] as const;

/** One of a maze's doors. */
export function open(): Level {
  return level((b) => {
    b.agent();
    b.connectAll();
    b.distractors(18, false);
    b.requireReachable();
    b.open(b.like(b.chooseGoal(b.doorsByRoom())));
  });
}

/** The red door between two rooms. */
export function openRedDoor(): Level {
  return level((b) => {
    b.door(0, 0, RIGHT_SIDE, RED, false);
    b.agent(0, 0);
    b.open(target(DOOR, RED));
  }, { roomSize: 5, columns: 2, rows: 1 });
}

/** A door told by its colour, its place or either. */
export function openDoor(selector?: "color" | "place", strict = false): Level {
  return level((b) => {
    const colors = b.colors(4);
    for (let side = 0; side < 4; side++) b.door(1, 1, side, colors[side], false);
    const chosen = (selector ?? b.chooseGoal(SELECTORS)) === "color"
      ? target(DOOR, colors[0])
      : target(DOOR, ANY, b.drawGoal(PLACES.length));
    b.agent(1, 1);
    b.open(chosen, strict);
  });
}

/** A door on the left, then one on the right. */
export function openTwoDoors(first?: number, second?: number, strict = false): Level {
  return level((b) => {
    const colors = b.colors(2);
    const left = b.door(1, 1, LEFT_SIDE, first ?? colors[0], false);
    const right = b.door(1, 1, RIGHT_SIDE, second ?? colors[1], false);
    b.agent(1, 1);
    b.open(b.like(left), strict);
    b.then(BEFORE);
    b.open(b.like(right));
  }, { roomSize: 6, maxSteps: 720 });
}

/** One or two of a room's doors, in the order told. */
export function openDoorsOrder(doors: number, strict = false): Level {
  return level((b) => {
    const colors = b.colors(doors);
    const first = b.worlds.objects[b.index]!;
    for (const color of colors) b.door(1, 1, RANDOM, color, false);
    b.agent(1, 1);
    const one = b.pick(first, doors), other = b.pickOther(first, doors, one);
    const mode = b.drawGoal(3);
    b.open(b.like(one), strict);
    if (mode === 0) return;
    b.then(mode === 1 ? BEFORE : AFTER);
    b.open(b.like(other), strict);
  }, { roomSize: 6, maxSteps: 720 });
}
