/** Whole plans in a closed list of phrases: what the plan comes to, and by what means. */

import { EXPLORE_WORDS, subgoalCandidates } from "./bot_words.ts";

/** The means of a plan, by what its first step of that sort begins with. */
const MEANS: readonly (readonly [beginning: RegExp, words: string])[] = [
  [/^explore$/, "explore"],
  [/^pick up the \w+ key$/, "fetch a key"],
  [/^pick up /, "pick something up"],
  [/^open /, "open a door"],
  [/^drop /, "lay something down"],
];

const DONE_WORDS = "done";

/**
 * A plan as one phrase: its last step, and the first step on the way there that is more than going.
 *
 * @param plan Subgoals in words, the next first, as `describePlan` gives them.
 * @example
 * ```ts
 * import { planPhrase } from "./plan_words.ts";
 * import assert from "node:assert/strict";
 * assert.equal(planPhrase(["go to the red ball"]), "go to the red ball");
 * const locked = ["go to the red key", "pick up the red key", "go to the red door", "open the red door"];
 * assert.equal(planPhrase(locked), "fetch a key, then open the red door");
 * assert.equal(planPhrase([]), "done");
 * ```
 */
export function planPhrase(plan: readonly string[]): string {
  const end = plan.at(-1) ?? DONE_WORDS;
  for (const step of plan.slice(0, -1)) {
    const means = MEANS.find(([beginning]) => beginning.test(step))?.[1];
    if (means !== undefined) return withMeans(means, end);
  }
  return end;
}

/** Every phrase of {@linkcode planPhrase}: a closed list for a teacher to choose from. */
export function planCandidates(): string[] {
  const ends = subgoalCandidates();
  const means = [...new Set(MEANS.map(([, words]) => words))];
  const reached = ends.filter((end) => end !== DONE_WORDS);
  return [...ends, ...means.flatMap((one) => reached.map((end) => withMeans(one, end)))]
    .filter((phrase) => phrase !== withMeans(EXPLORE_WORDS, EXPLORE_WORDS));
}

function withMeans(means: string, end: string): string {
  return `${means}, then ${end}`;
}
