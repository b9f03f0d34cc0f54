/** How often a teacher is right, level by level and action by action, beside the best constant answer. */

import type { LevelId } from "@tandem/env";
import { type LanguageModel, openLanguageModel } from "@tandem/runtimes/language-model";
import { ACTION_TEXTS } from "../plugins/env/babyai/env.ts";
import { readT5Config } from "../runtimes/t5/config.ts";
import { readT5Parameters } from "../runtimes/t5/folder.ts";
import { pathStates, type State, walkStates } from "./train_data.ts";

/** Levels on which the pages of results compare a teacher that acts; it learns on none of them. */
export const MEASURED_LEVELS: readonly LevelId[] = [
  "BabyAI-GoToRedBallNoDists-v0",
  "BabyAI-GoToRedBallGrey-v0",
  "BabyAI-GoToRedBall-v0",
  "BabyAI-GoToLocal-v0",
  "BabyAI-PickupLoc-v0",
  "BabyAI-PutNextLocal-v0",
];

/** Where states come from: four random steps, or the expert's way with errors. */
export type StateSource = "walks" | "paths";

/** How a teacher does on a level's held-out states. */
export interface Measurement {
  readonly level: LevelId;
  readonly source: StateSource;
  readonly states: number;
  /** States in which its likeliest action is right. */
  readonly right: number;
  /** States in which each action is right, in the order of the environment: what a constant reaches. */
  readonly constants: readonly number[];
  /** States in which each action is the expert's. */
  readonly experts: readonly number[];
  /** Of those, states in which the teacher's likeliest action is right. */
  readonly rightByExpert: readonly number[];
  /** How often each action was the likeliest. */
  readonly chosen: readonly number[];
}

/** States that are scored together. */
const BATCH = 50;

/**
 * Measures a teacher as a run does: the likeliest action by mean log-probability of its tokens, in
 * held-out states.
 *
 * @param dir The model's folder.
 * @param levels As default those of the pages of results.
 * @param count States a level and source.
 */
export async function measureTeacher(
  dir: string,
  levels: readonly LevelId[] = MEASURED_LEVELS,
  sources: readonly StateSource[] = ["walks", "paths"],
  count = 500,
): Promise<Measurement[]> {
  const model = await openLanguageModel(dir, { device: "wasm", threads: 1 });
  const measurements: Measurement[] = [];
  for (const level of levels) {
    for (const source of sources) {
      const states = source === "walks" ? walkStates(level, count) : pathStates(level, count);
      measurements.push({ level, source, ...tally(states, await likeliest(model, states)) });
    }
  }
  await model.dispose();
  return measurements;
}

/** The number of parameters of the T5 in a folder. */
export async function countParameters(dir: string): Promise<number> {
  const parameters = await readT5Parameters(dir, await readT5Config(dir));
  return [...parameters.values()].reduce((sum, { values }) => sum + values.length, 0);
}

/** The likeliest action in each state. */
async function likeliest(model: LanguageModel, states: readonly State[]): Promise<number[]> {
  const choices: number[] = [];
  for (let from = 0; from < states.length; from += BATCH) {
    const prompts = states.slice(from, from + BATCH).map(({ prompt }) => prompt);
    for (const { candidates } of await model.score(prompts, ACTION_TEXTS)) {
      const means = candidates.map(({ mean }) => mean);
      choices.push(means.indexOf(Math.max(...means)));
    }
  }
  return choices;
}

function tally(states: readonly State[], choices: readonly number[]) {
  const none = () => ACTION_TEXTS.map(() => 0);
  const [constants, experts, rightByExpert, chosen] = [none(), none(), none(), none()];
  let right = 0;
  for (const [i, state] of states.entries()) {
    const choice = choices[i]!;
    chosen[choice]!++;
    experts[state.action]!++;
    for (const action of state.right) constants[action]!++;
    if (!state.right.includes(choice)) continue;
    right++;
    rightByExpert[state.action]!++;
  }
  return { states: states.length, right, constants, experts, rightByExpert, chosen };
}
