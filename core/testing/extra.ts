/** Checks that an extra stage meets the contract of what takes part in a run. */
import { abstentions } from "../kit/verdicts.ts";
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import {
  type AnsweredStep,
  type Env,
  type EvaluationResult,
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
  const { step, next } = await takeStep(extra, world, part);
  const before = structuredClone(readable(step));
  const added = await extra.answer?.(step);
  if (added && expectShape(findings, "answer()'s rewards", added, ENVS)) {
    expectAll(findings, "answer()'s rewards", added, Number.isFinite, "finite");
  }
  findings.expect(
    same(readable(step), before),
    "It changes the step that it sees, which others read after it.",
  );
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
  return [added?.slice(), past, metrics, asked, ended];
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

/** A step of the world, of which the extra stage has seen the decision. */
async function takeStep(extra: RunPart, world: Env, part: 1 | 2) {
  const random = new Pcg64(part);
  const observations = world.reset(Array.from({ length: ENVS }, (_, i) => 10 * part + i));
  const guidance = someGuidance(random, ENVS, world.spec.actions);
  const actions = Int32Array.from(guidance.choices, (choice) => Math.max(0, choice));
  const zeros = () => new Float32Array(ENVS);
  const decided = {
    ...{ iteration: part, t: 0, observations, guidance, memory: undefined },
    decision: { actions, logProbs: zeros(), qValues: zeros(), values: zeros() },
    keys: Float64Array.from({ length: ENVS }, (_, i) => observations.key(i)),
    firsts: new Uint8Array(ENVS).fill(1),
  };
  await extra.decide?.(decided);
  const answered = world.step(actions);
  const achieved = (i: number) => world.achieved?.(i) ?? [];
  const step: AnsweredStep = { ...decided, step: answered, achieved };
  return { step, next: answered.observations };
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
