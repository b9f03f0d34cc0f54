import assert from "node:assert/strict";
import type { Checkpoint, CheckpointKeeper } from "../../core/run/checkpoint.ts";
import { createContext, systemClock } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { exactJson, parseExactJson } from "../../core/kit/packing.ts";
import {
  definePipeline,
  type Pipeline,
  type PipelineChange,
} from "../../core/pipeline/pipeline.ts";
import { runPipeline, type RunResult } from "../../core/run/scheduler.ts";
import { digestOf } from "../../lab/digest.ts";
import {
  babyai,
  bandit,
  bot,
  constant,
  corridor,
  counterfactual,
  curriculum,
  dqn,
  ellm,
  ensemble,
  frozenCritic,
  gae,
  hindsightReplay,
  misleading,
  movingQuantile,
  noveltyBonus,
  paper,
  perState,
  ppo,
  qMinusV,
  random,
  recurrentPpo,
  shuffled,
  significance,
  synthetic,
  tabularQ,
  verbal,
} from "../../plugins/mod.ts";

const ITERATIONS = 4;

const base = definePipeline({
  name: "small",
  env: corridor({ length: 5 }),
  teacher: bot({ accuracy: 0.6 }),
  student: tabularQ(),
  advantage: qMinusV(),
  feedback: paper(),
  schedule: { iterations: ITERATIONS, envs: 4, steps: 6 },
  evaluation: { episodes: 6, states: 5, every: 2 },
});

/** A copy as it comes back from a file. */
function written({ arrays, ...rest }: Checkpoint): Checkpoint {
  return { ...parseExactJson(exactJson(rest)) as Checkpoint, arrays: structuredClone(arrays) };
}

interface Outcome {
  readonly result: RunResult;
  readonly events: TandemEvent[];
  readonly checkpoints: { readonly checkpoint: Checkpoint; readonly events: number }[];
}

async function run(pipeline: Pipeline, resume?: Checkpoint): Promise<Outcome> {
  const events: TandemEvent[] = [];
  const kept: { checkpoint: Checkpoint; events: number }[] = [];
  const checkpoints: CheckpointKeeper = {
    isDue: () => true,
    keep: (checkpoint) =>
      void kept.push({ checkpoint: written(checkpoint), events: events.length }),
  };
  const emit = (event: TandemEvent) => void events.push(event);
  // Time stands still: a measurement that takes long has a checkpoint of its own before it.
  const clock = { ...systemClock, now: () => 0 };
  const context = createContext({ seed: 3, device: "cpu", emit, clock });
  const result = await runPipeline(pipeline, context, { resume, checkpoints });
  return { result, events, checkpoints: kept };
}

/** Events without what a second run takes other times for. */
function timeless(events: readonly TandemEvent[]): unknown[] {
  return JSON.parse(JSON.stringify(events, (key, value) => {
    return /seconds$/i.test(key) ? undefined : value;
  }));
}

const CASES: Readonly<Record<string, PipelineChange>> = {
  "tabular-q": {},
  ppo: { student: ppo({ hidden: 8 }) },
  "recurrent-ppo": { student: recurrentPpo({ hidden: 8, memory: 8 }) },
  "recurrent-ppo and a frozen critic": {
    student: recurrentPpo({ hidden: 8, memory: 8 }),
    feedback: frozenCritic({ every: 3 }),
  },
  dqn: { student: dqn({ hidden: 8, minibatch: 8, updates: 2, replay: 64 }) },
  "babyai with the expert's plan": {
    env: babyai({ level: "GoToLocal" }),
    teacher: bot({ accuracy: 0.8, grain: "subgoal" }),
    student: ppo({ hidden: 8 }),
    extras: { goals: ellm() },
  },
  "babyai behind doors": {
    env: babyai({ level: "UnlockLocal" }),
    teacher: misleading(),
    student: tabularQ(),
    feedback: verbal(),
    evaluation: { episodes: 2, states: 2 }, // its bot thinks long
  },
  "a curriculum": {
    env: babyai({ level: "GoToRedBall" }),
    student: tabularQ(),
    extras: {
      levels: curriculum({ levels: ["GoToRedBallNoDists", "GoToRedBallGrey"], by: "time" }),
    },
  },
  "hindsight and a bonus that fades": {
    env: babyai({ level: "GoToLocal" }),
    student: ppo({ hidden: 8 }),
    extras: {
      hindsight: hindsightReplay({ capacity: 40, least: 5, verbs: ["go to", "pick up"] }),
      novelty: noveltyBonus({ steps: 80 }),
    },
    schedule: { envs: 8, steps: 16 },
  },
  "hindsight of a student that remembers": {
    env: babyai({ level: "GoToLocal" }),
    student: recurrentPpo({ hidden: 8, memory: 8 }),
    extras: { hindsight: hindsightReplay({ capacity: 40, least: 5, own: true }) },
    schedule: { envs: 8, steps: 16 },
  },
  "advice that comes late": { schedule: { adviceDelay: 2, adviceEvery: 2 } },
  "feedback under way": {
    feedback: verbal(),
    schedule: { feedbackDelay: 5, feedbackEvery: 2, feedbackBound: 3, warmUp: 1 },
  },
  "an ensemble's feedback under way": {
    teacher: ensemble({ of: [bot(), random(), constant()], rule: "lot" }),
    schedule: { feedbackDelay: 3 },
  },
  "a budget of calls": { schedule: { adviceCalls: 40 } },
  "advice on trial": { schedule: { adviceTrial: 0.2 } },
  "a teacher that leaves": { schedule: { teacherOff: 0.5 }, evaluation: { advice: true } },
  "shuffled guidance": { teacher: shuffled({ of: bot({ accuracy: 0.9 }) }) },
  "a frozen critic": { student: ppo({ hidden: 8 }), feedback: frozenCritic({ every: 3 }) },
  "the counterfactual": { feedback: counterfactual({ horizon: 2 }) },
  bandit: { feedback: bandit(), advantage: gae() },
  "moving quantiles": { feedback: movingQuantile({ warmUp: 4, window: 40 }) },
  "state's baselines": { feedback: perState() },
  significance: { feedback: significance() },
  "a coin": { feedback: synthetic() },
};

for (const [name, change] of Object.entries(CASES)) {
  Deno.test(`a run with ${name} goes on from each checkpoint as if nothing had happened`, async () => {
    const pipeline = base.with(change);
    const whole = await run(pipeline);
    assert.equal(whole.checkpoints.length, ITERATIONS - 1);
    for (const { checkpoint, events } of whole.checkpoints) {
      const rest = await run(pipeline, checkpoint);
      const at = `from iteration ${checkpoint.iteration}`;
      const [resumed, ...later] = rest.events.filter(({ type }) => type !== "warning");
      assert.equal(resumed?.type, "run.resumed", at);
      const expected = whole.events.slice(events).filter(({ type }) => type !== "warning");
      assert.deepEqual(timeless(later), timeless(expected), at);
      assert.equal(digestOf(rest.result), digestOf(whole.result), at);
      assert.deepEqual(rest.result.teacher, whole.result.teacher, at);
    }
  });
}
