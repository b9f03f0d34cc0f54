import * as v from "valibot";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { BabyAIEnv } from "./env.ts";
import { levelId } from "./levels.ts";
import { worldOptions } from "./world_options.ts";
import type { BabyaiOptions } from "../options.ts";

const babyaiOptions = {
  level: option(
    `A level's id; "BabyAI-" and "-v0" may be left out.`,
    v.string(),
    "BabyAI-GoToRedBallNoDists-v0",
  ),
  ...worldOptions,
} as const;

/** BabyAI's 96 levels, bit-exact to Minigrid. */
export const babyai: Plugin<"env", BabyaiOptions, "grid"> = definePlugin({
  kind: "env",
  name: "babyai",
  description: "BabyAI's 96 levels, bit-exact to Minigrid.",
  details: `
    The 96 levels of BabyAI (Chevalier-Boisvert et al., arXiv 1810.08272), bit-exact to Farama
    Minigrid 3.1.0. An observation is the agent's view [size, size, 3] (type, colour, state) and
    its direction; the reward of success is 1 - 0.9 t / T, or 1 without \`timedReward\`. Success, and
    what chance and the expert come to, are the same either way.`,
  options: babyaiOptions,
  fits: ["grid"],
  create: ({ level, language, ...options }, _context, { envs }) =>
    new BabyAIEnv({ ...options, level: levelId(level), envs }, language),
});
