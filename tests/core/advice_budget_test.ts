import assert from "node:assert/strict";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { createContext } from "../../core/kit/context.ts";
import { AdviceBudget, type BudgetSchedule } from "../../core/run/parts/advice_budget.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import type {
  DecidedStep,
  EarlierVerdict,
  JudgedSteps,
  Observations,
  Student,
  Verdicts,
} from "../../core/stages/mod.ts";
import { abstentions } from "../../core/kit/verdicts.ts";
import { bot, corridor, hindsightCredit, ppo, qMinusV, recurrentPpo } from "../../plugins/mod.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { stubStudent } from "./stubs.ts";

const CANDIDATES = ["left", "right"];
const everywhere = (_: number) => true;

/** States by their keys; the student does "left" with the probability that stands for each. */
function scene(envs: number, schedule: Partial<BudgetSchedule> & { adviceBudget: number }) {
  let likely: readonly number[] = [];
  const student = {
    policy: () => ({ probabilities: Float32Array.from(likely.flatMap((p) => [p, 1 - p])) }),
  } as unknown as Student;
  const budget = new AdviceBudget(envs, { steps: 4, ...schedule }, () => student, CANDIDATES);
  const choose = (left: readonly number[], keys = left.map((_, i) => i), isOpen = everywhere) => {
    likely = left;
    const observations = { envs, key: (i: number) => keys[i]! } as Observations;
    return [...budget.choose(observations, undefined, isOpen) as Uint8Array];
  };
  return { budget, choose };
}

/** A step in which the teacher spoke in the environments named. */
function said(t: number, keys: readonly number[], spoke: readonly number[]): DecidedStep {
  const guidance = silence(keys.length, CANDIDATES);
  for (const i of spoke) suggest(guidance, i, 0);
  return { iteration: 1, t, keys: Float64Array.from(keys), guidance } as unknown as DecidedStep;
}

const judgedBy = (verdicts: Verdicts, t = 0) =>
  ({ iteration: 1, t, verdicts: [verdicts] }) as unknown as JudgedSteps;

Deno.test("a budget asks where the student is least sure, and keeps its share", () => {
  const { budget, choose } = scene(4, { adviceBudget: 0.5 });
  budget.begin({ iteration: 0, iterations: 1, ended: 0, solved: 0 });
  // Two of four: those nearest to a coin's toss.
  for (let t = 0; t < 8; t++) assert.deepEqual(choose([0.99, 0.5, 0.6, 0.999]), [0, 1, 1, 0]);
  assert.deepEqual(budget.report(), { asked: 0.5 });
});

Deno.test("a budget is never exceeded, and what was not asked may be asked later", () => {
  const { budget, choose } = scene(2, { adviceBudget: 0.25 });
  budget.begin({ iteration: 0, iterations: 1, ended: 0, solved: 0 });
  // Half a question a step: a whole one at every other. Among equals each environment has its turn.
  const asked = Array.from({ length: 6 }, () => choose([0.5, 0.5]));
  assert.deepEqual(asked, [[0, 0], [0, 1], [0, 0], [0, 1], [0, 0], [0, 1]]);
  assert.deepEqual(choose([0.5, 0.5], [0, 1], () => false), [0, 0]);
  assert.deepEqual(choose([0.5, 0.5], [0, 1], (i) => i === 0), [1, 0]);
});

Deno.test("a budget anneals: the share falls from 1 in a straight line and stays", () => {
  const { budget, choose } = scene(4, { adviceBudget: 0.25, adviceAnnealing: 4 });
  const asked = [0, 1, 2, 3, 4, 9].map((iteration) => {
    budget.begin({ iteration, iterations: 10, ended: 0, solved: 0 });
    for (let t = 0; t < 4; t++) choose([0.5, 0.5, 0.5, 0.5]);
    return budget.report().asked;
  });
  assert.deepEqual(asked, [1, 0.75, 0.5, 0.25, 0.25, 0.25]);
});

Deno.test("a budget asks where the teacher was right before, by verdicts on what it said there", () => {
  const { budget, choose } = scene(2, { adviceBudget: 0.5 });
  budget.begin({ iteration: 0, iterations: 1, ended: 0, solved: 0 });
  const verdict = (...signs: number[]): Verdicts => ({
    ...abstentions(2),
    signs: Int8Array.from(signs),
  });
  for (let t = 0; t < 4; t++) {
    budget.decide(said(t, [7, 8], [0, 1]));
    budget.judge(judgedBy(verdict(-1, 1), t));
  }
  // Of eight verdicts half were right: r0 is 2 / 3, r is (0 + 8 / 3) / 8 in state 7, (4 + 8 / 3) / 8 in 8.
  assert.deepEqual(choose([0.5, 0.7], [7, 8]), [0, 1]);
  const { budget: other, choose: chooseUntold } = scene(2, { adviceBudget: 0.5 });
  other.begin({ iteration: 0, iterations: 1, ended: 0, solved: 0 });
  assert.deepEqual(chooseUntold([0.5, 0.7], [7, 8]), [1, 0]);
});

Deno.test("a budget counts no verdict on silence or under another mission, and late ones in their place", () => {
  const { budget, choose } = scene(2, { adviceBudget: 0.5 });
  budget.begin({ iteration: 0, iterations: 1, ended: 0, solved: 0 });
  budget.decide(said(0, [7, 8], [0]));
  budget.decide(said(1, [9, 9], []));
  const earlier = (env: number, sign: 1 | -1, mission?: string): EarlierVerdict => ({
    ...{ stepsAgo: 1, env, sign, strength: 1, words: "", mission },
  });
  const late = (...all: EarlierVerdict[]) => judgedBy({ ...abstentions(2), earlier: all }, 1);
  const before = JSON.stringify(budget.save().json);
  budget.judge(late(earlier(1, -1), earlier(0, -1, "go elsewhere")));
  assert.equal(JSON.stringify(budget.save().json), before);
  for (let k = 0; k < 8; k++) budget.judge(late(earlier(0, -1)));
  assert.deepEqual(choose([0.5, 0.52], [7, 8]), [0, 1]);
});

Deno.test("a budget goes on from what was saved", () => {
  const [one, other] = [scene(3, { adviceBudget: 0.4 }), scene(3, { adviceBudget: 0.4 })];
  const play = ({ budget, choose }: typeof one, rounds: number) => {
    budget.begin({ iteration: rounds, iterations: 9, ended: 0, solved: 0 });
    return Array.from({ length: rounds }, (_, t) => {
      budget.decide(said(t, [t, 1, 2], [0, 2]));
      budget.judge(judgedBy({ ...abstentions(3), signs: Int8Array.of(1, 1, -1) }, t));
      return choose([0.5 + t / 20, 0.6, 0.55]);
    });
  };
  play(one, 5);
  other.budget.load(structuredClone(one.budget.save()));
  assert.deepEqual(play(other, 4), play(one, 4));
});

for (const [name, student] of [["ppo", ppo], ["recurrent-ppo", recurrentPpo]] as const) {
  Deno.test(`${name} is advised by state: what is not asked is silence, and is told`, async () => {
    const events: TandemEvent[] = [];
    const pipeline = definePipeline({
      name: "budget",
      env: corridor({ length: 4 }),
      teacher: bot(),
      student: student({ hidden: 8, minibatch: 32 }),
      advantage: qMinusV(),
      feedback: hindsightCredit(),
      schedule: { iterations: 3, envs: 4, steps: 8, adviceBudget: 0.25, adviceTrial: 0.2 },
      evaluation: { episodes: 2, states: 2 },
    });
    await runPipeline(
      pipeline,
      createContext({ seed: 0, emit: (event) => void events.push(event) }),
    );
    const asked = events.flatMap((event) =>
      event.type === "iteration.ended" ? [event.metrics.asked!] : []
    );
    assert.equal(asked.length, 3);
    assert.ok(
      asked.every((share) => share <= 0.25) && asked.some((share) => share > 0.1),
      `${asked}`,
    );
    const rows = events.flatMap((event) => event.type === "ledger" ? event.rows : []);
    assert.ok(rows.some(({ guidance }) => guidance === null));
  });
}

Deno.test("a student that does not say what it would do cannot be asked for by state", async () => {
  const pipeline = definePipeline({
    name: "budget",
    env: corridor({ length: 4 }),
    teacher: bot(),
    student: stubStudent(),
    advantage: qMinusV(),
    feedback: hindsightCredit(),
    schedule: { iterations: 1, envs: 2, steps: 2, adviceBudget: 0.5 },
    evaluation: { episodes: 1, states: 1 },
  });
  await assert.rejects(runPipeline(pipeline, createContext({ seed: 0 })), {
    code: "E_WIRING",
    message: /schedule.adviceBudget asks where/,
  });
});
