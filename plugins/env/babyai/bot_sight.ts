/** Where the thing is that the expert is about, for guidance at the grain "reference". */
import type { Bot } from "./bot.ts";
import { NOWHERE } from "./bot_search.ts";
import { visibleCells } from "./view.ts";

/**
 * Cells to the right and ahead of the agent to the thing that the expert goes to, or does something with;
 * undefined where it is about none, or does not see it now.
 */
export function placeOfThing(bot: Bot): readonly [right: number, ahead: number] | undefined {
  const place = thingOf(bot);
  if (place === undefined || place === NOWHERE) return undefined;
  const { worlds, index, viewSize } = bot.world;
  if (!visibleCells(worlds, index, viewSize).includes(place)) return undefined;
  return bot.world.fromAgent(worlds.xOf(place), worlds.yOf(place));
}

function thingOf(bot: Bot): number | undefined {
  const next = bot.subgoals[0];
  switch (next?.kind) {
    case "approach": {
      if (next.reason === "explore") return undefined;
      if (typeof next.target === "number") return next.target;
      const found = bot.nearest(next.target, next.reason === "beside");
      return typeof found === "number" ? found : undefined;
    }
    case "pickup":
    case "open":
    case "close":
      return bot.search.front;
    default:
      return undefined;
  }
}
