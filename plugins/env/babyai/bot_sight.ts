/** Where the things are that the expert may be about, for guidance at the grain "reference". */
import type { Bot } from "./bot.ts";
import { NOWHERE } from "./bot_search.ts";
import type { Objects } from "./bot_plan.ts";
import { visibleCells } from "./view.ts";

/** Cells to the right of the agent, and ahead of it. */
export type SeenPlace = readonly [right: number, ahead: number];

/**
 * Where the things are that the expert goes to, or does something with: the one that it has chosen first,
 * then others that would do as well. Only what is seen now; none where it explores.
 */
export function placesOfThings(bot: Bot): readonly SeenPlace[] {
  const { worlds, index, viewSize } = bot.world;
  const visible = new Set(visibleCells(worlds, index, viewSize));
  return [...new Set(thingsOf(bot))].filter((place) => visible.has(place))
    .map((place) => bot.world.fromAgent(worlds.xOf(place), worlds.yOf(place)));
}

function thingsOf(bot: Bot): readonly number[] {
  const next = bot.subgoals[0];
  switch (next?.kind) {
    case "approach": {
      const { reason, target } = next;
      if (reason === "explore") return [];
      if (typeof target === "number") return [target];
      const nearest = bot.nearest(target, reason === "beside");
      return typeof nearest === "number" && nearest !== NOWHERE
        ? [nearest, ...othersOf(bot, target)]
        : [];
    }
    case "pickup":
    case "open":
    case "close":
      return [bot.search.front];
    default:
      return [];
  }
}

function othersOf({ world }: Bot, { description, match }: Objects): readonly number[] {
  const { objects, positions } = match ?? world.tracked(description);
  return positions.filter((_, k) => objects[k] !== world.carrying)
    .map(([x, y]) => world.worlds.placeOf(x, y));
}
