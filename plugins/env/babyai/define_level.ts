import * as v from "valibot";
import { definePlugin, type Plugin, TandemError } from "@tandem/core";
import { quote } from "@tandem/core/internal";
import { whole } from "@tandem/core/kit";
import type { BabyaiOptions } from "../options.ts";
import { BabyAIEnv } from "./env.ts";
import { LevelWorld } from "./level_world.ts";
import { level } from "./levels/plans.ts";
import { worldOptions } from "./world_options.ts";

/** A level of one's own: its rooms, and how a world of it comes to be. */
export interface LevelPlan {
  /** What it is called: lower case and hyphens. */
  readonly name: string;
  /** One line that says what it is. */
  readonly description: string;
  /** What its page says besides. */
  readonly details?: string;
  /** Cells along a room's side, walls included, from 3 on; 8 where it is left out. */
  readonly roomSize?: number;
  /** Rooms side by side; 1 where it is left out. */
  readonly columns?: number;
  /** Rooms one below the other; 1 where it is left out. */
  readonly rows?: number;
  /** Steps of an episode at most; where it is left out, Minigrid's: rooms x size² for each thing to do. */
  readonly maxSteps?: number;
  /** Furnishes an empty world and gives it its mission. Chance comes from `world` alone. */
  build(world: LevelWorld): void;
}

/** Cells along a side of a whole world at most: a row of them is a word of bits. */
const MAX_SIDE = 31;

const planSchema = v.object({
  roomSize: v.optional(whole(3, MAX_SIDE), 8),
  columns: v.optional(whole(1, 15), 1),
  rows: v.optional(whole(1, 15), 1),
  maxSteps: v.optional(whole(1, 1_000_000)),
});

/** Options of a level of one's own: those of `babyai` without `level`. */
export type LevelOptions = Omit<BabyaiOptions, "level">;

/**
 * An env plugin of a level of one's own, in BabyAI's world: its physics, words and pictures, and an
 * expert that solves it, are there. Worlds depend on the seed alone.
 *
 * @throws {TandemError} E_LEVEL where the rooms cannot be, E_PLUGIN for a name that no plugin can have.
 * @example
 * ```ts
 * import { createContext } from "@tandem/core";
 * import { defineLevel } from "@tandem/env";
 * import assert from "node:assert/strict";
 *
 * const twoBalls = defineLevel({
 *   name: "two-balls",
 *   description: "Put a ball next to another.",
 *   roomSize: 6,
 *   build(world) {
 *     world.agent();
 *     const red = world.object({ type: "ball", color: "red" });
 *     const blue = world.object({ type: "ball", color: "blue" });
 *     world.putNextTo(red, blue);
 *   },
 * });
 * const env = await twoBalls().create(createContext({ seed: 0 }), { envs: 1 });
 * assert.equal(env.reset([0]).mission(0), "put the red ball next to the blue ball");
 * ```
 */
export function defineLevel(plan: LevelPlan): Plugin<"env", LevelOptions, "grid"> {
  const { name, description, details } = plan;
  const made = levelOf(plan);
  return definePlugin({
    ...{ kind: "env", name, description, details },
    options: worldOptions,
    fits: ["grid"],
    create: ({ language, ...options }, _context, { envs }) =>
      new BabyAIEnv({ ...options, level: made, envs }, language),
  });
}

function levelOf({ name, build, ...plan }: LevelPlan) {
  const parsed = v.safeParse(planSchema, plan);
  if (!parsed.success) {
    const [{ path, input, message }] = parsed.issues;
    const key = path?.map(({ key }) => key).join(".");
    throw new TandemError(
      "E_LEVEL",
      `The level ${quote(name)} has ${key} ${quote(String(input))}: ${message}`,
    );
  }
  const { maxSteps = null, ...rooms } = parsed.output;
  const side = Math.max(rooms.columns, rooms.rows) * (rooms.roomSize - 1) + 1;
  if (side > MAX_SIDE) {
    throw new TandemError(
      "E_LEVEL",
      `The level ${quote(name)} has ${side} cells along a side, not ${MAX_SIDE} at most: take ` +
        "smaller rooms or fewer.",
    );
  }
  const furnish = (builder: ConstructorParameters<typeof LevelWorld>[0]) => {
    const world = new LevelWorld(builder);
    build(world);
    world.finish();
  };
  return { id: name, ...level(furnish, { ...rooms, maxSteps }) };
}
