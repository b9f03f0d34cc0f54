/** Measures a student and its teacher on worlds that training never sees. */
import type { CalibrationBin, GuidanceAccuracy, SuccessRate } from "../../stages/evaluation.ts";
import type { Context } from "../../kit/context.ts";
import { type Breathe, fillSlowly } from "../../kit/breath.ts";
import { silence } from "../../kit/guidance.ts";
import { expectDecision, expectGuidance } from "../../kit/shapes.ts";
import { blankMemory, forget } from "../../kit/memory.ts";
import { isSolved } from "../../kit/rollout_buffer.ts";
import { randomActions, withinBox } from "../../kit/tensors.ts";
import type {
  Actions,
  Env,
  EnvStep,
  MaybePromise,
  Observations,
  Student,
  Teacher,
} from "../../stages/mod.ts";

/** Seeds of held-out worlds start here; seeds of training worlds end below. */
export const HELD_OUT_SEEDS = 1_000_000_000;

/** What plays the held-out worlds: gives an action for each environment. */
type Policy = (observations: Observations) => MaybePromise<Actions>;

/**
 * Plays one episode a held-out seed with a student and its teacher.
 *
 * @param env Its N environments play seeds `HELD_OUT_SEEDS` to `HELD_OUT_SEEDS + N - 1`.
 * @param withOracle Whether the teacher declares that it asks the expert.
 * @param breathe Asked between steps; what it throws ends the measurement.
 * @param hear Called where the teacher says something.
 */
export function measureSuccess(
  env: Env,
  teacher: Teacher,
  student: Student,
  withOracle: boolean,
  breathe: Breathe = atOnce,
  hear?: () => void,
): Promise<SuccessRate> {
  const oracle = withOracle ? env.oracle : undefined;
  const memory = blankMemory(student, env.spec.envs);
  const policy = async (observations: Observations) => {
    const guidance = expectGuidance(
      await teacher.advise(observations, "evaluate", oracle),
      env.spec.envs,
    );
    if (hear && guidance.choices.some((choice) => choice >= 0)) hear();
    const decision = await student.act(observations, guidance, "evaluate", memory);
    return expectDecision(decision, env.spec).actions;
  };
  return play(env, policy, { memory, breathe });
}

/** What a student achieves on the same worlds while its teacher is silent. */
export function measureWithoutTeacher(
  env: Env,
  candidates: readonly string[],
  student: Student,
  breathe: Breathe = atOnce,
): Promise<SuccessRate> {
  const silent = silence(env.spec.envs, candidates);
  const memory = blankMemory(student, env.spec.envs);
  const policy = async (observations: Observations) => {
    const decision = await student.act(observations, silent, "evaluate", memory);
    return expectDecision(decision, env.spec).actions;
  };
  return play(env, policy, { memory, breathe });
}

/** What uniformly random actions achieve on the held-out worlds: the floor of every student. */
export function measureFloor(env: Env, context: Context): Promise<SuccessRate> {
  const random = context.random("floor");
  return play(env, (observations) => randomActions(random, env.spec, observations), context);
}

/** What the expert achieves on the held-out worlds: the ceiling; undefined without an expert. */
export async function measureCeiling(
  env: Env,
  breathe: Breathe = atOnce,
): Promise<SuccessRate | undefined> {
  const { oracle } = env;
  if (!oracle) return undefined;
  const { envs } = env.spec;
  // Where the expert gives up, any action will do: the episode counts as it ends.
  const act = (i: number) => Math.max(0, oracle.action(i));
  return await play(env, () => fillSlowly(new Int32Array(envs), act, breathe), { breathe });
}

/** For those who need no turns in between. */
function atOnce(): undefined {}

interface Playing {
  /** What the player remembers; episodes that end are forgotten. */
  readonly memory?: Float32Array;
  readonly breathe: Breathe;
}

async function play(
  env: Env,
  policy: Policy,
  { memory, breathe }: Playing,
): Promise<SuccessRate> {
  const { envs, maxSteps, rewardThreshold } = env.spec;
  const returns = new Float64Array(envs);
  let observations = env.reset(heldOutSeeds(envs));
  const running = new Uint8Array(envs).fill(1);
  let [left, solved, reward, steps] = [envs, 0, 0, 0];
  for (let t = 0; t < maxSteps && left > 0; t++) {
    const turn = breathe();
    if (turn) await turn;
    const step = env.step(withinBox(await policy(observations), env.spec));
    observations = step.observations;
    forget(memory, step);
    for (let i = 0; i < envs; i++) {
      if (running[i] === 0) continue;
      steps++;
      reward += step.rewards[i]!;
      returns[i]! += step.rewards[i]!;
      if (step.terminated[i] === 0 && step.truncated[i] === 0) continue;
      running[i] = 0;
      left--;
      if (isSolved(step.rewards[i]!, returns[i], rewardThreshold)) solved++;
    }
  }
  return {
    rate: solved / envs,
    ci95: wilson(solved, envs),
    episodes: envs,
    meanReward: reward / envs,
    meanSteps: steps / envs,
  };
}

/**
 * The share of held-out states in which the teacher's likeliest suggestion is right: the expert's
 * action, or one that leaves a plan no longer than the expert's.
 *
 * The states are the same at every call: a few random steps from the start of held-out worlds.
 */
export async function measureGuidance(
  env: Env,
  teacher: Teacher,
  context: Context,
  withOracle: boolean,
): Promise<GuidanceAccuracy> {
  const { envs, actions } = env.spec;
  const toAction = teacher.candidates.map((candidate) => actions.indexOf(candidate));
  if (!env.oracle || teacher.grain !== "action" || toAction.every((action) => action < 0)) {
    return { rate: null, states: 0, calibration: [] };
  }
  const observations = heldOutStates(env, context);
  const guidance = expectGuidance(
    await teacher.advise(observations, "evaluate", withOracle ? env.oracle : undefined),
    envs,
  );
  const bins = Array.from({ length: BINS }, () => ({ states: 0, right: 0, confidence: 0 }));
  for (let i = 0; i < envs; i++) {
    const turn = context.breathe();
    if (turn) await turn;
    const choice = guidance.choices[i]!;
    if (choice < 0 || env.oracle.action(i) < 0) continue;
    const confidence = guidance.distribution[i * toAction.length + choice]!;
    const bin = bins[Math.max(0, Math.min(BINS - 1, Math.floor(confidence * BINS)))]!;
    const action = toAction[choice]!;
    bin.states++;
    bin.confidence += confidence;
    if (action >= 0 && env.oracle.isRight(i, action)) bin.right++;
  }
  return accuracyOf(bins);
}

/** Bins of confidence, each as wide as the next. */
const BINS = 10;

/** @param bins With the sum of the confidences in each. */
function accuracyOf(bins: readonly CalibrationBin[]): GuidanceAccuracy {
  const calibration = bins.filter(({ states }) => states > 0)
    .map((bin) => ({ ...bin, confidence: bin.confidence / bin.states }));
  const states = calibration.reduce((sum, bin) => sum + bin.states, 0);
  const right = calibration.reduce((sum, bin) => sum + bin.right, 0);
  return { rate: states ? right / states : null, states, calibration };
}

/** Random steps that lead from a held-out world's start to its held-out state. */
const WALK = 4;

/** Brings the environments to held-out states: a few random steps from where held-out worlds start. */
export function heldOutStates(env: Env, context: Context): Observations {
  const way = [...heldOutWalk(env, context)];
  return way.at(-1)!.observations;
}

/** A place on the way to held-out states. */
export interface WalkStep {
  /** What is seen there; valid until the next place. */
  readonly observations: Observations;
  /** What the env answered on the way here; absent at the start. */
  readonly step?: EnvStep;
  /** Whether these are the held-out states. */
  readonly arrived: boolean;
}

/** The way to {@linkcode heldOutStates}, for those who remember what they see on it. */
export function* heldOutWalk(env: Env, context: Context): Generator<WalkStep, void> {
  const { spec } = env;
  const { envs } = spec;
  const random = context.random("held-out states");
  let observations = env.reset(heldOutSeeds(envs));
  let step: EnvStep | undefined;
  for (let t = 0; t < WALK; t++) {
    yield { observations, step, arrived: false };
    // The first three actions move the agent in every grid world that we know.
    const some = spec.legalActions ? spec : { ...spec, actions: spec.actions.slice(0, 3) };
    step = env.step(randomActions(random, some, observations));
    observations = step.observations;
  }
  yield { observations, step, arrived: true };
}

function heldOutSeeds(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => HELD_OUT_SEEDS + i);
}

/**
 * Wilson's 95 % interval of a proportion (E. B. Wilson, JASA 22, 1927).
 *
 * @example
 * ```ts
 * import { wilson } from "@tandem/core";
 * import assert from "node:assert/strict";
 * assert.deepEqual(wilson(8, 10).map((x) => x.toFixed(3)), ["0.490", "0.943"]);
 * ```
 */
export function wilson(successes: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1];
  const z = 1.959963984540054;
  const p = successes / trials;
  const scale = 1 / (1 + z * z / trials);
  const middle = scale * (p + z * z / (2 * trials));
  const half = scale * z * Math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
