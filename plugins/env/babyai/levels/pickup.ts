/** Levels of "pick up": minigrid/envs/babyai/pickup.py. */

import { type Level, target } from "../builder.ts";
import { ANY } from "../missions.ts";
import { REJECTED, UPPER_SIDE } from "../rooms.ts";
import { level, oneRoom } from "./plans.ts";

const SELECTORS = ["type", "color", "both"] as const;

/** One of a maze's objects. */
export function pickup(): Level {
  return level((b) => {
    b.agent();
    b.connectAll();
    const first = b.distractors(18, false);
    b.requireReachable();
    b.pickUp(b.like(b.pick(first, 18)));
  });
}

/** One of a maze's objects, some of which are blocked by others. */
export function unblockPickup(): Level {
  return level((b) => {
    b.agent();
    b.connectAll();
    const first = b.distractors(20, false);
    if (b.reachable()) throw REJECTED;
    b.pickUp(b.like(b.pick(first, 20)));
  });
}

/** One of a room's objects, told by its type, its colour or both. */
export function pickupDist(strict = false): Level {
  return oneRoom(7, (b) => {
    const first = b.distractors(5, true);
    b.agent(0, 0);
    const id = b.pick(first, 5), selector = b.chooseGoal(SELECTORS);
    const type = selector === "color" ? ANY : b.typeOf(id);
    const color = selector === "type" ? ANY : b.colorOf(id);
    b.pickUp(target(type, color), strict);
  });
}

/** The object in the room above. */
export function pickupAbove(): Level {
  return level((b) => {
    const id = b.object(1, 0);
    b.door(1, 1, UPPER_SIDE, undefined, false);
    b.agent(1, 1);
    b.connectAll();
    b.pickUp(b.like(id));
  }, { roomSize: 6, maxSteps: 288 });
}
