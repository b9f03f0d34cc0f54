import * as v from "valibot";
import { whole } from "../../../core/bounds.ts";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";
import { BabyAIEnv } from "./env.ts";
import { levelId } from "./levels.ts";

const seed = v.optional(whole(0, Number.MAX_SAFE_INTEGER));

/** Options of {@linkcode babyai}. */
export const babyaiOptions = {
  /** A level's id; "BabyAI-" and "-v0" may be left out. */
  level: v.optional(v.string(), "BabyAI-GoToRedBallNoDists-v0"),
  /** Cells along a side of the agent's view: odd, 3 to 15. */
  viewSize: v.optional(whole(3, 15), 7),
  /** What is observed: the agent's "view", the "full" grid, the view "one-hot", or "flat" with the mission. */
  observation: v.optional(v.picklist(["view", "full", "one-hot", "flat"]), "view"),
  /** The language of observations in words. */
  language: v.optional(v.picklist(["english", "french"]), "english"),
  /**
   * Factors that stay as they are in the world of a seed while the rest varies: where the agent
   * starts, what stands where, what the mission asks for. Such as { "layout": 3 }.
   */
  fixed: v.optional(v.strictObject({ agent: seed, layout: seed, goal: seed }), {}),
} as const;

/**
 * The 96 levels of BabyAI (Chevalier-Boisvert et al., arXiv 1810.08272), bit-exact to Farama
 * Minigrid 3.1.0. An observation is the agent's view [size, size, 3] (type, colour, state) and its
 * direction; the reward of success is 1 - 0.9 t / T.
 */
export const babyai: Plugin<"env", typeof babyaiOptions, "grid"> = definePlugin({
  kind: "env",
  name: "babyai",
  description: "BabyAI's 96 levels, bit-exact to Minigrid.",
  options: babyaiOptions,
  fits: ["grid"],
  create: ({ level, language, ...options }, _context, { envs }) =>
    new BabyAIEnv({ ...options, level: levelId(level), envs }, language),
});
