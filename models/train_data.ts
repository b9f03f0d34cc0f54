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

/** The share of steps in which the expert is led astray. */
export const ASTRAY = 0.3;

/** Of BabyAI's actions all but "done", which changes nothing. */
const ACTIONS = 6;

/**
 * Plays a level's training worlds with the expert, who is led astray now and then (one of six actions
 * at random), and notes the states passed with the expert's action.
 *
 * @param count So many states.
 * @param seed Of the worlds (seeds from 0 on, never held-out ones), the detours and the verdict in
 * the prompt, which is drawn at random: a word alone says nothing about the state.
 */
export function collectStates(level: LevelId, count: number, seed: number): State[] {
  const random = new Pcg64([seed, ...new TextEncoder().encode(level)]);
  const verdict = () => VERDICTS[random.integers(0, VERDICTS.length)]!;
  return walkWithExpert(level, count, random, 0, verdict, (_, action) => [action]);
}

/** The same in held-out worlds, with all that is right and no verdict in the prompt. */
export function pathStates(level: LevelId, count: number): State[] {
  const random = new Pcg64([0, ...new TextEncoder().encode(`held-out paths ${level}`)]);
  return walkWithExpert(level, count, random, HELD_OUT_SEEDS, () => "none", rightIn);
}

function walkWithExpert(
  level: LevelId,
  count: number,
  random: Pcg64,
  firstSeed: number,
  verdict: () => string,
  right: (env: BabyAIEnv, expert: number, i: number) => number[],
): State[] {
  const env = new BabyAIEnv({ level, envs: ENVS });
  const seeds = () => firstSeed + random.integers(0, HELD_OUT_SEEDS);
  let seen = env.reset(Array.from({ length: ENVS }, seeds));
  const { oracle } = env;
  const states: State[] = [];
  while (states.length < count) {
    const actions = new Int32Array(ENVS);
    for (let i = 0; i < ENVS; i++) {
      const action = oracle.action(i);
      if (action >= 0 && states.length < count) {
        const parts = { mission: seen.mission(i), observation: seen.text(i), feedback: verdict() };
        states.push({ prompt: prompt(parts), action, right: right(env, action, i) });
      }
      const astray = action < 0 || random.random() < ASTRAY;
      actions[i] = astray ? random.integers(0, ACTIONS) : action;
    }
    seen = env.step(actions).observations;
  }
  return states;
}

/** All that is right in world i. */
function rightIn({ oracle }: BabyAIEnv, _expert: number, i: number): number[] {
  return ACTION_TEXTS.flatMap((_, action) => oracle.isRight(i, action) ? [action] : []);
}

/**
 * The states in which runs measure their teachers: four random steps (turns and moves) from the start
 * of held-out worlds.
 *
 * @param feedback The verdict in the prompt.
 */
export function walkStates(level: LevelId, count: number, feedback = "none"): State[] {
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
    right: rightIn(env, 0, i),
  })).filter(({ action }) => action >= 0);
}
