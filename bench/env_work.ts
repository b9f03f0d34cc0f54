/** What bench/env_bench.ts times, in its own thread and in workers. */

import { Pcg64 } from "../core/kit/random.ts";
import { BabyAIVector } from "../plugins/env/babyai/vector.ts";

/** Worlds stepped together, and steps before the same actions come again. */
export const ENVS = 64;
export const STEPS = 256;

/** Random actions: all seven, or turning and walking only. */
export const ALL_ACTIONS = 7;
export const MOVES = 3;

/** Takes STEPS steps in ENVS worlds; returns how many that are. */
export function stepper(level: string, actions: number): () => number {
  const worlds = new BabyAIVector({ level: `BabyAI-${level}-v0`, envs: ENVS });
  worlds.reset(Array.from({ length: ENVS }, (_, i) => i));
  const random = new Pcg64(1);
  const taken = Array.from(
    { length: STEPS },
    () => Int32Array.from({ length: ENVS }, () => random.integers(0, actions)),
  );
  return () => {
    for (const batch of taken) worlds.step(batch);
    return STEPS * ENVS;
  };
}

/** Makes ENVS worlds, each from its own generator; returns how many that are. */
export function resetter(level: string): () => number {
  const worlds = new BabyAIVector({ level: `BabyAI-${level}-v0`, envs: ENVS });
  return () => {
    worlds.reset();
    return ENVS;
  };
}
