/** Left for right: a world seen in a mirror, in words. */

const SIDES: Readonly<Record<string, string>> = {
  left: "right",
  right: "left",
  gauche: "droite",
  droite: "gauche",
};

const SIDE = new RegExp(`\\b(?:${Object.keys(SIDES).join("|")})\\b`, "g");

/**
 * A text with each side that it names replaced by the other.
 *
 * @example
 * ```ts
 * import { mirrored } from "./mirror.ts";
 * import assert from "node:assert/strict";
 * assert.equal(mirrored("You see a key 2 steps left"), "You see a key 2 steps right");
 * ```
 */
export function mirrored(text: string): string {
  return text.replace(SIDE, (side) => SIDES[side]!);
}

/**
 * What each candidate is in the mirror, by index; undefined where none names a side, or where one has
 * no counterpart: such candidates say nothing that a mirror could turn.
 */
export function mirroredCandidates(candidates: readonly string[]): readonly number[] | undefined {
  const turned = candidates.map((candidate) => candidates.indexOf(mirrored(candidate)));
  const changes = turned.some((to, from) => to !== from);
  return changes && !turned.includes(-1) ? turned : undefined;
}
