import * as v from "valibot";
import { option } from "@tandem/core";
import { whole } from "@tandem/core/kit";
import { MISSION_WORDS } from "./mission_words.ts";

const seed = whole(0, Number.MAX_SAFE_INTEGER);
const words = v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MISSION_WORDS.length));

/** How the worlds of any level are seen, paid, fixed and chosen. */
export const worldOptions = {
  viewSize: option("Cells along a side of the agent's view: odd, 3 to 15.", whole(3, 15), 7),
  narrowed: option(
    `Cells along a side of the part of the view that observations hold: odd, 3 up to \`viewSize\`,
    which it is where not given. Words tell the whole view: a student that sees less than its
    teacher is told.`,
    whole(3, 15),
  ),
  observation: option(
    `What is observed: the agent's "view", the "full" grid, the view "one-hot", or "flat" with the
    mission.`,
    v.picklist(["view", "full", "one-hot", "flat"]),
    "view",
  ),
  language: option(
    "The language of observations in words.",
    v.picklist(["english", "french"]),
    "english",
  ),
  timedReward: option(
    "Whether success is worth the less the longer it took, 1 - 0.9 t / T; else it is worth 1.",
    v.boolean(),
    true,
  ),
  fixed: option(
    `Factors that stay as they are in the world of a seed while the rest varies: where the agent
    starts, what stands where, what the mission asks for. Such as { "layout": 3 }.`,
    v.strictObject({
      agent: option("Seed of where the agent starts.", seed),
      layout: option("Seed of what stands where.", seed),
      goal: option("Seed of what the mission asks for.", seed),
    }),
    {},
  ),
  missions: option(
    `Which of the level's missions are met, in training and when measured: with one of some words,
    without any of others, for words held out of training. A world with another is drawn anew. Such
    as { "without": ["purple", "box"] }.`,
    v.strictObject({
      with: option("Words of which a mission has at least one.", words),
      without: option("Words of which a mission has none.", words),
    }),
    {},
  ),
} as const;
