/**
 * Environments: BabyAI's 96 levels, a house in words, a corridor to learn with, two classics of control,
 * and any environment of Python's Gymnasium.
 *
 * @example Four corridors, stepped together.
 * ```ts
 * import { createContext } from "@tandem/core";
 * import { corridor } from "@tandem/env";
 * import assert from "node:assert/strict";
 * const env = await corridor({ length: 6 }).create(createContext({ seed: 1 }), { envs: 4 });
 * const observations = env.reset([1, 2, 3, 4]);
 * assert.equal(observations.envs, 4);
 * assert.equal(env.step(new Int32Array(4)).rewards.length, 4);
 * ```
 *
 * @module
 */
export { babyai } from "./babyai/mod.ts";
export { defineLevel, type LevelOptions, type LevelPlan } from "./babyai/define_level.ts";
export type {
  Described,
  DoorPlan,
  LevelWorld,
  ObjectColor,
  ObjectPlan,
  ObjectType,
  Placed,
  Room,
} from "./babyai/level_world.ts";
export { LEVEL_IDS, type LevelId, levelId } from "./babyai/levels.ts";
export { cartpole } from "./cartpole.ts";
export { corridor } from "./corridor.ts";
export { corridorFloat } from "./corridor_float.ts";
export { gymnasium } from "./gymnasium/mod.ts";
export { household } from "./household/mod.ts";
export { pendulum } from "./pendulum.ts";
// Every interface there is one of an env's options.
export type * from "./options.ts";
