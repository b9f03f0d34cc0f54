/** What the shipped teacher learns from: states of BabyAI's worlds and the expert's action in each. */

import { HELD_OUT_SEEDS } from "@tandem/core";
import { compilePrompt, Pcg64 } from "@tandem/core/kit";
import type { LevelId } from "@tandem/env";
import { ACTION_TEXTS, BabyAIEnv } from "../plugins/env/babyai/env.ts";

/** A state in words and what is right in it. */
export interface State {
  readonly prompt: string;
  /** The expert's action. */
  readonly action: number;
  /** Every action that is right: the expert's, or one that leaves a plan no longer than its own. */
  readonly right: readonly number[];
}

/** The prompt that language-model teachers use unless told otherwise. */
const prompt = compilePrompt("goal: {mission} see: {seen} last: {feedback} act:");

/** Verdicts as they stand in prompts. */
const VERDICTS = ["none", "good", "bad"];

/** Worlds that are played side by side. */
const ENVS = 32;

/**
 * Plays a level with the expert, who is led astray now and then, and notes the states passed.
 *
 * @param count So many states.
 * @param seed Of the worlds (seeds from 0 on, never held-out ones), the detours and the verdict in
 * the prompt, which is drawn at random: a word alone says nothing about the state.
 * @param astray The share of steps in which the agent turns or moves at random.
 */
export function collectStates(
  level: LevelId,
  count: number,
  seed: number,
  astray = 0.3,
): State[] {
  const random = new Pcg64([seed, ...new TextEncoder().encode(level)]);
  const env = new BabyAIEnv({ level, envs: ENVS });
  let seen = env.reset(Array.from({ length: ENVS }, () => random.integers(0, HELD_OUT_SEEDS)));
  const { oracle } = env;
  const states: State[] = [];
  while (states.length < count) {
    const actions = new Int32Array(ENVS);
    for (let i = 0; i < ENVS; i++) {
      const advice = oracle.action(i);
      if (advice >= 0 && states.length < count) {
        const feedback = VERDICTS[random.integers(0, VERDICTS.length)]!;
        const parts = { mission: seen.mission(i), observation: seen.text(i), feedback };
        states.push({ prompt: prompt(parts), action: advice, right: [advice] });
      }
      actions[i] = advice < 0 || random.random() < astray ? random.integers(0, 3) : advice;
    }
    seen = env.step(actions).observations;
  }
  return states;
}

/**
 * The states in which teachers are measured: four random steps from the start of held-out worlds.
 *
 * @param feedback The verdict in the prompt.
 */
export function heldOutStates(level: LevelId, count: number, feedback = "none"): State[] {
  const random = new Pcg64([0, ...new TextEncoder().encode("held-out states")]);
  const env = new BabyAIEnv({ level, envs: count });
  let seen = env.reset(Array.from({ length: count }, (_, i) => HELD_OUT_SEEDS + i));
  const { oracle } = env;
  for (let t = 0; t < 4; t++) {
    const drawn = () => random.integers(0, 3);
    seen = env.step(Int32Array.from({ length: count }, drawn)).observations;
  }
  return Array.from({ length: count }, (_, i) => ({
    prompt: prompt({ mission: seen.mission(i), observation: seen.text(i), feedback }),
    action: oracle.action(i),
    right: ACTION_TEXTS.flatMap((_, action) => oracle.isRight(i, action) ? [action] : []),
  })).filter(({ action }) => action >= 0);
}
