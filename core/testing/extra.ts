/** Checks that an extra stage meets the contract of what takes part in a run. */
import { abstentions } from "../kit/verdicts.ts";
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { randomActions } from "../kit/tensors.ts";
import {
  type AnsweredStep,
  type DecidedStep,
  type Env,
  type EvaluationResult,
  type Observations,
  type Progress,
  type Rollout,
  type RunPart,
  type RunRequest,
  sizeOf,
} from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import { record, someGuidance } from "./recording.ts";
import { checkLeaks, checkRepeatable, type CheckSetting, ENVS, make, STEPS } from "./setting.ts";

const METHODS = [
  "begin",
  "decide",
  "answer",
  "judge",
  "finish",
  "replay",
  "report",
  "evaluate",
] as const;

/**
 * What an extra stage gets wrong: rewards of the wrong shape or not finite, past steps that are no batch
 * of the env's, reports that are no numbers, requests that a run does not know, determinism under a seed, leaving the steps it sees
 * alone, `save` and `load`, what it leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkExtra(
  stage: StageSpec<"extra">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const { spec } = world;
  const create = () => make(stage, { env: spec, candidates: spec.actions }, setting);
  await findings.attempt("The extra stage", async () => {
    const rollout = await record(world, STEPS, 1);
    const play = (made: RunPart, part: 1 | 2) => answers(findings, made, { world, rollout, part });
    const extra = await create();
    findings.expect(
      METHODS.some((method) => extra[method]),
      `It takes no part in a run: it has none of the methods ${METHODS.join(", ")}.`,
    );
    await findings.attempt("dispose()", () => extra.dispose?.());
    await checkRepeatable(findings, create, play);
    await checkLeaks(findings, setting, create, (made) => play(made, 1));
  });
  await world.dispose?.();
  return findings.list();
}

interface Played {
  readonly world: Env;
  readonly rollout: Rollout;
  readonly part: 1 | 2;
}

/** What an extra stage says in an iteration, asked as a run asks. */
async function answers(
  findings: Findings,
  extra: RunPart,
  { world, rollout, part }: Played,
): Promise<unknown> {
  const progress: Progress = { iteration: part, iterations: 4, ended: 3, solved: 2 };
  const asked = await extra.begin?.(progress);
  checkRequest(findings, "begin()", asked);
  const { added, next } = await takeSteps(findings, extra, world, part);
  const verdicts = Array.from({ length: rollout.steps }, () => abstentions(ENVS));
  await extra.judge?.({ rollout, verdicts, iteration: part, t: 0 });
  await extra.finish?.(rollout, next);
  const past = checkReplay(findings, extra, world);
  const metrics = extra.report?.(rollout, progress) ?? {};
  for (const [name, value] of Object.entries(metrics)) {
    findings.expect(Number.isFinite(value), `report() gives "${value}" for "${name}", no number.`);
  }
  const ended = await extra.evaluate?.(someEvaluation(part));
  checkRequest(findings, "evaluate()", ended);
  return [added, past, metrics, asked, ended];
}

/** Past steps drawn: as many as asked for, of the env's shapes. */
function checkReplay(findings: Findings, extra: RunPart, { spec }: Env): unknown {
  const replay = extra.replay?.();
  if (!replay || replay.size === 0) return undefined;
  const count = 5;
  const { observations, missions, keys, actions, returns, legal } = replay.draw(count);
  const width = spec.actionBox?.low.length ?? 1;
  for (const [name, { shape }] of Object.entries(spec.observation)) {
    const data = observations[name]?.data ?? [];
    expectShape(findings, `The replay's "${name}"`, data, count * sizeOf(shape));
  }
  expectShape(findings, "The replay's missions", missions, count);
  expectShape(findings, "The replay's keys", keys, count);
  expectShape(findings, "The replay's actions", actions, count * width);
  if (spec.legalActions) {
    expectShape(findings, "The replay's legal", legal ?? [], count * spec.actions.length);
  }
  if (expectShape(findings, "The replay's returns", returns, count)) {
    expectAll(findings, "The replay's returns", returns, Number.isFinite, "finite");
  }
  return structuredClone([observations, missions, keys, actions, returns, legal]);
}

/** Steps of the world as a run takes them; gives what was added to their rewards. */
async function takeSteps(findings: Findings, extra: RunPart, world: Env, part: 1 | 2) {
  const random = new Pcg64(part);
  let next = world.reset(Array.from({ length: ENVS }, (_, i) => 10 * part + i));
  let firsts = new Uint8Array(ENVS).fill(1);
  const added: unknown[] = [];
  for (let t = 0; t < STEPS; t++) {
    const decided = decide(random, world, next, { iteration: part, t, firsts });
    await extra.decide?.(decided);
    const step = world.step(decided.decision.actions);
    const achieved = (i: number) => world.achieved?.(i) ?? [];
    added.push(await checkAnswer(findings, extra, { ...decided, step, achieved }));
    firsts = step.terminated.map((over, i) => over | step.truncated[i]!);
    next = step.observations;
  }
  return { added, next };
}

/** A step whose action is chosen. */
function decide(
  random: Pcg64,
  { spec }: Env,
  observations: Observations,
  at: Pick<DecidedStep, "iteration" | "t" | "firsts">,
): DecidedStep {
  const guidance = someGuidance(random, ENVS, spec.actions);
  const zeros = () => new Float32Array(ENVS);
  const actions = spec.actionBox
    ? randomActions(random, spec, observations)
    : Int32Array.from(guidance.choices, (choice) => Math.max(0, choice));
  return {
    ...{ ...at, observations, guidance, memory: undefined },
    decision: { actions, logProbs: zeros(), qValues: zeros(), values: zeros() },
    keys: Float64Array.from({ length: ENVS }, (_, i) => observations.key(i)),
  };
}

/** What is added to the rewards of a step, which stays as it is. */
async function checkAnswer(
  findings: Findings,
  extra: RunPart,
  step: AnsweredStep,
): Promise<Float32Array | undefined> {
  const before = structuredClone(readable(step));
  const added = await extra.answer?.(step);
  if (added && expectShape(findings, "answer()'s rewards", added, ENVS)) {
    expectAll(findings, "answer()'s rewards", added, Number.isFinite, "finite");
  }
  findings.expect(
    same(readable(step), before),
    "It changes the step that it sees, which others read after it.",
  );
  return added?.slice();
}

function someEvaluation(part: 1 | 2): EvaluationResult {
  const success = {
    ...{ rate: part / 4, episodes: 8, meanReward: part / 4, meanSteps: 5 },
    ci95: [0, 1] as const,
  };
  return { iteration: part, success, guidanceAccuracy: { rate: null, states: 0, calibration: [] } };
}

function checkRequest(findings: Findings, what: string, request: RunRequest | void): void {
  const known: readonly string[] = what === "begin()" ? ["env", "stop"] : ["stop"];
  const odd = Object.keys(request ?? {}).find((name) => !known.includes(name));
  findings.expect(
    odd === undefined,
    `${what} asks for "${odd}", which a run does not know; right would be ${known.join(" or ")}.`,
  );
}

function readable({ guidance, decision, keys, step }: AnsweredStep): unknown {
  const { rewards, terminated, truncated } = step;
  return [guidance.choices, decision.actions, keys, rewards, terminated, truncated];
}
