/**
 * What a level is worth as a test: how far chance gets, and how far the expert gets. Scores are
 * normalised between the two.
 */

import { Pcg64, type Seed } from "@tandem/core/kit";
import { Bot } from "./bot.ts";
import { DONE, FORWARD, LEFT, RIGHT } from "./cells.ts";
import { BabyAIVector } from "./vector.ts";

/** How one way of acting did over some episodes. */
export interface Score {
  /** Share of episodes whose mission succeeded. */
  readonly success: number;
  /** Mean steps of all episodes, to their end or to where the agent gave up. */
  readonly steps: number;
  /** Mean reward of all episodes; 0 for one without success. */
  readonly reward: number;
}

/** A level's size, floors and ceiling. */
export interface Certificate {
  readonly level: string;
  readonly width: number;
  readonly height: number;
  /** The least and greatest step limit seen. */
  readonly maxSteps: readonly [least: number, greatest: number];
  readonly episodes: number;
  /** Uniformly random actions, all seven. */
  readonly random: Pick<Score, "success">;
  /** Uniformly random turns and steps forward. */
  readonly randomMoves: Pick<Score, "success">;
  /** The expert bot. */
  readonly expert: Score;
}

/** What {@linkcode certify} may be told. */
export interface CertifyOptions {
  /** The episodes' seeds; 0 to 999 unless told otherwise. */
  readonly seeds?: readonly number[];
  /** Seed of the random actions; 0 unless told otherwise. */
  readonly randomSeed?: Seed;
}

/** Gives the next action, or undefined to give up; `taken` is undefined at an episode's start. */
type Policy = (taken: number | undefined) => number | undefined;

/**
 * Measures a level's random floors and its expert's ceiling on the same worlds.
 *
 * @param level A level's id.
 * @throws TandemError E_LEVEL where the level is unknown.
 */
export function certify(level: string, options: CertifyOptions = {}): Certificate {
  const { seeds = Array.from({ length: 1000 }, (_, i) => i), randomSeed = 0 } = options;
  const vector = new BabyAIVector({ level, autoreset: false });
  const random = new Pcg64(randomSeed);
  const moves = [LEFT, RIGHT, FORWARD];
  const bot = new Bot(vector.world(0));
  const { maxSteps, width, height } = vector.worlds;
  let least = Infinity, greatest = 0;
  const expert = play(vector, seeds, (taken) => {
    if (taken === undefined) {
      bot.restart();
      least = Math.min(least, maxSteps[0]!);
      greatest = Math.max(greatest, maxSteps[0]!);
    }
    const advice = bot.plan(taken);
    return typeof advice === "number" && advice !== DONE ? advice : undefined;
  });
  return {
    level,
    width,
    height,
    maxSteps: [least, greatest],
    episodes: seeds.length,
    random: play(vector, seeds, () => random.integers(0, DONE + 1)),
    randomMoves: play(vector, seeds, () => random.choice(moves)),
    expert,
  };
}

function play(vector: BabyAIVector, seeds: readonly number[], policy: Policy): Score {
  let successes = 0, steps = 0, rewards = 0;
  const action = new Int32Array(1);
  for (const seed of seeds) {
    vector.resetOne(0, seed);
    for (let next = policy(undefined); next !== undefined; next = policy(next)) {
      action[0] = next;
      vector.step(action);
      steps++;
      rewards += vector.rewards[0]!;
      if (vector.rewards[0]! > 0) successes++;
      if (vector.terminated[0] === 1 || vector.truncated[0] === 1) break;
    }
  }
  const count = seeds.length;
  return { success: successes / count, steps: steps / count, reward: rewards / count };
}
