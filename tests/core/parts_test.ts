import assert from "node:assert/strict";
import { suggestionOf } from "../../core/kit/guidance.ts";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { Parts } from "../../core/run/parts/parts.ts";
import type { PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { AnsweredStep, Progress, Rollout, RunPart, Samples } from "../../core/stages/mod.ts";
import { curriculum } from "../../plugins/extra/curriculum.ts";
import { ellm } from "../../plugins/extra/ellm.ts";
import { babyai } from "../../plugins/env/babyai/mod.ts";
import { bot } from "../../plugins/teacher/bot.ts";
import { stageOf, stubAdvantage, stubEnv, stubPipeline, stubStudent } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const extra = (made: RunPart) => stageOf("extra", () => made);

async function runWith(changes: Partial<PipelineDefinition>, calls: string[] = []) {
  const events: TandemEvent[] = [];
  const emit = (event: TandemEvent) => void events.push(event);
  const pipeline = stubPipeline(calls, changes);
  const result = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  const iterations = events.flatMap((event) => event.type === "iteration.ended" ? [event] : []);
  return { result, iterations };
}

/** Keeps the rewards that an advantage estimator sees of whole rollouts. */
function rewardsSeen(sink: number[][]) {
  const stage = stubAdvantage();
  return {
    ...stage,
    create: () => ({
      estimate(rollout: Rollout) {
        if (rollout.steps > 1) sink.push([...rollout.rewards]);
        const { length } = rollout.rewards;
        return { advantages: new Float32Array(length), targets: new Float32Array(length) };
      },
    }),
  };
}

Deno.test("extra stages add to the rewards that are learned from, and not to those that count", async () => {
  const seen: number[][] = [];
  const { iterations } = await runWith({
    env: stubEnv({ length: 3 }),
    advantage: rewardsSeen(seen),
    extras: {
      tick: extra({ answer: ({ step }) => Float32Array.from(bytesIn(step.observations.tensors)) }),
      half: extra({ answer: ({ step }) => step.rewards.map(() => 0.5) }),
    },
    schedule: { steps: 3, iterations: 1 },
  });
  // The ticks that follow are 1, 2 and 0; the env pays 1 at the end.
  assert.deepEqual(seen, [[1.5, 2.5, 1.5]]);
  const { solved, ended, meanReward } = iterations[0]!;
  assert.deepEqual({ solved, ended, meanReward }, { solved: 1, ended: 1, meanReward: 1 });
});

Deno.test("what the parts ask of the env is joined, and the later one is heard", async () => {
  const asking = (env?: Record<string, unknown>): RunPart => ({ begin: () => env && { env } });
  const progress: Progress = { iteration: 0, iterations: 1, ended: 0, solved: 0 };
  const asked = (...stages: RunPart[]) =>
    new Parts([], Object.fromEntries(stages.entries().map(([i, it]) => [`${i}`, it])))
      .begin(progress);
  const both = await asked(asking({ level: 1, size: 5 }), asking(), asking({ level: 2 }));
  assert.deepEqual(both, { env: { level: 2, size: 5 } });
  assert.deepEqual(await asked(asking()), {});
});

Deno.test("an extra stage sees what was said, done and answered", async () => {
  const seen: unknown[] = [];
  await runWith({
    extras: {
      log: extra({
        answer({ guidance, decision: { actions }, keys, step, achieved }: AnsweredStep) {
          seen.push([
            suggestionOf(guidance, 0),
            actions[0],
            keys[0],
            step.observations.key(0),
            achieved(0),
          ]);
          return new Float32Array(1);
        },
      }),
    },
    schedule: { steps: 2 },
  });
  assert.deepEqual(seen, [["right", 1, 0, 1, []], ["right", 1, 1, 2, []]]);
});

Deno.test("an extra stage's rewards are held to shape and finiteness", async () => {
  const bad = (added: number[]) => ({
    extras: { bad: extra({ answer: () => Float32Array.from(added) }) },
  });
  await assert.rejects(runWith(bad([1, 2])), { code: "E_SHAPE", stage: "extra" });
  await assert.rejects(runWith(bad([NaN])), { code: "E_NUMERIC", stage: "extra" });
});

Deno.test("an extra stage that fails is named, and is disposed of before the others", async () => {
  const calls: string[] = [];
  const failing = extra({
    answer: () => {
      throw new Error("no idea");
    },
    dispose: () => void calls.push("extra.dispose"),
  });
  await assert.rejects(runWith({ extras: { failing } }, calls), {
    code: "E_STAGE",
    message: 'The extra "stub-extra" failed: no idea',
  });
  assert.equal(calls.filter((call) => call.endsWith(".dispose"))[0], "extra.dispose");
});

Deno.test("extra stages report numbers under their names, and are saved under them", async () => {
  const progress: Progress[] = [];
  const { iterations, result } = await runWith({
    env: stubEnv({ length: 2 }),
    extras: {
      log: extra({
        report: (rollout, now) => (progress.push(now), { steps: rollout.steps }),
        save: () => ({ json: "state" }),
      }),
    },
    schedule: { steps: 4, iterations: 2 },
  });
  assert.equal(iterations[0]!.metrics["extra/log/steps"], 4);
  assert.deepEqual(result.states["extra.log"], { json: "state" });
  assert.deepEqual(progress[1], { iteration: 2, iterations: 2, ended: 2, solved: 2 });
});

/** An env whose episodes are as long as its option says, and whose observations as wide. */
const clock = (made: string[]) => {
  const stage = stubEnv({ length: 2 });
  const withOptions = (length: number, width: number): typeof stage => ({
    ...stage,
    options: { length, width },
    with: (options) =>
      withOptions(Number(options.length ?? length), Number(options.width ?? width)),
    async create(context, wiring) {
      made.push(`${length} x ${wiring.envs}`);
      const env = await stubEnv({ length }).create(context, wiring);
      const spec = {
        ...env.spec,
        id: `Clock-${length}`,
        observation: { hour: multiDiscrete(new Array(width).fill(256)) },
      };
      return { ...env, spec };
    },
  });
  return withOptions(2, 1);
};

Deno.test("an extra stage changes the world between rollouts; measurements stay in the pipeline's", async () => {
  const made: string[] = [];
  const asked: Progress[] = [];
  const { iterations, result } = await runWith({
    env: clock(made),
    extras: {
      slow: extra({
        begin(progress) {
          asked.push(progress);
          return { env: { length: [2, 4, 4, 2][progress.iteration]! } };
        },
      }),
    },
    schedule: { iterations: 4, steps: 4 },
    evaluation: { episodes: 5, states: 6 },
  });
  assert.deepEqual(iterations.map(({ ended }) => ended), [2, 1, 1, 2]);
  assert.deepEqual(made, ["2 x 1", "2 x 5", "2 x 6", "4 x 1"], "one env a level");
  assert.deepEqual(asked.map(({ iteration, ended }) => [iteration, ended]), [
    ...[[0, 0], [1, 2], [2, 1], [3, 1]],
  ]);
  assert.equal(result.level, "Clock-2");
});

Deno.test("a world that the stages do not know is refused", async () => {
  const wide = extra({ begin: () => ({ env: { width: 2, length: 3 } }) });
  await assert.rejects(runWith({ env: clock([]), extras: { wide } }), {
    code: "E_WIRING",
    message: '"Clock-3" cannot follow "Clock-2" in one run: its observation differs.',
  });
});

Deno.test("a curriculum leads through BabyAI's levels, and goals that are reached pay", async () => {
  const levels = ["GoToRedBallNoDists", "GoToLocal"];
  const { iterations, result } = await runWith({
    env: babyai({ level: "GoToRedBall" }),
    teacher: bot(),
    student: {
      ...stubStudent(),
      create: () => ({
        act: ({ envs }, { choices }) => ({
          actions: choices.slice(),
          logProbs: new Float32Array(envs),
          qValues: new Float32Array(envs),
          values: new Float32Array(envs),
        }),
        values: ({ envs }) => new Float32Array(envs),
        learn: () => ({}),
      }),
    },
    extras: { levels: curriculum({ levels, by: "time" }), goals: ellm() },
    schedule: { iterations: 2, envs: 4, steps: 32 },
    evaluation: { episodes: 2, states: 2 },
  });
  assert.deepEqual(iterations.map(({ metrics }) => metrics["extra/levels/level"]), [0, 1]);
  assert.equal(result.level, "BabyAI-GoToRedBall-v0");
  for (const { solved, ended, metrics } of iterations) {
    assert.ok(ended > 0 && solved === ended, "the expert solves what it is given");
    assert.ok(metrics["extra/goals/reached"]! >= solved);
  }
});

Deno.test("a part is called back on every edge of an iteration, in order", async () => {
  const calls: unknown[] = [];
  const log = (name: string, ...what: unknown[]) => void calls.push([name, ...what]);
  const part: RunPart = {
    begin: ({ iteration }) => log("begin", iteration),
    decide: ({ iteration, t }) => log("decide", iteration, t),
    answer: ({ t, step }) => log("answer", t, step.rewards[0]),
    judge: ({ iteration, t, verdicts }) => log("judge", iteration, t, verdicts.length),
    finish: (rollout, next) => log("finish", rollout.steps, next.envs),
    report: () => (log("report"), {}),
    evaluate: ({ iteration }) => log("evaluate", iteration),
  };
  await runWith({
    env: stubEnv({ length: 2 }),
    extras: { log: extra(part) },
    schedule: { steps: 3, iterations: 1, feedbackEvery: 2 },
  });
  assert.deepEqual(calls, [
    ["evaluate", 0],
    ["begin", 0],
    ["decide", 1, 0],
    ["answer", 0, 0],
    ["decide", 1, 1],
    ["answer", 1, 1],
    ["judge", 1, 0, 2],
    ["decide", 1, 2],
    ["answer", 2, 0],
    ["judge", 1, 2, 1],
    ["finish", 3, 1],
    ["report"],
    ["evaluate", 1],
  ]);
});

Deno.test("parts that answer with promises are waited for, in their order", async () => {
  const calls: string[] = [];
  const late = (name: string): RunPart => ({
    decide: async () => {
      await Promise.resolve();
      calls.push(`${name} decides`);
    },
    answer: async ({ step }) => {
      await Promise.resolve();
      calls.push(`${name} answers ${step.rewards[0]}`);
      return Float32Array.of(1);
    },
  });
  await runWith({
    env: stubEnv({ length: 9 }),
    extras: { a: extra(late("a")), b: extra(late("b")) },
    schedule: { steps: 1, iterations: 1 },
  });
  assert.deepEqual(calls, ["a decides", "b decides", "a answers 0", "b answers 1"]);
});

for (const edge of ["begin", "evaluate"] as const) {
  Deno.test(`a part ends the run by ${edge}, and the run is whole`, async () => {
    const events: TandemEvent[] = [];
    const stop = (iteration: number) => iteration === 2 ? { stop: "enough\x1b[2J" } : undefined;
    const pipeline = stubPipeline([], {
      extras: {
        judge: extra({ [edge]: ({ iteration }: { iteration: number }) => stop(iteration) }),
      },
      schedule: { iterations: 5 },
      evaluation: { every: 1 },
    });
    const emit = (event: TandemEvent) => void events.push(event);
    const result = await runPipeline(pipeline, createContext({ seed: 0, emit }));
    assert.deepEqual([result.iterations, result.stopped], [2, false]);
    const end = { by: "judge", reason: "enough\\x1b[2J" };
    assert.deepEqual(result.earlyEnd, end);
    const told = events.filter(({ type }) => type === "run.ended-early");
    assert.deepEqual(told, [{ type: "run.ended-early", iteration: 2, ...end }]);
    const measured = events.flatMap((event) => event.type === "evaluated" ? event.iteration : []);
    if (edge === "evaluate") assert.deepEqual(measured, [0, 1, 2], "the end is not measured twice");
    assert.ok(!events.some(({ type }) => type === "run.stopped"));
  });
}

Deno.test("the names that methods of extra stages had before are refused in a sentence", async () => {
  const old = extra({ reward: () => new Float32Array(1) } as unknown as RunPart);
  await assert.rejects(runWith({ extras: { old } }), {
    code: "E_WIRING",
    message: /^The extra "stub-extra" has a method "reward"; its name is "answer" now/,
  });
});

/** Two transitions, the second of which ends its episode. */
const SAMPLES: Samples = {
  size: 2,
  observations: {},
  nextObservations: {},
  ...{ keys: Float64Array.of(1, 2), nextKeys: Float64Array.of(2, 3), missions: ["", ""] },
  ...{ actions: Int32Array.of(0, 1), rewards: Float32Array.of(0, 1) },
  terminated: Uint8Array.of(0, 1),
};

Deno.test("a student practises on what a part hands in, when it has learned from the rollout", async () => {
  const calls: unknown[] = [];
  const student = stubStudent();
  const practising: typeof student = {
    ...student,
    create: async (...made) => ({
      ...await student.create(...made),
      learn: () => (calls.push("learn"), { loss: 1 }),
      practise: ({ size }: Samples) => (calls.push(size), { practised: size }),
    }),
  };
  const { iterations } = await runWith({
    student: practising,
    extras: { a: extra({ finish: () => SAMPLES }), b: extra({ finish: () => undefined }) },
    schedule: { iterations: 1 },
  });
  assert.deepEqual(calls, ["learn", 2]);
  const { loss, practised } = iterations[0]!.metrics;
  assert.deepEqual({ loss, practised }, { loss: 1, practised: 2 });
});

Deno.test("a student that cannot practise is named with the part that asks it to", async () => {
  await assert.rejects(runWith({ extras: { again: extra({ finish: () => SAMPLES }) } }), {
    code: "E_WIRING",
    stage: "student",
    message: /^The extra "again" hands in transitions .* the student "stub-student" has no/,
  });
});
