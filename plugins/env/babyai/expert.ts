/**
 * The expert as a ruler: what it would do in a world that others act in, how long its plan is, and
 * whether another's action is as good as its own. It works in a copy and never touches the world.
 */

import { act } from "./actions.ts";
import { Bot } from "./bot.ts";
import { type Stuck, stuck } from "./bot_plan.ts";
import { describePlan } from "./bot_words.ts";
import { DONE } from "./cells.ts";
import { CONTINUES, SUCCEEDED, verify } from "./verifier.ts";
import { World } from "./world.ts";
import { Worlds } from "./worlds.ts";

type Column = {
  [Key in keyof Worlds]: Worlds[Key] extends Uint8Array | Int16Array | Int32Array ? Key : never;
}[keyof Worlds];

/** All columns of a batch, each a row a world: a copy that leaves one out does not compile. */
const COLUMNS = Object.keys(
  {
    cells: 0,
    objectAt: 0,
    marks: 0,
    agent: 0,
    direction: 0,
    carrying: 0,
    steps: 0,
    maxSteps: 0,
    moved: 0,
    objects: 0,
    objectCell: 0,
    objectPlace: 0,
    objectStart: 0,
    contents: 0,
    members: 0,
    missions: 0,
    ledDone: 0,
    done: 0,
    held: 0,
  } satisfies Record<Column, 0>,
) as Column[];

/** Makes world `target` of `to` equal to world `source` of `from`; both batches have one size. */
export function copyWorld(from: Worlds, source: number, to: Worlds, target: number): void {
  for (const name of COLUMNS) {
    const width = from[name].length / from.count;
    to[name].set(from[name].subarray(source * width, (source + 1) * width), target * width);
  }
}

/** A copy of a world in a batch of its own. */
export function cloneWorld({ worlds, index, viewSize }: World): World {
  const copy = new Worlds(1, worlds.width, worlds.height, worlds.margin);
  copyWorld(worlds, index, copy, 0);
  return new World(copy, 0, viewSize);
}

/**
 * An expert that follows an episode in which others act. It plans only when asked: recording an
 * action costs next to nothing.
 *
 * @example
 * ```ts
 * import { Expert } from "./expert.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0" });
 * worlds.reset([0]);
 * const expert = new Expert(worlds.world(0));
 * assert.equal(expert.action(), 1);
 * assert.equal(expert.isRight(1), true);
 * assert.equal(expert.isRight(6), false);
 * worlds.step([1]);
 * expert.record(1);
 * assert.equal(expert.subgoal(), "go to the red ball");
 * ```
 */
export class Expert {
  readonly #live: World;
  readonly #past: World;
  readonly #rollout: World;
  #bot: Bot | undefined;
  #roller: Bot | undefined;
  readonly #taken: number[] = [];
  /** Actions recorded, those of them that the past world has seen, and whether the bot has begun. */
  #recorded = 0;
  #replayed = 0;
  #begun = false;
  #advice: number | Stuck = DONE;
  /** Steps left after the advised action; undefined until asked for. */
  #left: number | undefined;

  /** @param world A live view of a world whose episode starts now. */
  constructor(world: World) {
    this.#live = world;
    this.#past = cloneWorld(world);
    this.#rollout = cloneWorld(world);
  }

  /** A new episode has started in the world. */
  begin(): void {
    copyWorld(this.#live.worlds, this.#live.index, this.#past.worlds, 0);
    this.#recorded = this.#replayed = 0;
    this.#begun = false;
  }

  /** An action was taken in the world. */
  record(action: number): void {
    this.#taken[this.#recorded++] = action;
  }

  /** The expert's action in the present state, or why it has none. */
  advice(): number | Stuck {
    this.#catchUp();
    return this.#advice;
  }

  /** The expert's action in the present state, or -1 where it has none. */
  action(): number {
    const advice = this.advice();
    return typeof advice === "number" ? advice : -1;
  }

  /** Steps that the expert needs from here, or Infinity where it does not get there. */
  planLength(): number {
    const advice = this.advice();
    if (typeof advice !== "number") return Infinity;
    this.#left ??= this.#stepsAfter(advice, Infinity);
    return 1 + this.#left;
  }

  /** Whether an action is the expert's, or leaves it a plan no longer than its own does. */
  isRight(action: number): boolean {
    const advice = this.advice();
    if (action === advice) return true;
    const left = this.planLength() - 1;
    return left < Infinity && this.#stepsAfter(action, left) <= left;
  }

  /** What the expert is about, in words; "done" where it has nothing to do. */
  subgoal(): string {
    return this.plan()[0] ?? "done";
  }

  /** What the expert means to do, in words, the next first. */
  plan(): string[] {
    this.#catchUp();
    return describePlan(this.#bot!);
  }

  #catchUp(): void {
    const bot = this.#bot ??= new Bot(this.#past);
    if (this.#begun && this.#replayed === this.#recorded) return;
    if (!this.#begun) {
      bot.restart();
      this.#advice = bot.plan();
      this.#begun = true;
    }
    for (; this.#replayed < this.#recorded; this.#replayed++) {
      const action = this.#taken[this.#replayed]!;
      advance(this.#past, action);
      this.#advice = bot.plan(action);
    }
    // An expert that calls an unfinished mission done has lost its way.
    if (this.#advice === DONE) this.#advice = stuck("it takes the mission for done");
    this.#left = undefined;
  }

  /** Steps that the expert needs after an action, Infinity for more than `limit`. */
  #stepsAfter(action: number, limit: number): number {
    const world = this.#rollout, bot = this.#roller ??= new Bot(world);
    copyWorld(this.#past.worlds, 0, world.worlds, 0);
    bot.copyFrom(this.#bot!);
    for (let steps = 0, next = action; steps <= limit; steps++) {
      const verdict = advance(world, next);
      if (verdict !== CONTINUES) return verdict === SUCCEEDED ? steps : Infinity;
      if (world.steps >= world.maxSteps) return Infinity;
      const advice = bot.plan(next);
      if (typeof advice !== "number" || advice === DONE) return Infinity;
      next = advice;
    }
    return Infinity;
  }
}

/**
 * Whether an action is right in a world's present state: the action of an expert that starts here, or
 * one that leaves it a plan no longer. An episode in progress is better judged by an
 * {@linkcode Expert} that has followed it and knows what was seen and done.
 */
export function isRightAction(world: World, action: number): boolean {
  return new Expert(world).isRight(action);
}

function advance({ worlds, index }: World, action: number): number {
  worlds.steps[index]!++;
  act(worlds, index, action);
  return verify(worlds, index, action);
}
