/**
 * N worlds of one BabyAI level, stepped together: Gymnasium's vector environment over typed arrays.
 * A step allocates nothing.
 */

import { TandemError } from "../../../core/errors.ts";
import { Pcg64 } from "../../../core/random.ts";
import { act } from "./actions.ts";
import { ACTION_NAMES, EMPTY } from "./cells.ts";
import { Generator } from "./generator.ts";
import { findLevel } from "./levels.ts";
import { MAX_ACTIONS, MISSION_BYTES, readMission } from "./missions.ts";
import { describeView, type Language } from "./text.ts";
import { CONTINUES, SUCCEEDED, verify } from "./verifier.ts";
import { View } from "./view.ts";
import { World } from "./world.ts";
import { MAX_OBJECTS, Worlds } from "./worlds.ts";

/** How a batch of worlds is made. */
export interface BabyAIOptions {
  /** A level's id, such as "BabyAI-GoToLocal-v0". */
  readonly level: string;
  /** Number of worlds, N; 1 unless told otherwise. */
  readonly envs?: number;
  /** Cells along a side of the agent's view: odd, 3 to 15; 7 unless told otherwise. */
  readonly viewSize?: number;
  /** Whether an episode's end and the next one's start share a step; true unless told otherwise. */
  readonly autoreset?: boolean;
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
  /** Bytes of an observation, D: the image [size, size, 3] and the direction. */
  readonly bytes: number;
  /** [N, D] what the agents see: [from the left][from the far end][type, colour, state], direction. */
  readonly observations: Uint8Array;
  /** [N, D] what they saw when their episode ended; rows of others mean nothing. */
  readonly finals: Uint8Array;
  /** [N] rewards of the last step. */
  readonly rewards: Float64Array;
  /** [N] 1 where the mission succeeded or failed in the last step. */
  readonly terminated: Uint8Array;
  /** [N] 1 where the last step reached the step limit. */
  readonly truncated: Uint8Array;
  /** The state of the worlds. */
  readonly worlds: Worlds;
  readonly view: View;

  readonly #generator: Generator;
  readonly #random: Pcg64[];
  readonly #autoreset: boolean;
  readonly #over: Uint8Array;
  readonly #words: Uint32Array;
  readonly #finalWords: Uint32Array;
  readonly #finalMissions: Uint8Array;

  /** @throws TandemError E_LEVEL, E_OPTION. */
  constructor({ level, envs = 1, viewSize = 7, autoreset = true }: BabyAIOptions) {
    const plan = findLevel(level);
    checkOption("envs", envs, Number.isInteger(envs) && envs > 0, "a whole number from 1 on");
    const fits = viewSize % 2 === 1 && viewSize >= 3 && viewSize <= 15;
    checkOption("viewSize", viewSize, fits, "an odd number from 3 to 15");
    this.level = level;
    this.envs = envs;
    const width = plan.columns * (plan.roomSize - 1) + 1;
    const height = plan.rows * (plan.roomSize - 1) + 1;
    this.worlds = new Worlds(envs, width, height, viewSize - 2);
    this.view = new View(viewSize, this.worlds.stride);
    this.bytes = this.view.bytes;
    this.observations = new Uint8Array(envs * this.bytes);
    this.finals = new Uint8Array(envs * this.bytes);
    this.#words = new Uint32Array(this.observations.buffer);
    this.#finalWords = new Uint32Array(this.finals.buffer);
    this.#finalMissions = new Uint8Array(envs * MISSION_BYTES);
    this.rewards = new Float64Array(envs);
    this.terminated = new Uint8Array(envs);
    this.truncated = new Uint8Array(envs);
    this.#over = new Uint8Array(envs).fill(1);
    this.#autoreset = autoreset;
    this.#random = Array.from({ length: envs }, (_, i) => new Pcg64(i));
    this.#generator = new Generator(this.worlds, plan, this.#random[0]!);
  }

  /** Starts an episode in every world from its seed (length N), or where its generator stands. */
  reset(seeds?: ArrayLike<number>): void {
    if (seeds !== undefined && seeds.length !== this.envs) {
      throw new TandemError(
        "E_OPTION",
        `There are ${seeds.length} seeds for ${this.envs} worlds: each needs one.`,
      );
    }
    for (let i = 0; i < this.envs; i++) this.resetOne(i, seeds?.[i]);
  }

  /** Starts an episode in world i from a seed, or where its generator stands. */
  resetOne(i: number, seed?: number): void {
    if (seed !== undefined) this.#random[i]!.reseed(seed);
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
    this.#check(actions);
    for (let i = 0; i < this.envs; i++) this.#step(i, actions[i]!);
  }

  /** A number of steps that no episode of the level exceeds. */
  get longestEpisode(): number {
    const { maxSteps, roomSize, columns, rows } = this.#generator.level;
    // Every action of a mission allows as many steps as there are cells, "put next" twice as many.
    return maxSteps ?? 2 * MAX_ACTIONS * roomSize ** 2 * columns * rows;
  }

  /** World i, to read. */
  world(i: number): World {
    return new World(this.worlds, i, this.view.size);
  }

  /** The mission of world i. */
  mission(i: number): string {
    return readMission(this.worlds.missions, i * MISSION_BYTES);
  }

  /** What the agent of world i sees, in words. */
  text(i: number, language?: Language): string[] {
    // Where an episode starts with full hands, Minigrid's first image does not show them yet.
    const id = this.worlds.carrying[i]!;
    const carried = id === 0 ? EMPTY : this.worlds.objectCell[i * MAX_OBJECTS + id]!;
    return describeView(this.observations, i * this.bytes, this.view.size, language, carried);
  }

  /** A hash of 53 bits of world i's observation and mission: equal states have equal keys. */
  key(i: number): number {
    return hash(this.#words, i * this.bytes >> 2, this.bytes >> 2, this.worlds.missions, i);
  }

  /** The mission of the episode that ended in world i in the last step. */
  finalMission(i: number): string {
    return readMission(this.#finalMissions, i * MISSION_BYTES);
  }

  /** What the agent of world i saw when its episode ended, in words. */
  finalText(i: number, language?: Language): string[] {
    return describeView(this.finals, i * this.bytes, this.view.size, language);
  }

  /** {@linkcode key} of the observation at the end of the episode. */
  finalKey(i: number): number {
    return hash(this.#finalWords, i * this.bytes >> 2, this.bytes >> 2, this.#finalMissions, i);
  }

  #step(i: number, action: number): void {
    const { worlds } = this, words = this.bytes >> 2;
    const count = ++worlds.steps[i]!;
    let changed = act(worlds, i, action);
    if (count === 1 && this.#generator.level.startsCarrying) changed = true;
    if (changed) this.view.write(worlds, i, this.#words, i * words);
    const verdict = verify(worlds, i, action), limit = worlds.maxSteps[i]!;
    const terminated = verdict !== CONTINUES, truncated = count >= limit;
    this.rewards[i] = verdict === SUCCEEDED ? 1 - 0.9 * (count / limit) : 0;
    this.terminated[i] = terminated ? 1 : 0;
    this.truncated[i] = truncated ? 1 : 0;
    if (!terminated && !truncated) return;
    for (let k = i * words; k < (i + 1) * words; k++) this.#finalWords[k] = this.#words[k]!;
    for (let k = i * MISSION_BYTES; k < (i + 1) * MISSION_BYTES; k++) {
      this.#finalMissions[k] = worlds.missions[k]!;
    }
    if (this.#autoreset) this.#start(i);
    else this.#over[i] = 1;
  }

  #start(i: number): void {
    this.#generator.generate(i, this.#random[i]!);
    this.view.write(this.worlds, i, this.#words, i * this.bytes >> 2);
    if (this.#generator.level.startsCarrying) this.#generator.startCarrying(i);
  }

  #check(actions: ArrayLike<number>): void {
    if (actions.length !== this.envs) {
      throw new TandemError(
        "E_ACTION",
        `There are ${actions.length} actions for ${this.envs} worlds: each needs one.`,
      );
    }
    for (let i = 0; i < this.envs; i++) {
      const action = actions[i]!;
      if (action < 0 || action >= ACTION_NAMES.length || !Number.isInteger(action)) {
        throw new TandemError(
          "E_ACTION",
          `The action "${action}" of world ${i} is none: actions are 0 to 6 (${
            ACTION_NAMES.join(", ")
          }).`,
        );
      }
      if (this.#over[i] === 1) {
        throw new TandemError(
          "E_ACTION",
          `World ${i} has no episode to act in: it is over or not begun, and must be reset.`,
        );
      }
    }
  }
}

function checkOption(name: string, value: unknown, fits: boolean, right: string): void {
  if (!fits) throw new TandemError("E_OPTION", `The option ${name} is "${value}", not ${right}.`);
}

/** Two multiplicative hashes of 32 bits over an observation and its mission, joined. */
function hash(
  words: Uint32Array,
  from: number,
  count: number,
  missions: Uint8Array,
  index: number,
): number {
  let one = 0x811c9dc5, other = 0x9e3779b9;
  for (let k = from; k < from + count; k++) {
    one = Math.imul(one ^ words[k]!, 0x01000193);
    other = Math.imul(other ^ words[k]! ^ other >>> 15, 0x85ebca6b);
  }
  for (let k = index * MISSION_BYTES; k < (index + 1) * MISSION_BYTES; k++) {
    one = Math.imul(one ^ missions[k]!, 0x01000193);
    other = Math.imul(other ^ missions[k]! ^ other >>> 15, 0x85ebca6b);
  }
  return ((one ^ one >>> 13) >>> 0) * 2097152 + ((other ^ other >>> 16) >>> 11);
}
