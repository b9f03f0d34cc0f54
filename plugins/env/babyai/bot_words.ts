/** The expert's plan in words, for guidance at the grains "subgoal" and "plan". */

import type { Bot } from "./bot.ts";
import type { Approach, Subgoal } from "./bot_plan.ts";
import { NOWHERE } from "./bot_search.ts";
import { COLOR_NAMES, colorOf, DOOR, EMPTY, KEY, TYPE_NAMES, typeOf, WALL } from "./cells.ts";
import { describe } from "./instructions.ts";
import type { World } from "./world.ts";

/** The word for going where the agent has not looked yet. */
export const EXPLORE_WORDS = "explore";

/** The words for going where something can be laid down or the way is free. */
const FREE_PLACE_WORDS = "go to a free place";

/**
 * All that the expert plans to do, the next first, as far as it knows by now: "go to the red ball",
 * "open the blue door", "pick up the grey key", "drop the grey key", "go next to the red ball",
 * "explore". Empty where nothing is left.
 */
export function describePlan(bot: Bot): string[] {
  const ahead = bot.search.cell(bot.search.front);
  let facing = isThing(ahead) ? nameCell(ahead) : "object";
  let carried = bot.world.carrying === 0 ? "object" : nameObject(bot.world, bot.world.carrying);
  let place: number | undefined;
  // What will lie where something is dropped on the way.
  const dropped = new Map<number, string>();
  const words = bot.subgoals.map((subgoal) => {
    if (subgoal.kind === "approach") {
      const goal = nameTarget(bot, subgoal, dropped);
      if (goal !== undefined) facing = goal;
      place = typeof subgoal.target === "number" ? subgoal.target : undefined;
      return approachWords(subgoal, goal);
    }
    if (subgoal.kind === "pickup") carried = facing;
    if (subgoal.kind === "drop" && place !== undefined) dropped.set(place, carried);
    return subgoalWords(subgoal, facing, carried);
  });
  return words.filter((word, i) => word !== EXPLORE_WORDS || words[i - 1] !== EXPLORE_WORDS);
}

function approachWords({ reason }: Approach, goal: string | undefined): string {
  if (reason === "explore") return EXPLORE_WORDS;
  if (goal === undefined) return FREE_PLACE_WORDS;
  return reason === "beside" ? `go next to the ${goal}` : `go to the ${goal}`;
}

function subgoalWords(
  { kind }: Exclude<Subgoal, Approach>,
  facing: string,
  carried: string,
): string {
  switch (kind) {
    case "open":
      return `open the ${facing}`;
    case "close":
      return `close the ${facing}`;
    case "pickup":
      return `pick up the ${facing}`;
    case "drop":
      return `drop the ${carried}`;
    case "explore":
      return EXPLORE_WORDS;
  }
}

/** The nearest matching object's colour and type, or the description while none is seen. */
function nameTarget(
  bot: Bot,
  { target, reason }: Approach,
  dropped: ReadonlyMap<number, string>,
): string | undefined {
  if (typeof target === "number") {
    if (dropped.has(target)) return dropped.get(target);
    const cell = target === NOWHERE ? 0 : bot.search.cell(target);
    return isThing(cell) && target !== bot.search.agent ? nameCell(cell) : undefined;
  }
  const place = bot.nearest(target, reason === "beside");
  if (typeof place === "number" && place !== NOWHERE) {
    const cell = bot.search.cell(place);
    if (isThing(cell)) return nameCell(cell);
  }
  return describe({ ...target.description, place: null });
}

function isThing(cell: number): boolean {
  const type = typeOf(cell);
  return type !== EMPTY && type !== WALL && type >= DOOR;
}

function nameCell(cell: number): string {
  return `${COLOR_NAMES[colorOf(cell)]} ${TYPE_NAMES[typeOf(cell)]}`;
}

function nameObject(world: World, id: number): string {
  return `${COLOR_NAMES[world.objectColor(id)]} ${TYPE_NAMES[world.objectType(id)]}`;
}

/**
 * Every subgoal in words that has no open colour or type: a closed list for a teacher to choose from.
 */
export function subgoalCandidates(): string[] {
  const things = [DOOR, KEY, KEY + 1, KEY + 2].flatMap((type) =>
    COLOR_NAMES.map((color) => `${color} ${TYPE_NAMES[type]}`)
  );
  const isDoor = (thing: string) => thing.endsWith("door");
  return [
    ...things.map((thing) => `go to the ${thing}`),
    ...things.map((thing) => `go next to the ${thing}`),
    ...things.filter((thing) => !isDoor(thing)).map((thing) => `pick up the ${thing}`),
    ...things.filter((thing) => !isDoor(thing)).map((thing) => `drop the ${thing}`),
    ...things.filter(isDoor).map((thing) => `open the ${thing}`),
    ...things.filter(isDoor).map((thing) => `close the ${thing}`),
    EXPLORE_WORDS,
    FREE_PLACE_WORDS,
    "done",
  ];
}
