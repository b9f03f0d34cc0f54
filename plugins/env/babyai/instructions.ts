/**
 * BabyAI's instructions as values: a tree of actions on described objects, and its English sentence.
 * The engine keeps them flat (world.ts); this is what a bot, a text or a picture reads.
 */

import { COLOR_NAMES, TYPE_NAMES } from "./cells.ts";

/** Where an object is, seen from the agent's pose at the start of the episode. */
export type Place = "left" | "right" | "front" | "behind";

/** The places in the order in which Minigrid draws them. */
export const PLACES = ["left", "right", "front", "behind"] as const satisfies readonly Place[];

/** Which objects an instruction speaks of; null leaves a property open. */
export interface Description {
  /** DOOR, KEY, BALL or BOX of cells.ts. */
  readonly type: number | null;
  /** RED to GREY of cells.ts. */
  readonly color: number | null;
  readonly place: Place | null;
  /** Which of the episode's eight descriptions this is (`World.tracked`); -1 for one made elsewhere. */
  readonly slot: number;
}

/** Stand before a matching object, facing it. */
export interface GoTo {
  readonly kind: "goto";
  readonly target: Description;
}

/** Open a matching door; strict: toggling any other door fails the mission. */
export interface Open {
  readonly kind: "open";
  readonly target: Description;
  readonly strict: boolean;
}

/** Pick up a matching object; strict: picking up any other fails the mission. */
export interface Pickup {
  readonly kind: "pickup";
  readonly target: Description;
  readonly strict: boolean;
}

/** Drop a matching object on a cell that shares a side with a `fixed` object's. */
export interface PutNext {
  readonly kind: "putnext";
  readonly moved: Description;
  readonly fixed: Description;
}

/** One thing to do. */
export type Action = GoTo | Open | Pickup | PutNext;

/** Two things to do in any order. */
export interface And {
  readonly kind: "and";
  readonly first: Action;
  readonly second: Action;
}

/** `first`, then `second`. */
export interface Before {
  readonly kind: "before";
  readonly first: Action | And;
  readonly second: Action | And;
}

/** `first`, after `second` is done. */
export interface After {
  readonly kind: "after";
  readonly first: Action | And;
  readonly second: Action | And;
}

/** A whole mission. */
export type Instruction = Action | And | Before | After;

/**
 * "red ball in front of you", without its article.
 *
 * @example
 * ```ts
 * import { describe } from "./instructions.ts";
 * import assert from "node:assert/strict";
 * assert.equal(
 *   describe({ type: 6, color: 0, place: "left", slot: -1 }),
 *   "red ball on your left",
 * );
 * ```
 */
export function describe(description: Description): string {
  const { type, color, place } = description;
  const noun = type === null ? "object" : TYPE_NAMES[type]!;
  const named = color === null ? noun : `${COLOR_NAMES[color]} ${noun}`;
  if (place === null) return named;
  if (place === "front") return `${named} in front of you`;
  if (place === "behind") return `${named} behind you`;
  return `${named} on your ${place}`;
}

/**
 * The sentence of an instruction, as BabyAI says it.
 *
 * @param instruction The tree.
 * @param several Whether more than one object matched a description when the episode started: "a"
 * instead of "the".
 */
export function sentence(
  instruction: Instruction,
  several: (description: Description) => boolean,
): string {
  const noun = (d: Description) => `${several(d) ? "a" : "the"} ${describe(d)}`;
  const say = (part: Instruction): string => {
    switch (part.kind) {
      case "goto":
        return `go to ${noun(part.target)}`;
      case "open":
        return `open ${noun(part.target)}`;
      case "pickup":
        return `pick up ${noun(part.target)}`;
      case "putnext":
        return `put ${noun(part.moved)} next to ${noun(part.fixed)}`;
      case "and":
        return `${say(part.first)} and ${say(part.second)}`;
      case "before":
        return `${say(part.first)}, then ${say(part.second)}`;
      case "after":
        return `${say(part.first)} after you ${say(part.second)}`;
    }
  };
  return say(instruction);
}
