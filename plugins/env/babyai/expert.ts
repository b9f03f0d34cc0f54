/**
 * The expert as a ruler: what it would do in a world that others act in, how long its plan is, and
 * whether another's action is as good as its own. It works in a copy and never touches the world.
 */

import { act } from "./actions.ts";
import { Bot, type SavedBot } from "./bot.ts";
import { type Stuck, stuck } from "./bot_plan.ts";
import { placesOfThings, type SeenPlace } from "./bot_sight.ts";
import { describePlan } from "./bot_words.ts";
import { DONE } from "./cells.ts";
import { cloneWorld, copyWorld } from "./copy.ts";
import { CONTINUES, SUCCEEDED, verify } from "./verifier.ts";
import type { Columns } from "./saving.ts";
import type { World } from "./world.ts";

/** A world and an expert to try things in. Any number of experts can share one. */
class Rollout {
  readonly world: World;
  readonly bot: Bot;

  /** @param world A world of the size that shall be tried. */
  constructor(world: World) {
    this.world = cloneWorld(world);
    this.bot = new Bot(this.world);
  }

  /**
   * Steps that the expert needs after an action until the mission succeeds; Infinity where that is
   * never or takes more than `limit`.
   *
   * @param bot The expert and its world before the action; both stay as they are.
   */
  stepsAfter(bot: Bot, action: number, limit: number): number {
    const { world } = this;
    copyWorld(bot.world.worlds, bot.world.index, world.worlds, world.index);
    this.bot.copyFrom(bot);
    for (let steps = 0, next = action; steps <= limit; steps++) {
      const verdict = advance(world, next);
      if (verdict !== CONTINUES) return verdict === SUCCEEDED ? steps : Infinity;
      if (world.steps >= world.maxSteps) return Infinity;
      const advice = this.bot.plan(next);
      if (typeof advice !== "number" || advice === DONE) return Infinity;
      next = advice;
    }
    return Infinity;
  }
}

/** What an {@linkcode Expert} remembers beside its columns. */
export interface SavedExpert {
  readonly bot: SavedBot;
  /** Actions that its past world has not seen. */
  readonly taken: readonly number[];
  readonly begun: boolean;
  readonly advice: number | Stuck;
  readonly left?: number;
}

/**
 * An expert that follows one world in which others act. It plans only when asked: recording an
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
 * assert.equal(expert.action(), 2);
 * assert.equal(expert.isRight(2), true);
 * assert.equal(expert.isRight(6), false);
 * worlds.step([2]);
 * expert.record(2);
 * assert.equal(expert.subgoal(), "go to the red ball");
 * ```
 */
export class Expert {
  readonly #live: World;
  readonly #past: World;
  readonly #rollout: Rollout;
  readonly #bot: Bot;
  readonly #taken: number[] = [];
  /** Actions recorded, those of them that the past world has seen, and whether the bot has begun. */
  #recorded = 0;
  #replayed = 0;
  #begun = false;
  #advice: number | Stuck = DONE;
  /** Steps left after the advised action; undefined until asked for. */
  #left: number | undefined;

  /**
   * @param world A live view of a world whose episode starts now.
   * @param rollout Where actions are tried; one of its own unless given.
   */
  constructor(world: World, rollout: Rollout = new Rollout(world)) {
    this.#live = world;
    this.#past = cloneWorld(world);
    this.#rollout = rollout;
    this.#bot = new Bot(this.#past);
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

  /** Its world, which lags behind the live one, and what it has seen of it. */
  get columns(): Columns {
    return { ...this.#past.worlds.columns, seen: this.#bot.search.seen };
  }

  save(): SavedExpert {
    return {
      bot: this.#bot.save(),
      taken: this.#taken.slice(this.#replayed, this.#recorded),
      begun: this.#begun,
      advice: this.#advice,
      left: this.#left,
    };
  }

  /** Goes on where {@linkcode save} was called; its columns have been filled before. */
  load({ bot, taken, begun, advice, left }: SavedExpert): void {
    this.#bot.load(bot);
    this.#taken.splice(0, Infinity, ...taken);
    [this.#replayed, this.#recorded] = [0, taken.length];
    [this.#begun, this.#advice, this.#left] = [begun, advice, left];
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
    this.#left ??= this.#rollout.stepsAfter(this.#bot, advice, Infinity);
    return 1 + this.#left;
  }

  /** Whether an action is the expert's, or leaves it a plan no longer than its own does. */
  isRight(action: number): boolean {
    const advice = this.advice();
    if (action === advice) return true;
    const left = this.planLength() - 1;
    return left < Infinity && this.#rollout.stepsAfter(this.#bot, action, left) <= left;
  }

  /** What the expert is about, in words; "done" where it has nothing to do. */
  subgoal(): string {
    return this.plan()[0] ?? "done";
  }

  /** Where the things in sight are that the expert may be about, the one that it has chosen first. */
  things(): readonly SeenPlace[] {
    this.#catchUp();
    return placesOfThings(this.#bot);
  }

  /** What the expert means to do, in words, the next first. */
  plan(): string[] {
    this.#catchUp();
    return describePlan(this.#bot);
  }

  #catchUp(): void {
    const bot = this.#bot;
    if (this.#begun && this.#replayed === this.#recorded) return;
    if (!this.#begun) {
      bot.restart();
      this.#advice = bot.plan();
      this.#left = undefined;
      this.#begun = true;
    }
    for (; this.#replayed < this.#recorded; this.#replayed++) {
      const action = this.#taken[this.#replayed]!;
      advance(this.#past, action);
      // Along its own plan the expert need not count again.
      this.#left = this.#left !== undefined && action === this.#advice ? this.#left - 1 : undefined;
      this.#advice = bot.plan(action);
    }
    // An expert that calls an unfinished mission done has lost its way.
    if (this.#advice === DONE) this.#advice = stuck("it takes the mission for done");
  }
}

function advance({ worlds, index }: World, action: number): number {
  worlds.steps[index]!++;
  act(worlds, index, action);
  return verify(worlds, index, action);
}
