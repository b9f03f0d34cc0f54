import assert from "node:assert/strict";
import { suggestionOf } from "../../core/kit/guidance.ts";
import { ChangingEnv } from "../../core/run/parts/env_slot.ts";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { Extras } from "../../core/run/parts/extras.ts";
import type { PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Env, PassingStep, Progress, Rollout, RunPart } from "../../core/stages/mod.ts";
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
      tick: extra({ reward: ({ step }) => Float32Array.from(bytesIn(step.observations.tensors)) }),
      half: extra({ reward: ({ step }) => step.rewards.map(() => 0.5) }),
    },
    schedule: { steps: 3, iterations: 1 },
  });
  // The ticks that follow are 1, 2 and 0; the env pays 1 at the end.
  assert.deepEqual(seen, [[1.5, 2.5, 1.5]]);
  const { solved, ended, meanReward } = iterations[0]!;
  assert.deepEqual({ solved, ended, meanReward }, { solved: 1, ended: 1, meanReward: 1 });
});

Deno.test("the world is another one as soon as one extra stage wants it, whatever the others want", async () => {
  const worlds: RunPart = { world: () => undefined };
  const wanting = (change: Record<string, unknown>): RunPart => ({ world: () => change });
  const progress: Progress = { iteration: 0, iterations: 1, ended: 0, solved: 0 };
  const opened = (...stages: RunPart[]) => {
    const first = { spec: {} } as Env;
    const env = new ChangingEnv(first, {}, () => ({ spec: {} }) as Env);
    return new Extras(Object.fromEntries(stages.entries().map(([i, it]) => [`${i}`, it])), env);
  };
  const extras = opened(wanting({ level: 1 }), worlds, wanting({ level: 1 }));
  assert.equal(await extras.changeWorld(progress), true);
  assert.equal(await extras.changeWorld(progress), false);
  assert.equal(await opened(worlds).changeWorld(progress), false);
  assert.equal(await new Extras({ a: wanting({}) }, {} as Env).changeWorld(progress), false);
});

Deno.test("an extra stage sees what was said, done and answered", async () => {
  const seen: unknown[] = [];
  await runWith({
    extras: {
      log: extra({
        reward({ guidance, actions, keys, step, achieved }: PassingStep) {
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
    extras: { bad: extra({ reward: () => Float32Array.from(added) }) },
  });
  await assert.rejects(runWith(bad([1, 2])), { code: "E_SHAPE", stage: "extra" });
  await assert.rejects(runWith(bad([NaN])), { code: "E_NUMERIC", stage: "extra" });
});

Deno.test("an extra stage that fails is named, and is disposed of before the others", async () => {
  const calls: string[] = [];
  const failing = extra({
    reward: () => {
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
        world(progress) {
          asked.push(progress);
          return { length: [2, 4, 4, 2][progress.iteration]! };
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
  const wide = extra({ world: () => ({ width: 2, length: 3 }) });
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
