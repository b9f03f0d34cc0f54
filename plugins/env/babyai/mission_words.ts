/** The words that missions are made of, and choosing missions by them. */

import { TandemError } from "@tandem/core";
import { COLOR_NAMES } from "./cells.ts";
import { readMission } from "./missions.ts";

/** Every word of BabyAI's missions. */
export const MISSION_WORDS = [
  ...["go", "to", "open", "pick", "up", "put", "next", "the", "a", "and", "then", "after", "you"],
  ...["door", "key", "ball", "box", "object"],
  ...COLOR_NAMES,
  ...["in", "front", "of", "behind", "on", "your", "left", "right"],
] as const;

/** Which of a level's missions are met, as for words held out of training. */
export interface MissionChoice {
  /** A mission has at least one of these words. */
  readonly with?: readonly string[];
  /** And none of these. */
  readonly without?: readonly string[];
}

/** Articles follow from how many things there are, which is not known while a world is drawn. */
const ARTICLES: readonly string[] = ["a", "the"];

/** Whether any mission is left out. */
export function leavesOut(choice: MissionChoice): boolean {
  return choice.with !== undefined || (choice.without?.length ?? 0) > 0;
}

/**
 * Tells whether a stored mission is among those chosen.
 *
 * @returns undefined where all are.
 * @throws TandemError E_OPTION where a word is none of the missions' words, or an article.
 */
export function missionTest(
  choice: MissionChoice,
): ((missions: Uint8Array, row: number) => boolean) | undefined {
  if (!leavesOut(choice)) return undefined;
  const asked = choice.with && wordsOf("with", choice.with);
  const refused = wordsOf("without", choice.without ?? []);
  return (missions, row) => {
    const words = readMission(missions, row).split(/[^a-z]+/);
    return (!asked || words.some((word) => asked.has(word))) &&
      !words.some((word) => refused.has(word));
  };
}

function wordsOf(name: keyof MissionChoice, words: readonly string[]): ReadonlySet<string> {
  const known: readonly string[] = MISSION_WORDS.filter((word) => !ARTICLES.includes(word));
  const unknown = words.find((word) => !known.includes(word));
  if (unknown === undefined) return new Set(words);
  throw new TandemError(
    "E_OPTION",
    `The option missions.${name} has "${unknown}", which is none of the words that missions are told ` +
      `by: ${known.join(", ")}.`,
  );
}
