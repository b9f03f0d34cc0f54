/** Measures a student and its teacher on worlds that training never sees. */
import type { CalibrationBin, GuidanceAccuracy, SuccessRate } from "../../stages/evaluation.ts";
import type { Context } from "../../kit/context.ts";
import { type Breathe, fillSlowly } from "../../kit/breath.ts";
import { silence } from "../../kit/guidance.ts";
import { expectDecision, expectGuidance } from "../../kit/shapes.ts";
import { blankMemory, forget } from "../../kit/memory.ts";
import { isSolved } from "../../kit/rollout_buffer.ts";
import { judgeOf } from "./teacher_accuracy.ts";
import { developmentSeeds } from "./world_seeds.ts";
import { StandingGuidance } from "../parts/standing_guidance.ts";
import { randomActions, withinBox } from "../../kit/tensors.ts";
import type {
  Actions,
  Env,
  EnvStep,
  Guidance,
  MaybePromise,
  Observations,
  Student,
  Teacher,
} from "../../stages/mod.ts";

/** What plays the worlds: gives an action for each environment. */
type Policy = (observations: Observations) => MaybePromise<Actions>;

/** How episodes are played. */
export interface PlayOptions {
  /** Asked between steps; what it throws ends the measurement. */
  readonly breathe?: Breathe;
  /** [N] the worlds; those of development where absent. */
  readonly seeds?: ArrayLike<number>;
  /** [N] is written to: 1 for each world that was solved. */
  readonly solved?: Uint8Array;
  /** Called where the teacher says something. */
  readonly hear?: () => void;
  /** Called before each step with what is seen and said, where there is a teacher. */
  readonly watch?: (observations: Observations, guidance: Guidance) => void;
}

/**
 * Plays one episode a world with a student and its teacher.
 *
 * @param withOracle Whether the teacher declares that it asks the expert.
 */
export function measureSuccess(
  env: Env,
  teacher: Teacher,
  student: Student,
  withOracle: boolean,
  options: PlayOptions = {},
): Promise<SuccessRate> {
  const { hear, watch } = options;
  const oracle = withOracle ? env.oracle : undefined;
  const { envs } = env.spec;
  const memory = blankMemory(student, envs);
  const standing = new StandingGuidance(() => student, teacher.candidates, envs);
  const policy = async (observations: Observations) => {
    const said = await teacher.advise(observations, "evaluate", oracle);
    const guidance = standing.hear(expectGuidance(said, envs));
    if (hear && guidance.choices.some((choice) => choice >= 0)) hear();
    watch?.(observations, guidance);
    const decision = await student.act(observations, guidance, "evaluate", memory);
    return expectDecision(decision, env.spec).actions;
  };
  return play(env, policy, options, memory, standing);
}

/** What a student achieves on the same worlds while its teacher is silent. */
export function measureWithoutTeacher(
  env: Env,
  candidates: readonly string[],
  student: Student,
  options: PlayOptions = {},
): Promise<SuccessRate> {
  const silent = silence(env.spec.envs, candidates);
  const memory = blankMemory(student, env.spec.envs);
  const policy = async (observations: Observations) => {
    const decision = await student.act(observations, silent, "evaluate", memory);
    return expectDecision(decision, env.spec).actions;
  };
  return play(env, policy, options, memory);
}

/** What uniformly random actions achieve on the held-out worlds: the floor of every student. */
export function measureFloor(env: Env, context: Context): Promise<SuccessRate> {
  const random = context.random("floor");
  const policy = (observations: Observations) => randomActions(random, env.spec, observations);
  return play(env, policy, { breathe: context.breathe });
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

/**
 * @param memory What the player remembers; episodes that end are forgotten. @param standing What was said
 * and stands.
 */
async function play(
  env: Env,
  policy: Policy,
  options: PlayOptions,
  memory?: Float32Array,
  standing?: StandingGuidance,
): Promise<SuccessRate> {
  const { envs, maxSteps, rewardThreshold } = env.spec;
  const { breathe = atOnce, seeds = developmentSeeds(envs) } = options;
  const returns = new Float64Array(envs);
  let observations = env.reset(seeds);
  const running = new Uint8Array(envs).fill(1);
  let [left, solved, reward, steps] = [envs, 0, 0, 0];
  for (let t = 0; t < maxSteps && left > 0; t++) {
    const turn = breathe();
    if (turn) await turn;
    const step = env.step(withinBox(await policy(observations), env.spec));
    observations = step.observations;
    forget(memory, step);
    standing?.answer(step, (i) => env.achieved?.(i) ?? []);
    for (let i = 0; i < envs; i++) {
      if (running[i] === 0) continue;
      steps++;
      reward += step.rewards[i]!;
      returns[i]! += step.rewards[i]!;
      if (step.terminated[i] === 0 && step.truncated[i] === 0) continue;
      running[i] = 0;
      left--;
      if (!isSolved(step.rewards[i]!, returns[i], rewardThreshold)) continue;
      solved++;
      options.solved?.fill(1, i, i + 1);
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
 * action, or one that leaves a plan no longer than the expert's; at the grain "reference" the place of a
 * thing that is meant, where one is in sight.
 *
 * The states are the same at every call: a few random steps from the start of held-out worlds.
 *
 * @param seeds [N] the worlds; those of development where absent.
 * @param watch Called in each state with what was said.
 */
export async function measureGuidance(
  env: Env,
  teacher: Teacher,
  context: Context,
  withOracle: boolean,
  seeds?: ArrayLike<number>,
  watch?: (observations: Observations, guidance: Guidance, i: number) => void,
): Promise<GuidanceAccuracy> {
  const { envs } = env.spec;
  const judge = judgeOf(env, teacher);
  if (!judge) return { rate: null, states: 0, calibration: [] };
  const observations = heldOutStates(env, context, seeds);
  const guidance = expectGuidance(
    await teacher.advise(observations, "evaluate", withOracle ? env.oracle : undefined),
    envs,
  );
  const bins = Array.from({ length: BINS }, () => ({ states: 0, right: 0, confidence: 0 }));
  for (let i = 0; i < envs; i++) {
    const turn = context.breathe();
    if (turn) await turn;
    watch?.(observations, guidance, i);
    const choice = guidance.choices[i]!;
    const isRight = choice < 0 ? undefined : judge(i, choice);
    if (isRight === undefined) continue;
    const confidence = guidance.distribution[i * teacher.candidates.length + choice]!;
    const bin = bins[Math.max(0, Math.min(BINS - 1, Math.floor(confidence * BINS)))]!;
    bin.states++;
    bin.confidence += confidence;
    if (isRight) bin.right++;
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

/**
 * Brings the environments to held-out states: a few random steps from where held-out worlds start.
 *
 * @param seeds [N] the worlds; those of development where absent.
 */
export function heldOutStates(
  env: Env,
  context: Context,
  seeds?: ArrayLike<number>,
): Observations {
  const way = [...heldOutWalk(env, context, seeds)];
  return way.at(-1)!.observations;
}

/** A place on the way to held-out states. */
export interface WalkStep {
  /** What is seen there; valid until the next place. */
  readonly observations: Observations;
  /** What the env answered on the way here; absent at the start. */
  readonly step?: EnvStep;
  /** What is done there; absent at the end. */
  readonly actions?: Actions;
  /** Whether these are the held-out states. */
  readonly arrived: boolean;
}

/** The way to {@linkcode heldOutStates}, for those who remember what they see on it. */
export function* heldOutWalk(
  env: Env,
  context: Context,
  seeds: ArrayLike<number> = developmentSeeds(env.spec.envs),
): Generator<WalkStep, void> {
  const { spec } = env;
  const random = context.random("held-out states");
  let observations = env.reset(seeds);
  let step: EnvStep | undefined;
  for (let t = 0; t < WALK; t++) {
    // The first three actions move the agent in every grid world that we know.
    const some = spec.legalActions ? spec : { ...spec, actions: spec.actions.slice(0, 3) };
    const actions = randomActions(random, some, observations);
    yield { observations, step, actions, arrived: false };
    step = env.step(actions);
    observations = step.observations;
  }
  yield { observations, step, arrived: true };
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
