/** What an achievement teaches about: missions under which the steps that led to it were right. */

/** A mission that a step achieved, or came closer to. */
export interface Goal {
  /** The mission; undefined for the one that was asked. */
  readonly mission: string | undefined;
  /** Whether what was put down had to be picked up first, so that this was a part of it. */
  readonly afterPickUp: boolean;
}

/** What stands before the first thing that a mission names. */
const VERB = /^(.*?)(?=\s(?:the|a|an)\s|$)/;

/** Words that join the parts of a mission. */
const JOINTS = /\b(?:and|then|after)\b/;

/**
 * The goals of a step: the mission that was asked, if it was achieved, and where `all` says so each
 * thing achieved as if it had been asked. A thing achieved may be a mission with the verb of the one that
 * was asked, or the first half of one: who is before a thing may pick it up, who holds it may put it down
 * where the mission says.
 *
 * @param mission What was asked.
 * @param achieved What the step achieved, in the words of missions.
 * @param won Whether the step ended the episode with success.
 * @example
 * ```ts
 * import { goalsOf } from "./goals.ts";
 * import assert from "node:assert/strict";
 * const missions = (mission: string, achieved: string) =>
 *   goalsOf(mission, [achieved], false, true).map(({ mission }) => mission);
 * assert.deepEqual(missions("go to the box", "go to the key"), ["go to the key"]);
 * assert.deepEqual(missions("pick up the box", "go to the key"), ["pick up the key"]);
 * assert.deepEqual(missions("put the box next to the ball", "pick up the key"), [
 *   "put the key next to the ball",
 * ]);
 * assert.deepEqual(missions("go to the box", "drop the key"), []);
 * ```
 */
export function goalsOf(
  mission: string,
  achieved: readonly string[],
  won: boolean,
  all: boolean,
): readonly Goal[] {
  const isOwn = won || achieved.includes(mission);
  const own = isOwn ? [{ mission: undefined, afterPickUp: isPut(mission) }] : [];
  if (!all) return own;
  const others = achieved.filter((goal) => goal !== mission).map((goal) => {
    if (verbOf(goal) === verbOf(mission)) return { mission: goal, afterPickUp: isPut(goal) };
    return { mission: begun(mission, goal), afterPickUp: false };
  });
  return [...own, ...others.filter(({ mission }) => mission !== undefined)];
}

/** Whether a mission asks for several things: the way to its end leads over what was done before. */
export function hasParts(mission: string): boolean {
  return JOINTS.test(mission);
}

/** Whether an achievement moved things, so that what was so before it is so no more. */
export function movesThings(achieved: readonly string[]): boolean {
  return achieved.some((goal) => /^(?:pick up|drop)\b/.test(goal));
}

/** Whether an achievement opened what stood in the way. */
export function opensWay(achieved: readonly string[]): boolean {
  return achieved.some((goal) => /^open\b/.test(goal));
}

function verbOf(mission: string): string {
  return VERB.exec(mission)![1]!;
}

function isPut(mission: string): boolean {
  return /^put\b/.test(mission);
}

/** The mission like the one that was asked of which a goal is the first half, if it is one of any. */
function begun(mission: string, goal: string): string | undefined {
  const reached = /^go to (.+)$/.exec(goal)?.[1];
  const verb = /^(?:pick up|open)\b/.exec(mission)?.[0];
  if (reached !== undefined && verb !== undefined) {
    return verb === "open" && !reached.endsWith(" door") ? undefined : `${verb} ${reached}`;
  }
  const held = /^pick up (.+)$/.exec(goal)?.[1];
  const place = /^put .+? next to (.+)$/.exec(mission)?.[1];
  if (held === undefined || place === undefined || held === place) return undefined;
  return `put ${held} next to ${place}`;
}
