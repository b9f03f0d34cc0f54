/**
 * The rules by which the expert works off its subgoals: what to do for the subgoal on top
 * of the stack, and how to mend the plan after another action than the one advised. The rules give
 * the decisions of Minigrid's BabyAIBot.
 */

import {
  type Approach,
  approach,
  CLOSE,
  type Decision,
  EXPLORE,
  type Objects,
  OPEN_IT,
  type OpenAhead,
  PICK,
  type Planner,
  PUT,
  stuck,
  type Subgoal,
} from "./bot_plan.ts";
import { NOWHERE } from "./bot_search.ts";
import {
  colorOf,
  DOOR,
  DROP,
  EMPTY,
  FORWARD,
  isPassable,
  KEY,
  LEFT,
  LOCKED,
  OPEN,
  PICKUP,
  RIGHT,
  stateOf,
  TOGGLE,
  typeOf,
} from "./cells.ts";

/** What to do for the subgoal on top of the stack. */
export function decide(bot: Planner, subgoal: Subgoal): Decision {
  switch (subgoal.kind) {
    case "approach":
      return decideApproach(bot, subgoal);
    case "open":
      return decideOpen(bot, subgoal);
    case "close": {
      const front = bot.search.cell(bot.search.front);
      return typeOf(front) === DOOR && stateOf(front) === OPEN ? TOGGLE : stuck("no door to close");
    }
    case "pickup":
      return bot.world.carrying === 0 ? PICKUP : stuck("its hands are full");
    case "drop":
      if (bot.world.carrying === 0) return stuck("it has nothing to drop");
      return typeOf(bot.search.cell(bot.search.front)) === EMPTY ? DROP : stuck("no room to drop");
    case "explore":
      return decideExplore(bot);
  }
}

/**
 * Mends the plan once an action was taken while a subgoal was on top.
 *
 * @param taken The action; undefined where the one advised was taken.
 */
export function settle(bot: Planner, subgoal: Subgoal, taken: number | undefined): void {
  switch (subgoal.kind) {
    case "approach":
      if (taken === PICKUP || taken === DROP || taken === TOGGLE) undo(bot, taken);
      break;
    case "open":
      if (taken !== undefined && taken !== TOGGLE) return undo(bot, taken);
      bot.pop();
      if (subgoal.reason === "unlock") bot.push(PUT, approach(bot.search.dropPlace()));
      break;
    case "close":
      if (taken === undefined || taken === TOGGLE) bot.pop();
      else if (taken <= FORWARD) undo(bot, taken);
      break;
    case "drop":
      if (taken === undefined || taken === DROP) bot.pop();
      else if (taken <= FORWARD) undo(bot, taken);
      break;
    case "pickup":
      if (taken === undefined || taken === PICKUP) bot.pop();
      else if (taken < FORWARD) undo(bot, taken);
      break;
  }
}

function undo(bot: Planner, taken: number): void {
  const { search, world } = bot;
  const front = search.cell(search.front);
  switch (taken) {
    case FORWARD:
      if (bot.previous.agent !== search.agent) bot.push(approach(search.agent));
      break;
    case LEFT:
      bot.push(approach(search.beside(1)));
      break;
    case RIGHT:
      bot.push(approach(search.beside(3)));
      break;
    case DROP:
      if (bot.previous.carrying !== world.carrying) bot.push(PICK);
      break;
    case PICKUP:
      if (bot.previous.carrying !== world.carrying) bot.push(PUT);
      break;
    case TOGGLE: {
      if (typeOf(front) !== DOOR) break;
      const isOpen = stateOf(front) === OPEN;
      if (bot.previous.doorWasOpen !== isOpen) bot.push(isOpen ? CLOSE : OPEN_IT);
    }
  }
}

function decideOpen(bot: Planner, { reason }: OpenAhead): Decision {
  const { search, world } = bot;
  const place = search.front;
  const door = search.cell(place);
  if (typeOf(door) !== DOOR) return stuck("there is no door ahead to open");
  if (stateOf(door) === LOCKED && !holdsKey(bot, colorOf(door))) {
    const key = keysOf(bot, colorOf(door));
    bot.pop();
    const drop = world.carrying === 0 ? NOWHERE : search.dropPlace();
    // What it carries is laid down first and taken up again last.
    if (world.carrying !== 0) bot.push(PICK, approach(drop));
    bot.push(OPEN_IT, approach(place), PICK, approach(key));
    if (world.carrying !== 0) bot.push(PUT, approach(drop));
    return undefined;
  }
  if (stateOf(door) === OPEN) {
    bot.push(CLOSE);
    return undefined;
  }
  if (stateOf(door) === LOCKED && reason === undefined) {
    bot.pop();
    bot.push({ kind: "open", reason: "unlock" });
    return undefined;
  }
  return TOGGLE;
}

function decideExplore(bot: Planner): Decision {
  const { search } = bot;
  const unseen = search.path((place) => search.seen[place] === 0, true);
  if (unseen) {
    bot.push(approach(unseen.end, "explore"));
    return undefined;
  }
  const isShut = (cell: number) => typeOf(cell) === DOOR && stateOf(cell) !== OPEN;
  const door = search.path((_, cell) => isShut(cell) && stateOf(cell) !== LOCKED, true) ??
    search.path((_, cell) => isShut(cell), true);
  if (!door) return stuck("there is nothing left to explore");
  const cell = search.cell(door.end);
  const keep = stateOf(cell) === LOCKED && holdsKey(bot, colorOf(cell));
  bot.pop();
  bot.push({ kind: "open", reason: keep ? "keep" : undefined }, approach(door.end, "open"));
  return undefined;
}

function decideApproach(bot: Planner, subgoal: Approach): Decision {
  const { search } = bot;
  const { reason } = subgoal;
  const found = typeof subgoal.target === "number"
    ? subgoal.target
    : bot.nearest(subgoal.target, reason === "beside");
  if (typeof found !== "number") return found;
  if (found === NOWHERE) {
    if (typeof subgoal.target === "number") return stuck("there is no free place");
    bot.push(EXPLORE);
    return undefined;
  }
  const target = search.cell(found);
  if (reason === "open" && isLockedDoor(target) && bot.world.carrying === 0) {
    bot.pop();
    bot.push(approach(found, "open"), PICK, approach(keysOf(bot, colorOf(target))));
    return undefined;
  }
  if (search.distance(found, search.agent) === (reason === "beside" ? 1 : 0)) return stepAway(bot);
  const front = search.cell(search.front);
  if (reason === "beside") {
    if (search.distance(found, search.front) === 1) {
      if (typeOf(front) === EMPTY) return bot.pop();
      if (typeOf(front) === DOOR && stateOf(front) === OPEN) {
        // Nothing can be dropped in a doorway: what stands beyond it has to move.
        bot.push(approach(search.agent + 3 * (search.front - search.agent)));
        return undefined;
      }
    }
  } else if (found === search.front) return bot.pop();
  return follow(bot, found);
}

/** Leaves a place that is too near: forward, or by a turn to where it can go. */
function stepAway({ search }: Planner): number {
  if (isPassable(search.cell(search.front))) return FORWARD;
  return isPassable(search.cell(search.beside(1))) ? RIGHT : LEFT;
}

function follow(bot: Planner, target: number): Decision {
  const { search } = bot;
  const accept = (place: number) => place === target;
  const path = search.path(accept, true);
  if (!path || path.length === 0) {
    bot.push(EXPLORE);
    return undefined;
  }
  if (path.next === search.front) return advance(bot);
  if (path.next === search.beside(1)) return RIGHT;
  if (path.next === search.beside(3)) return LEFT;
  return search.clearance(3) > search.clearance(1) ? LEFT : RIGHT;
}

/** Takes the next step of a path, which is ahead: walks, or clears the way. */
function advance(bot: Planner): Decision {
  const { search, world } = bot;
  const front = search.cell(search.front);
  if (isPassable(front)) return FORWARD;
  if (typeOf(front) === DOOR) {
    if (stateOf(front) === LOCKED) return stuck("a locked door is in its way");
    bot.push(OPEN_IT);
    return undefined;
  }
  const drop = search.dropPlace();
  if (world.carrying === 0) {
    bot.push(PUT, approach(drop), PICK);
    return undefined;
  }
  const dropBlocker = search.dropPlace(drop);
  bot.push(PICK, approach(drop));
  bot.push(PUT, approach(dropBlocker), PICK, approach(search.front));
  bot.push(PUT, approach(drop));
  return undefined;
}

function holdsKey({ world }: Planner, color: number): boolean {
  const id = world.carrying;
  return id !== 0 && world.objectType(id) === KEY && world.objectColor(id) === color;
}

function keysOf({ world }: Planner, color: number): Objects {
  const description = { type: KEY, color, place: null, slot: -1 };
  return { description, match: world.match(description) };
}

function isLockedDoor(cell: number): boolean {
  return typeOf(cell) === DOOR && stateOf(cell) === LOCKED;
}
