/**
 * The expert: Minigrid's BabyAIBot, action for action. It keeps a stack of subgoals, knows only what
 * the agent has seen, and mends its plan when the agent acts otherwise than advised.
 */

import {
  type Decision,
  isExploratory,
  type Objects,
  type Planner,
  type Previous,
  type Stuck,
  stuck,
  type Subgoal,
  subgoalsOf,
} from "./bot_plan.ts";
import { decide, settle } from "./bot_rules.ts";
import { NOWHERE, Search } from "./bot_search.ts";
import { BOX, DONE, DOOR, DROP, OPEN, stateOf, TOGGLE, typeOf, WALL } from "./cells.ts";
import type { Match, World } from "./world.ts";

/** Changes of plan within one step after which the expert gives up; none that ended took more than 5. */
const MAX_CHANGES = 100;

/** The plan of a {@linkcode Bot}. */
export interface SavedBot {
  readonly stack: readonly Subgoal[];
  readonly stuck: Stuck | null;
  readonly matches: readonly (Match | null)[];
  readonly previous: Readonly<Previous>;
}

/**
 * An expert for one episode of a world, from its start.
 *
 * @example
 * ```ts
 * import { Bot } from "./bot.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0", autoreset: false });
 * worlds.reset([0]);
 * const bot = new Bot(worlds.world(0));
 * let advice = bot.plan();
 * while (typeof advice === "number" && worlds.terminated[0] === 0) {
 *   worlds.step([advice]);
 *   advice = bot.plan(advice);
 * }
 * assert.ok(worlds.rewards[0]! > 0.9);
 * ```
 */
export class Bot implements Planner {
  readonly search: Search;
  readonly previous: Previous = { agent: -1, carrying: 0, frontIsBox: false, doorWasOpen: false };
  /** What is left to do, the next on top (last). */
  #stack: Subgoal[] = [];
  #stuck: Stuck | undefined;
  /** Where the mission's objects are, by description: that changes with a drop only. */
  #matches: Match[] = [];

  /** @param world A live view of the world, as an episode starts. */
  constructor(readonly world: World) {
    this.search = new Search(world);
    this.restart();
  }

  /** Forgets everything: a new episode has started in the world. */
  restart(): void {
    this.search.seen.fill(0);
    this.#stack = subgoalsOf(this.world.instruction);
    this.#stuck = undefined;
    this.#matches = [];
    Object.assign(this.previous, { agent: -1, carrying: 0, frontIsBox: false, doorWasOpen: false });
  }

  /** Goes on as another expert would: its world must hold a copy of the other's. */
  copyFrom(other: Bot): void {
    this.search.seen.set(other.search.seen);
    this.#stack = [...other.#stack];
    this.#stuck = other.#stuck;
    this.#matches = [...other.#matches];
    Object.assign(this.previous, other.previous);
  }

  /** Its plan as JSON; what it has seen is `search.seen`. */
  save(): SavedBot {
    return {
      stack: this.#stack,
      stuck: this.#stuck ?? null,
      matches: Array.from(this.#matches, (match) => match ?? null),
      previous: this.previous,
    };
  }

  /** Goes on with a saved plan. */
  load({ stack, stuck, matches, previous }: SavedBot): void {
    this.#stack = [...stack];
    this.#stuck = stuck ?? undefined;
    this.#matches = [];
    matches.forEach((match, slot) => {
      if (match) this.#matches[slot] = match;
    });
    Object.assign(this.previous, previous);
  }

  /** What is left to do, the next first. */
  get subgoals(): readonly Subgoal[] {
    return this.#stack.toReversed();
  }

  /**
   * The action to take now. To be called once a step, or the expert misses what there was to see.
   *
   * @param taken The action the agent took last; undefined at the episode's start, or where it took
   * the one advised.
   * @returns An action, DONE where the mission seems fulfilled, or why there is none.
   */
  plan(taken?: number): number | Stuck {
    if (this.#stuck) return this.#stuck;
    this.search.look();
    if (taken === undefined || taken === DROP) this.#matches = [];
    const advice = taken === TOGGLE && this.previous.frontIsBox
      ? stuck("a box was opened")
      : this.#decide(taken);
    this.#remember();
    if (typeof advice !== "number") this.#stuck = advice;
    return advice;
  }

  push(...subgoals: Subgoal[]): void {
    this.#stack.push(...subgoals);
  }

  pop(): undefined {
    this.#stack.pop();
  }

  nearest({ description, match }: Objects, beside: boolean): number | Stuck {
    const { objects, positions } = match ??
      (this.#matches[description.slot] ??= this.world.tracked(description));
    if (objects.length === 0) return stuck("nothing matches what it is looking for");
    let best = NOWHERE, bestSteps = 999;
    for (let i = 0; i < Math.min(objects.length, positions.length); i++) {
      const id = objects[i]!;
      if (this.world.objectType(id) === WALL || id === this.world.carrying) continue;
      const [x, y] = positions[i]!;
      const place = this.world.worlds.placeOf(x, y);
      if (this.search.seen[place] === 0) continue;
      const steps = this.#stepsTo(place, beside);
      if (steps === undefined) return stuck("no way leads to what it has seen");
      if (steps < bestSteps) [best, bestSteps] = [place, steps];
    }
    return best;
  }

  /** Steps to an object, with what it takes at least to clear the way or to step back. */
  #stepsTo(place: number, beside: boolean): number | undefined {
    const path = this.search.path((candidate) => candidate === place, true);
    if (!path) return undefined;
    let steps = path.length;
    if (path.blocked) steps += this.world.carrying === 0 ? 4 : 7;
    if (steps === 0) steps = beside ? 3 : 2;
    return beside && steps === 1 ? 3 : steps;
  }

  #decide(taken: number | undefined): number | Stuck {
    const top = this.#stack.at(-1);
    if (top) settle(this, top, taken);
    while (this.#stack.length > 0 && isExploratory(this.#stack.at(-1)!)) this.#stack.pop();
    for (let changes = 0; changes < MAX_CHANGES; changes++) {
      const subgoal = this.#stack.at(-1);
      if (!subgoal) return DONE;
      const decision: Decision = decide(this, subgoal);
      if (decision !== undefined) return decision;
    }
    return stuck("its plan goes in circles");
  }

  #remember(): void {
    const { previous, search } = this;
    const front = search.cell(search.front);
    previous.agent = search.agent;
    previous.carrying = this.world.carrying;
    previous.frontIsBox = typeOf(front) === BOX;
    if (typeOf(front) === DOOR) previous.doorWasOpen = stateOf(front) === OPEN;
  }
}
