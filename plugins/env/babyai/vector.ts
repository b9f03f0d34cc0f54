/**
 * N worlds of one BabyAI level, stepped together: Gymnasium's vector environment over typed arrays.
 * A step allocates nothing.
 */

import { type StageState, TandemError } from "@tandem/core";
import type { Pcg64State } from "@tandem/core/kit";
import { act, canAct } from "./actions.ts";
import { ACTION_NAMES, EMPTY } from "./cells.ts";
import { checkActions, checkOption, checkSeed, checkSeeds } from "./checks.ts";
import { type FixedFactors, Generator } from "./generator.ts";
import { hashRow } from "./keys.ts";
import { VersionedCache } from "./versioned_cache.ts";
import { findLevel, type OwnLevel } from "./levels.ts";
import type { MissionChoice } from "./mission_words.ts";
import {
  KIND_AT,
  MAX_ACTIONS,
  MISSION_BYTES,
  NO_ACTION,
  readMission,
  Sentences,
} from "./missions.ts";
import { makeObserver, type ObservationKind } from "./observers.ts";
import { type Observer, Rows } from "./rows.ts";
import { loadColumns, saveColumns } from "./saving.ts";
import { makeStreams, type Stream } from "./streams.ts";
import { describeView, type Language, noSentences } from "./text.ts";
import { CONTINUES, SUCCEEDED, verify } from "./verifier.ts";
import { View } from "./view.ts";
import { World } from "./world.ts";
import { MAX_OBJECTS, Worlds } from "./worlds.ts";

/** How a batch of worlds is made. */
export interface BabyAIOptions {
  /** A level's id, such as "BabyAI-GoToLocal-v0", or a level of one's own. */
  readonly level: string | OwnLevel;
  /** Number of worlds, N; 1 unless told otherwise. */
  readonly envs?: number;
  /** Cells along a side of the agent's view: odd, 3 to 15; 7 unless told otherwise. */
  readonly viewSize?: number;
  /**
   * Cells along a side of the part of the view that observations hold, the rest of which only words
   * tell: odd, 3 up to `viewSize`, which it is unless told otherwise.
   */
  readonly narrowed?: number;
  /** What the agents are given (observers.ts); "view" unless told otherwise. */
  readonly observation?: ObservationKind;
  /** Whether an episode's end and the next one's start share a step; true unless told otherwise. */
  readonly autoreset?: boolean;
  /** Whether success is worth 1 - 0.9 t / T and not 1; true unless told otherwise. */
  readonly timedReward?: boolean;
  /** Factors that are the same in every world, for experiments. Without any, worlds are Minigrid's. */
  readonly fixed?: FixedFactors;
  /** Which of the level's missions are met; all unless told otherwise. */
  readonly missions?: MissionChoice;
}

/**
 * N worlds of a level. The arrays belong to the batch and change with the next step or reset.
 *
 * @example
 * ```ts
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0", envs: 2 });
 * worlds.reset([0, 1]);
 * worlds.step(Int32Array.of(2, 0));
 * assert.equal(worlds.mission(0), "go to the red ball");
 * assert.equal(worlds.observations.length, 2 * 148);
 * ```
 */
export class BabyAIVector {
  /** The level's id. */
  readonly level: string;
  /** Number of worlds, N. */
  readonly envs: number;
  /** Number of categories of each byte of an observation, of which there are D. */
  readonly categories: readonly number[];
  /** Bytes of a cell of an observation's grid. */
  readonly channels: number;
  /** [N, D] observations; for "view" [from the left][from the far end][type, colour, state], direction. */
  readonly observations: Uint8Array;
  /** [N, D] observations at the end of the episodes that ended; rows of others mean nothing. */
  readonly finals: Uint8Array;
  /** [N] rewards of the last step. */
  readonly rewards: Float64Array;
  /** [N] 1 where the mission succeeded or failed in the last step. */
  readonly terminated: Uint8Array;
  /** [N] 1 where the last step reached the step limit. */
  readonly truncated: Uint8Array;
  /** [N] counts the changes of each world and of its observation: what is made of them lasts as long. */
  readonly versions: Uint32Array;
  /** The state of the worlds. */
  readonly worlds: Worlds;
  readonly view: View;

  readonly #generator: Generator;
  readonly #random: readonly Stream[];
  readonly #observer: Observer;
  readonly #autoreset: boolean;
  readonly #timed: boolean;
  /** [N] 1 where there is no episode to act in. */
  readonly #over: Uint8Array;
  readonly #now: Rows;
  readonly #final: Rows;
  /** Where "view" is not what agents are given, what texts are made of. */
  readonly #finalView: Rows;
  /** Whole views, where observations are but a part of them: states are told apart by these. */
  readonly #views: Rows | undefined;
  readonly #finalMissions: Uint8Array;
  readonly #sentences: Sentences;
  readonly #keys: VersionedCache<number>;
  readonly #known = noSentences();

  /** @throws TandemError E_LEVEL, E_OPTION. */
  constructor(options: BabyAIOptions) {
    const { envs = 1, viewSize = 7, autoreset = true, observation = "view" } = options;
    const { narrowed = viewSize } = options;
    const level = typeof options.level === "string" ? findLevel(options.level) : options.level;
    checkOption("envs", envs, Number.isInteger(envs) && envs > 0, "a whole number from 1 on");
    const fits = viewSize % 2 === 1 && viewSize >= 3 && viewSize <= 15;
    checkOption("viewSize", viewSize, fits, "an odd number from 3 to 15");
    const isWithin = narrowed % 2 === 1 && narrowed >= 3 && narrowed <= viewSize;
    checkOption("narrowed", narrowed, isWithin, `an odd number from 3 to viewSize, ${viewSize}`);
    if (narrowed < viewSize && observation === "full") {
      throw new TandemError(
        "E_OPTION",
        `The option narrowed is "${narrowed}", but the observation "full" is no part of a view.`,
      );
    }
    const width = level.columns * (level.roomSize - 1) + 1;
    const height = level.rows * (level.roomSize - 1) + 1;
    this.level = typeof options.level === "string" ? options.level : options.level.id;
    this.envs = envs;
    this.worlds = new Worlds(envs, width, height, viewSize - 2);
    this.view = new View(viewSize);
    const seen = narrowed === viewSize ? this.view : new View(narrowed);
    this.#observer = makeObserver(observation, this.worlds, seen);
    this.categories = this.#observer.categories;
    this.channels = this.#observer.channels;
    this.#now = new Rows(envs, this.categories.length);
    this.#final = new Rows(envs, this.categories.length);
    const isView = this.#observer === this.view;
    this.#finalView = isView ? this.#final : new Rows(envs, this.view.bytes);
    this.#views = narrowed === viewSize ? undefined : new Rows(envs, this.view.bytes);
    this.#finalMissions = new Uint8Array(envs * MISSION_BYTES);
    this.#sentences = new Sentences(this.worlds.missions);
    this.versions = new Uint32Array(envs).fill(1);
    this.#keys = new VersionedCache(this.versions, (i) => this.#hash(i));
    this.observations = this.#now.bytes;
    this.finals = this.#final.bytes;
    this.rewards = new Float64Array(envs);
    this.terminated = new Uint8Array(envs);
    this.truncated = new Uint8Array(envs);
    this.#over = new Uint8Array(envs).fill(1);
    this.#autoreset = autoreset;
    this.#timed = options.timedReward ?? true;
    this.#random = makeStreams(envs);
    this.#generator = new Generator(this.worlds, level, options, this.#random[0]!);
  }

  /** A number of steps that no episode of the level exceeds. */
  get longestEpisode(): number {
    const { maxSteps, roomSize, columns, rows } = this.#generator.level;
    // Every action of a mission allows as many steps as there are cells, "put next" twice as many.
    return maxSteps ?? 2 * MAX_ACTIONS * roomSize ** 2 * columns * rows;
  }

  /** Starts an episode in every world from its seed (length N), or where its generator stands. */
  reset(seeds?: ArrayLike<number>): void {
    if (seeds !== undefined) checkSeeds(seeds, this.envs);
    for (let i = 0; i < this.envs; i++) this.resetOne(i, seeds?.[i]);
  }

  /**
   * Starts an episode in world i from a seed, or where its generator stands.
   *
   * @throws TandemError E_OPTION where the seed is no whole number from 0 on.
   */
  resetOne(i: number, seed?: number): void {
    if (seed !== undefined) {
      checkSeed(seed);
      this.#random[i]!.reseed(seed);
    }
    this.#over[i] = 0;
    this.#start(i);
  }

  /**
   * Does one action in every world (length N) and fills the arrays.
   *
   * @throws TandemError E_ACTION, before anything is done, where an action is none of 0 to 6 or an
   * episode is over.
   */
  step(actions: ArrayLike<number>): void {
    checkActions(actions, this.#over);
    for (let i = 0; i < this.envs; i++) this.#step(i, actions[i]!);
  }

  /** World i, to read. */
  world(i: number): World {
    return new World(this.worlds, i, this.view.size);
  }

  /** The mission of world i. */
  mission(i: number): string {
    return this.#sentences.read(i);
  }

  /** What the agent of world i carries and sees, in words. */
  text(i: number, language?: Language): string[] {
    // Where an episode starts with full hands, Minigrid's first image does not show them yet.
    const id = this.worlds.carrying[i]!;
    const carried = id === 0 ? EMPTY : this.worlds.objectCell[i * MAX_OBJECTS + id]!;
    if (this.#finalView === this.#final) {
      return describeView(
        this.observations,
        i * this.view.bytes,
        this.view.size,
        language,
        carried,
        this.#known,
      );
    }
    const seen = new Rows(1, this.view.bytes);
    this.view.writeRow(this.worlds, i, seen, 0);
    return describeView(seen.bytes, 0, this.view.size, language, carried, this.#known);
  }

  /** A hash of 53 bits of world i's observation and mission: equal states have equal keys. */
  key(i: number): number {
    return this.#keys.of(i);
  }

  /** The mission of the episode that ended last in world i; the present one's where none has. */
  finalMission(i: number): string {
    if (this.#finalMissions[i * MISSION_BYTES + KIND_AT] === NO_ACTION) return this.mission(i);
    return readMission(this.#finalMissions, i * MISSION_BYTES);
  }

  /** What the agent of world i carried and saw when its episode ended, in words. */
  finalText(i: number, language?: Language): string[] {
    const { bytes, size } = this.view;
    return describeView(this.#finalView.bytes, i * bytes, size, language, undefined, this.#known);
  }

  /** {@linkcode key} of the observation at the end of the episode. */
  finalKey(i: number): number {
    return hashRow(this.#views ? this.#finalView : this.#final, this.#finalMissions, i);
  }

  /**
   * Writes [N, 7] bytes: 1 where an action would change something, 0 where it only takes time.
   * "done" never changes anything.
   */
  writeActionMasks(masks: Uint8Array): void {
    const count = ACTION_NAMES.length;
    for (let k = 0; k < this.envs * count; k++) {
      masks[k] = canAct(this.worlds, Math.floor(k / count), k % count) ? 1 : 0;
    }
  }

  /** The exact state of all worlds and their generators. */
  save(): StageState {
    const random = this.#random.map((one) => one.save());
    return saveColumns(this.envs, { level: this.level, random }, this.#columns);
  }

  /**
   * Goes on where {@linkcode save} was called.
   *
   * @throws TandemError E_SHAPE where the state is not of as many worlds of the same level.
   */
  load(state: StageState): void {
    const { level, random } = state.json as { level: string; random: readonly Pcg64State[] };
    if (level !== this.level || random.length !== this.envs) {
      throw new TandemError(
        "E_SHAPE",
        `The state of ${random.length} worlds of "${level}" cannot go on in ${this.envs} worlds ` +
          `of "${this.level}".`,
      );
    }
    loadColumns(state, this.#columns);
    for (let i = 0; i < this.envs; i++) this.versions[i]!++;
    for (const [i, one] of this.#random.entries()) one.load(random[i]!);
  }

  get #columns(): Readonly<Record<string, Uint8Array | Int32Array>> {
    return {
      ...this.worlds.columns,
      over: this.#over,
      observations: this.observations,
      finals: this.finals,
      finalViews: this.#finalView.bytes,
      finalMissions: this.#finalMissions,
    };
  }

  #hash(i: number): number {
    const { worlds } = this;
    if (!this.#views) return hashRow(this.#now, worlds.missions, i);
    this.view.writeRow(worlds, i, this.#views, i);
    return hashRow(this.#views, worlds.missions, i);
  }

  #step(i: number, action: number): void {
    const { worlds } = this;
    const count = ++worlds.steps[i]!;
    // Where an episode starts with full hands, the first observation does not show them yet.
    const changed = act(worlds, i, action) || (count === 1 && this.#generator.level.startsCarrying);
    if (changed) {
      this.versions[i]!++;
      this.#observer.write(worlds, i, this.#now);
    }
    const verdict = verify(worlds, i, action), limit = worlds.maxSteps[i]!;
    const terminated = verdict !== CONTINUES, truncated = count >= limit;
    const success = this.#timed ? 1 - 0.9 * (count / limit) : 1;
    this.rewards[i] = verdict === SUCCEEDED ? success : 0;
    this.terminated[i] = terminated ? 1 : 0;
    this.truncated[i] = truncated ? 1 : 0;
    if (terminated || truncated) this.#end(i);
  }

  #end(i: number): void {
    const { worlds } = this;
    this.#final.copyRow(i, this.#now);
    if (this.#finalView !== this.#final) this.view.write(worlds, i, this.#finalView);
    for (let k = i * MISSION_BYTES; k < (i + 1) * MISSION_BYTES; k++) {
      this.#finalMissions[k] = worlds.missions[k]!;
    }
    if (this.#autoreset) this.#start(i);
    else this.#over[i] = 1;
  }

  #start(i: number): void {
    this.#generator.generate(i, this.#random[i]!);
    this.#observer.write(this.worlds, i, this.#now);
    if (this.#generator.level.startsCarrying) this.#generator.startCarrying(i);
    this.versions[i]!++;
  }
}
