import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { Counterfactual } from "../../core/run/parts/counterfactual.ts";
import { measureSuccess } from "../../core/run/measure/evaluation.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Env, JudgedStep, Rollout, Student } from "../../core/stages/mod.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { stageOf, stubEnv, stubPipeline, stubTeacher } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";

/**
 * A student that remembers the sum of all that it saw in the episode, and values a state by that sum
 * with the state. It sees 1, 2, 3, ... in the stub's episodes: the first tick is 0.
 */
function summing(learned: Rollout[] = [], asked: string[] = []): Student {
  const sums = (data: Uint8Array, memory?: Float32Array) =>
    Float32Array.from(data, (x, i) => (memory?.[i] ?? 0) + x + 1);
  return {
    memory: 1,
    act({ tensors }, { choices }, mode, memory) {
      const values = sums(bytesIn(tensors), memory);
      asked.push(`${mode} ${[...memory!]}`);
      memory!.set(values);
      return { actions: choices.slice(), logProbs: values, qValues: values, values };
    },
    values: ({ tensors }, memory) => sums(bytesIn(tensors), memory),
    policy({ tensors, envs }, _guidance, memory) {
      const values = sums(bytesIn(tensors), memory);
      memory?.set(values);
      const probabilities = new Float32Array(2 * envs).fill(0.5);
      return { probabilities, qValues: new Float32Array(2 * envs), values };
    },
    learn(rollout) {
      learned.push(structuredClone({ ...rollout, guidance: [] }));
      return {};
    },
    save: () => ({ json: 0 }),
    load: () => {},
  };
}

/** Two rollouts of four steps over episodes of three: 0 1 2 | 0 and 1 2 | 0 1. */
async function learned(end: "terminated" | "truncated", changes = {}): Promise<Rollout[]> {
  const rollouts: Rollout[] = [];
  const pipeline = stubPipeline([], {
    env: stubEnv({ length: 3, end }),
    student: stageOf("student", () => summing(rollouts)),
    schedule: { iterations: 2, steps: 4, envs: 1, feedbackEvery: 4 },
    ...changes,
  });
  await runPipeline(pipeline, createContext({ seed: 0 }));
  return rollouts;
}

Deno.test("a student's memory goes from step to step and starts anew with each episode", async () => {
  const [one, two] = await learned("terminated");
  assert.deepEqual([...one!.memory!], [0, 1, 3, 0]);
  assert.deepEqual([...one!.values], [1, 3, 6, 1]);
  assert.deepEqual([...one!.firsts], [1, 0, 0, 1]);
  assert.deepEqual([...two!.memory!], [1, 3, 0, 1], "over the end of a rollout too");
  assert.deepEqual([...two!.firsts], [0, 0, 1, 0]);
});

Deno.test("next values are those of a memory that knows the step, and nothing of a new episode", async () => {
  const [terminating] = await learned("terminated");
  // The rollout's last step is followed by the second of its episode: 1 and 2 seen.
  assert.deepEqual([...terminating!.nextValues], [3, 6, 0, 3]);
  const [truncating] = await learned("truncated");
  // The final observation is 3, after 0, 1 and 2: four things seen.
  assert.deepEqual([...truncating!.nextValues], [3, 6, 1 + 2 + 3 + 4, 3]);
});

Deno.test("a frozen critic has a memory of its own", async () => {
  const judged: JudgedStep[] = [];
  await learned("truncated", {
    feedback: stageOf("feedback", () => ({
      needs: { frozenCritic: { every: 1 } },
      judge(now) {
        judged.push(structuredClone({ ...now, rollout: undefined as never }));
        return { signs: new Int8Array(1), strengths: new Float32Array(1), words: () => "" };
      },
    })),
  });
  assert.equal(judged.length, 8);
  for (const { advantages, frozenAdvantages } of judged) {
    assert.deepEqual(frozenAdvantages, advantages);
  }
});

Deno.test("held-out episodes begin without a memory, and training's is left alone", async () => {
  const asked: string[] = [];
  const context = createContext({ seed: 0 });
  const env = await stubEnv({ length: 2 }).create(context, { envs: 2 });
  const teacher = await stubTeacher().create(context, { env: env.spec });
  await measureSuccess(env, teacher, summing([], asked), false);
  await measureSuccess(env, teacher, summing([], asked), false);
  assert.deepEqual(asked, ["evaluate 0,0", "evaluate 1,1", "evaluate 0,0", "evaluate 1,1"]);
});

Deno.test("a counterfactual branches memory with the state", async () => {
  const context = createContext({ seed: 0 });
  const make = async () =>
    await corridor().create(context, { envs: 1 }) as Required<Pick<Env, "save" | "load">> & Env;
  const [env, twin] = [await make(), await make()];
  const seen = env.reset([3]);
  bytesIn(seen.tensors).set([2, 6]);
  const memories: number[][] = [];
  // Remembers each state's cell; goes right when told, else stays.
  const student: Student & Required<Pick<Student, "policy">> = {
    ...summing(),
    policy({ tensors }, { choices }, memory) {
      memories.push([...memory!]);
      memory![0] = 10 * memory![0]! + bytesIn(tensors)[0]!;
      const probabilities = choices[0] === 1 ? [0, 1, 0] : [0, 0, 1];
      const [qValues, values] = [new Float32Array(3), new Float32Array(1)];
      return { probabilities: Float32Array.from(probabilities), qValues, values };
    },
    values: (_, memory) => memory!.slice(),
  };
  const guidance = silence(1, env.spec.actions);
  suggest(guidance, 0, 1);
  const branches = new Counterfactual(
    { now: twin, load: twin.load.bind(twin) },
    student,
    new Pcg64(0),
    { horizon: 2, discount: 1 },
  );
  const memory = Float32Array.of(7);
  const effects = await branches.effects(await env.save(), seen, guidance, memory);
  // Both begin at 7: told 7 -> 72 -> 723, untold 7 -> 72 -> 722.
  assert.deepEqual(memories, [[7], [72], [7], [72]]);
  assert.deepEqual([...effects], [723 - 722]);
  assert.deepEqual([...memory], [7], "the student's own is not touched");
});

Deno.test("what advice is worth is told with all that the student saw on the way to the state", async () => {
  const memories: number[] = [];
  await learned("truncated", {
    env: corridor({ length: 60 }),
    student: stageOf("student", () => ({
      ...summing(),
      values: ({ envs }) => new Float32Array(envs),
      act: ({ envs }) => ({
        actions: new Int32Array(envs),
        logProbs: new Float32Array(envs),
        qValues: new Float32Array(envs),
        values: new Float32Array(envs),
      }),
      // Remembers how many states it has seen; stays where it is.
      policy({ envs }, _guidance, memory) {
        memories.push(memory![0]!);
        memory!.forEach((count, i) => memory![i] = count + 1);
        const probabilities = Float32Array.from(
          { length: 3 * envs },
          (_, k) => k % 3 === 2 ? 1 : 0,
        );
        const [qValues, values] = [new Float32Array(3 * envs), new Float32Array(envs)];
        return { probabilities, qValues, values };
      },
    })),
    evaluation: { advice: true },
  });
  // Four steps to the state, then sixteen with the advice and sixteen without.
  const branch = Array.from({ length: 16 }, (_, h) => 4 + h);
  assert.deepEqual(memories, [0, 1, 2, 3, ...branch, ...branch]);
});
