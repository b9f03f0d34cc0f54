/**
 * The expert's plan as values: subgoals, and those that an instruction starts with.
 */

import type { Action, Description, Instruction } from "./instructions.ts";
import type { Search } from "./bot_search.ts";
import type { Match, World } from "./world.ts";

/** The objects of a description; `match` holds those found for one that is not the mission's. */
export interface Objects {
  readonly description: Description;
  readonly match?: Match;
}

/** Face a place, or the nearest of some objects; for "beside", face a free place next to it. */
export interface Approach {
  readonly kind: "approach";
  readonly target: number | Objects;
  readonly reason?: "beside" | "open" | "explore";
}

/** Open the door ahead; "unlock": and get rid of its key; "keep": and keep the key. */
export interface OpenAhead {
  readonly kind: "open";
  readonly reason?: "unlock" | "keep";
}

/** A step of the expert's plan. */
export type Subgoal =
  | Approach
  | OpenAhead
  | { readonly kind: "close" }
  | { readonly kind: "pickup" }
  | { readonly kind: "drop" }
  | { readonly kind: "explore" };

/** Why the expert has no action. */
export interface Stuck {
  readonly kind: "stuck";
  readonly reason: string;
}

/** An action; or none because the plan was changed and is to be looked at again; or none at all. */
export type Decision = number | undefined | Stuck;

/** Close the door ahead. */
export const CLOSE: Subgoal = { kind: "close" };
/** Pick up what is ahead. */
export const PICK: Subgoal = { kind: "pickup" };
/** Drop what is carried ahead. */
export const PUT: Subgoal = { kind: "drop" };
/** Open the door ahead, whatever it takes. */
export const OPEN_IT: Subgoal = { kind: "open" };
/** See more of the world. */
export const EXPLORE: Subgoal = { kind: "explore" };

/** The subgoals of an instruction, the first to be done last. */
export function subgoalsOf(instruction: Instruction): Subgoal[] {
  switch (instruction.kind) {
    case "after":
      return [...subgoalsOf(instruction.first), ...subgoalsOf(instruction.second)];
    case "before":
    case "and":
      return [...subgoalsOf(instruction.second), ...subgoalsOf(instruction.first)];
    default:
      return subgoalsOfAction(instruction);
  }
}

function subgoalsOfAction(action: Action): Subgoal[] {
  switch (action.kind) {
    case "goto":
      return [approach({ description: action.target })];
    case "open":
      return [OPEN_IT, approach({ description: action.target }, "open")];
    case "pickup":
      // It is dropped at once, so that the hands are free for what follows.
      return [PUT, PICK, approach({ description: action.target })];
    case "putnext":
      return [
        PUT,
        approach({ description: action.fixed }, "beside"),
        PICK,
        approach({ description: action.moved }),
      ];
  }
}

/** Whether a subgoal serves exploration only, and goes once there is something better to do. */
export function isExploratory(subgoal: Subgoal): boolean {
  return subgoal.kind === "explore" ||
    (subgoal.kind === "approach" && subgoal.reason === "explore");
}

/** A subgoal to go somewhere. */
export function approach(target: number | Objects, reason?: Approach["reason"]): Approach {
  return { kind: "approach", target, reason };
}

/** The answer of an expert that has no action. */
export function stuck(reason: string): Stuck {
  return { kind: "stuck", reason };
}

/** What the expert knew when it last advised. */
export interface Previous {
  agent: number;
  carrying: number;
  frontIsBox: boolean;
  /** Of the door that was last ahead. */
  doorWasOpen: boolean;
}

/** What the rules see of an expert, and how they change its plan. */
export interface Planner {
  readonly world: World;
  readonly search: Search;
  readonly previous: Readonly<Previous>;
  /** Adds subgoals; the last is to be done first. */
  push(...subgoals: Subgoal[]): void;
  /** Drops the subgoal on top, which is reached or replaced. */
  pop(): undefined;
  /**
   * The place of the nearest seen object, or NOWHERE where none is seen.
   *
   * @param beside The agent wants to face a free place next to it, not the object.
   */
  nearest(objects: Objects, beside: boolean): number | Stuck;
}
