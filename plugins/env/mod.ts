/**
 * Environments: BabyAI's 96 levels, a corridor to learn with, and two classics of control.
 *
 * @module
 */
export { babyai } from "./babyai/mod.ts";
export { LEVEL_IDS, type LevelId, levelId } from "./babyai/levels.ts";
export { cartpole } from "./cartpole.ts";
export { corridor } from "./corridor.ts";
export { corridorFloat } from "./corridor_float.ts";
export { pendulum } from "./pendulum.ts";
