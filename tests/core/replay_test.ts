import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { zeros } from "../../core/kit/tensors.ts";
import type { PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import type { Replay, ReplayBatch, RunPart, Student } from "../../core/stages/mod.ts";
import { joinReplays } from "../../core/run/parts/joined_replay.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Replacement } from "../../core/run/replace_stage.ts";
import { stageOf, stubPipeline, stubStudent } from "./stubs.ts";

/** Past steps of one owner, whose hours, keys, actions and returns count on from `first`. */
function stepsFrom(first: number, size: number, changes: Partial<ReplayBatch> = {}): Replay {
  return {
    size,
    draw(count) {
      const numbers = Array.from({ length: count }, (_, k) => first + k);
      const hour = zeros("uint8", [count, 1]);
      hour.data.set(numbers);
      return {
        size: count,
        observations: { hour },
        missions: numbers.map((number) => `wait ${number}`),
        keys: Float64Array.from(numbers),
        actions: Int32Array.from(numbers),
        returns: Float32Array.from(numbers),
        legal: Uint8Array.from(numbers.flatMap((number) => [1, number])),
        ...changes,
      };
    },
  };
}

const extra = (made: RunPart) => stageOf("extra", () => made);

/** A student that takes past steps and writes down what it is given. */
function takingStudent(calls: string[]) {
  const stage = stubStudent(calls);
  return {
    ...stage,
    create: async (...made: Parameters<typeof stage.create>): Promise<Student> => ({
      ...await stage.create(...made),
      learnsFromReplay: true,
      learn(_rollout, _estimate, replay) {
        calls.push(`learn from ${replay?.size} ${replay?.draw(3).missions}`);
        return {};
      },
    }),
  };
}

const run = (calls: string[], changes: Partial<PipelineDefinition>) =>
  runPipeline(stubPipeline(calls, changes), createContext({ seed: 0 }));

Deno.test("a student is handed past steps when a rollout is finished, before it learns", async () => {
  const calls: string[] = [];
  const past: RunPart = {
    finish: () => void calls.push("finish"),
    replay: () => (calls.push("replay"), stepsFrom(5, 10)),
  };
  await run(calls, { student: takingStudent(calls), extras: { past: extra(past) } });
  const end = calls.slice(calls.indexOf("finish")).filter((call) => !call.includes("."));
  assert.deepEqual(end, ["finish", "replay", "learn from 10 wait 5,wait 6,wait 7"]);
});

Deno.test("where nothing is held, there is nothing to learn from again", async () => {
  const calls: string[] = [];
  const student = takingStudent(calls);
  await run(calls, {
    student,
    extras: {
      empty: extra({ replay: () => stepsFrom(0, 0) }),
      silent: extra({ replay: () => undefined }),
    },
  });
  assert.deepEqual(calls.filter((call) => call.startsWith("learn")), [
    "learn from undefined undefined",
  ]);
});

Deno.test("of several owners each gives its share of what is held, to the next step", () => {
  const joined = joinReplays([stepsFrom(0, 30), stepsFrom(50, 0), stepsFrom(100, 10)])!;
  assert.equal(joined.size, 40);
  const { observations, ...batch } = joined.draw(6); // 4.5 of one, 1.5 of the other
  assert.deepEqual([...observations.hour!.data], [0, 1, 2, 3, 4, 100]);
  assert.deepEqual(observations.hour!.shape, [6, 1]);
  assert.deepEqual(batch, {
    size: 6,
    missions: [0, 1, 2, 3, 4, 100].map((number) => `wait ${number}`),
    keys: Float64Array.of(0, 1, 2, 3, 4, 100),
    actions: Int32Array.of(0, 1, 2, 3, 4, 100),
    returns: Float32Array.of(0, 1, 2, 3, 4, 100),
    legal: Uint8Array.of(1, 0, 1, 1, 1, 2, 1, 3, 1, 4, 1, 100),
  });
  assert.deepEqual([...joined.draw(1).keys], [0]);
});

Deno.test("past steps are held to their number and to returns that are numbers", async () => {
  const bad = (changes: Partial<ReplayBatch>) => {
    const calls: string[] = [];
    const replay = () => stepsFrom(0, 9, changes);
    return run(calls, { student: takingStudent(calls), extras: { bad: extra({ replay }) } });
  };
  await assert.rejects(bad({ returns: new Float32Array(2) }), { code: "E_SHAPE", stage: "extra" });
  await assert.rejects(bad({ returns: Float32Array.of(1, NaN, 1) }), {
    code: "E_NUMERIC",
    stage: "extra",
  });
});

const REFUSED = 'The extra "past" hands in past steps to learn from again, and the student ' +
  '"stub-student" takes none; right would be one that does, such as "ppo" with replayLoss above 0.';

Deno.test("a student that takes no past steps is refused before the run begins", async () => {
  const calls: string[] = [];
  const past = extra({ replay: () => undefined });
  await assert.rejects(run(calls, { extras: { past } }), {
    code: "E_WIRING",
    stage: "student",
    message: REFUSED,
  });
  assert.ok(!calls.some((call) => call.startsWith("env.step")));
});

Deno.test("a stage that would leave past steps without a taker does not replace another", async () => {
  const replace = async (replacement: Replacement, changes: Partial<PipelineDefinition>) => {
    const events: TandemEvent[] = [];
    const emit = (event: TandemEvent) => void events.push(event);
    const pipeline = stubPipeline([], { schedule: { iterations: 2 }, ...changes });
    let asked = 0;
    const replacements = () => (++asked === 2 ? [replacement] : []);
    await runPipeline(pipeline, createContext({ seed: 0, emit }), { replacements });
    return events.flatMap((event) => event.type === "warning" ? event.message : []);
  };
  const past = extra({ replay: () => stepsFrom(0, 9) });
  const stays = (name: string) => [`${REFUSED} The ${name} stays as it was.`];
  const taking = { student: takingStudent([]), extras: { past } };
  assert.deepEqual(
    await replace({ name: "student", load: () => stubStudent() }, taking),
    stays("student"),
  );
  const idle = { extras: { past: extra({ report: () => ({}) }) } };
  assert.deepEqual(
    await replace({ name: "extra.past", load: () => past }, idle),
    stays("extra.past"),
  );
});
