/** Goals in the words of missions: their verbs, and whether a mission may say them. */

const ARTICLES = new Set(["the", "a", "an"]);

/** Whether a word begins what a goal speaks of. */
export function isArticle(word: string): boolean {
  return ARTICLES.has(word);
}

/** Lower-case words. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * What a goal does: its words up to the first article, or its first word where it has none.
 *
 * @example
 * ```ts
 * import { verbOf } from "./goals.ts";
 * import assert from "node:assert/strict";
 * assert.equal(verbOf("go next to the red ball"), "go next to");
 * assert.equal(verbOf("put the key next to a box"), "put");
 * assert.equal(verbOf("wait here"), "wait");
 * ```
 */
export function verbOf(goal: string): string {
  const words = wordsOf(goal);
  const article = words.findIndex(isArticle);
  return article > 0 ? words.slice(0, article).join(" ") : words[0] ?? "";
}

/** The goals that a mission joins by "and", "then" and "after you". */
export function goalsOf(mission: string): string[] {
  return mission.split(/,|\bthen\b|\band\b|\bafter you\b/).map((goal) => goal.trim())
    .filter((goal) => goal !== "");
}
