/** What the shipped teacher learns from: states of BabyAI's worlds and the expert's action in each. */

import { HELD_OUT_SEEDS, type Observations } from "@tandem/core";
import { compilePrompt, Pcg64 } from "@tandem/core/kit";
import type { LevelId } from "@tandem/env";
import { ACTION_TEXTS, BabyAIEnv } from "../plugins/env/babyai/env.ts";
import { describeView } from "../plugins/env/babyai/text.ts";

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

/** Cells along a side of the view. */
const VIEW = 7;

/** What turning left and right become in a mirror; other actions stay. */
const TURNS: readonly number[] = [1, 0];
const OTHER_SIDE: Readonly<Record<string, string>> = { left: "right", right: "left" };

/** Makes a state of world i, where the expert would do `action`. */
type Note = (env: BabyAIEnv, seen: Observations, i: number, action: number) => State;

/**
 * Plays a level's training worlds with the expert, who is led astray now and then (one of six actions
 * at random), and notes the states passed with the expert's action. Half of them, drawn at random, are
 * {@linkcode mirrored}: where both turns are right the bot prefers one, and a model that cannot tell
 * left from right yet would only learn that.
 *
 * @param count So many states.
 * @param seed Of the worlds (seeds from 0 on, never held-out ones), the detours and the verdict in
 * the prompt, which is drawn at random: a word alone says nothing about the state.
 */
export function collectStates(level: LevelId, count: number, seed: number): State[] {
  const random = new Pcg64([seed, ...new TextEncoder().encode(level)]);
  return walkWithExpert(level, count, random, 0, (_env, seen, i, action) => {
    const feedback = VERDICTS[random.integers(0, VERDICTS.length)]!;
    if (random.random() < 0.5) return mirrored(seen, i, feedback, action);
    return stateOf(seen.mission(i), seen.text(i), feedback, action);
  });
}

/**
 * The same in held-out worlds, with all that is right and no verdict in the prompt, and as they are.
 */
export function pathStates(level: LevelId, count: number): State[] {
  const random = new Pcg64([0, ...new TextEncoder().encode(`held-out paths ${level}`)]);
  return walkWithExpert(level, count, random, HELD_OUT_SEEDS, (env, seen, i, action) => ({
    ...stateOf(seen.mission(i), seen.text(i), "none", action),
    right: rightIn(env, i),
  }));
}

function walkWithExpert(
  level: LevelId,
  count: number,
  random: Pcg64,
  firstSeed: number,
  note: Note,
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
      if (action >= 0 && states.length < count) states.push(note(env, seen, i, action));
      const astray = action < 0 || random.random() < ASTRAY;
      actions[i] = astray ? random.integers(0, ACTIONS) : action;
    }
    seen = env.step(actions).observations;
  }
  return states;
}

function stateOf(
  mission: string,
  observation: readonly string[],
  feedback: string,
  action: number,
): State {
  return { prompt: prompt({ mission, observation, feedback }), action, right: [action] };
}

/** What the agent would see and should do if left were right: BabyAI's rules know no side. */
export function mirrored(
  seen: Observations,
  i: number,
  feedback: string,
  action: number,
): State {
  const { data, shape } = seen.tensors["view"]!;
  const image = mirroredImage(data as Uint8Array, i * shape[1]!);
  const mission = seen.mission(i).replace(/\b(left|right)\b/g, (side) => OTHER_SIDE[side]!);
  return stateOf(mission, describeView(image), feedback, TURNS[action] ?? action);
}

/** An image whose columns, [from the left][from the far end][entries], stand in the other order. */
function mirroredImage(view: Uint8Array, at: number): Uint8Array {
  const column = 3 * VIEW;
  const image = new Uint8Array(VIEW * column);
  for (let i = 0; i < VIEW; i++) {
    const from = at + (VIEW - 1 - i) * column;
    image.set(view.subarray(from, from + column), i * column);
  }
  return image;
}

/** All that is right in world i. */
function rightIn({ oracle }: BabyAIEnv, i: number): number[] {
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
    right: rightIn(env, i),
  })).filter(({ action }) => action >= 0);
}
