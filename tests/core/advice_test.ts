import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { AdviceWorth, EffectSummary, TandemEvent } from "../../core/stages/events.ts";
import { definePlugin, type StageSpec } from "../../core/pipeline/plugin.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Guidance, Observations } from "../../core/stages/mod.ts";
import { bot, corridor, noFeedback, noTeacher, qMinusV } from "../../plugins/mod.ts";
import { bytesIn } from "./tensors.ts";

/** A student that does as it is told and stays where it is not. */
function follower(
  withPolicy: boolean,
  alone = (_: Observations, _i: number) => 2,
): StageSpec<"student"> {
  const zeros = (envs: number) => new Float32Array(envs);
  const actions = ({ choices }: Guidance, seen: Observations) =>
    choices.map((choice, i) => choice < 0 ? alone(seen, i) : choice);
  return definePlugin({
    kind: "student",
    name: "follower",
    description: "Does as it is told.",
    options: {},
    create: () => ({
      act: (seen, guidance) => ({
        actions: actions(guidance, seen),
        logProbs: zeros(seen.envs),
        qValues: zeros(seen.envs),
        values: zeros(seen.envs),
      }),
      values: ({ envs }) => zeros(envs),
      learn: () => ({}),
      ...(withPolicy && {
        policy: (seen: Observations, guidance: Guidance) => {
          const { envs } = seen;
          const probabilities = new Float32Array(3 * envs);
          for (const [i, action] of actions(guidance, seen).entries()) {
            probabilities[3 * i + action] = 1;
          }
          return { probabilities, qValues: zeros(3 * envs), values: zeros(envs) };
        },
      }),
    }),
  })();
}

async function worthOf(
  teacher: StageSpec<"teacher">,
  student: StageSpec<"student"> = follower(true),
  states = 60,
): Promise<AdviceWorth | undefined> {
  const pipeline = definePipeline({
    name: "advice",
    env: corridor({ length: 4 }),
    teacher,
    student,
    advantage: qMinusV(),
    feedback: noFeedback(),
    schedule: { iterations: 1, envs: 4, steps: 4 },
    evaluation: { episodes: 40, states, advice: true },
  });
  const events: TandemEvent[] = [];
  const emit = (event: TandemEvent) => void events.push(event);
  const { advice } = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  assert.deepEqual(
    events.find(({ type }) => type === "advice.measured")?.type,
    advice && "advice.measured",
  );
  return advice;
}

Deno.test("advice that is right helps, and without the teacher its follower is lost", async () => {
  const worth = await worthOf(bot());
  assert.equal(worth?.withoutTeacher.rate, 0);
  const { effects, rightEffects, wrongEffects } = worth;
  assert.equal(effects?.states, 60);
  // One word helps where the flag is one step away, and nowhere does it hurt.
  assert.ok(effects.mean > 0 && effects.helped > 10 && effects.helped < 60 && effects.hurt === 0);
  assert.deepEqual(rightEffects, effects);
  assert.equal(wrongEffects, null);
});

Deno.test("effects of right and of wrong advice add up to those of all", async () => {
  const worth = await worthOf(bot({ accuracy: 0.5 }));
  const [all, right, wrong] = [worth!.effects!, worth!.rightEffects!, worth!.wrongEffects!];
  assert.ok(right.states > 10 && wrong.states > 10);
  assert.equal(right.states + wrong.states, all.states);
  const sum = ({ states, mean }: EffectSummary) => states * mean;
  const squares = ({ states, mean, deviation }: EffectSummary) =>
    (states - 1) * deviation ** 2 + states * mean ** 2;
  for (const total of [sum, squares]) {
    assert.ok(total(all) > 0);
    assert.ok(Math.abs(total(all) - total(right) - total(wrong)) < 1e-6, total.name);
  }
  assert.deepEqual([wrong.mean, wrong.deviation, wrong.helped, wrong.hurt], [0, 0, 0, 0]);
  assert.equal(all.helped, right.helped);
});

Deno.test("advice that is wrong hurts a follower that knows the way itself", async () => {
  const knowing = follower(true, ({ tensors }, i) => {
    const cells = bytesIn(tensors);
    return cells[2 * i]! > cells[2 * i + 1]! ? 0 : 1;
  });
  const worth = await worthOf(bot({ accuracy: 0 }), knowing);
  assert.equal(worth?.withoutTeacher.rate, 1);
  const { hurt, helped, mean, states } = worth.wrongEffects!;
  assert.equal(states, 60);
  assert.ok(hurt > 10 && helped === 0 && mean < 0, `${hurt} ${helped} ${mean}`);
});

Deno.test("a single effect has no deviation", async () => {
  const worth = await worthOf(bot(), follower(true), 1);
  assert.deepEqual([worth?.effects?.states, worth?.effects?.deviation], [1, 0]);
});

Deno.test("advice that is wrong changes nothing for a follower that stays without it", async () => {
  const worth = await worthOf(bot({ accuracy: 0 }));
  assert.equal(worth?.rightEffects, null);
  assert.equal(worth?.wrongEffects?.helped, 0);
});

Deno.test("a silent teacher's advice is not weighed, nor single words of a student without a policy", async () => {
  assert.equal(await worthOf(noTeacher()), undefined);
  const worth = await worthOf(bot(), follower(false));
  assert.equal(worth?.effects, null);
  assert.equal(worth?.withoutTeacher.episodes, 40);
});

Deno.test("weighing advice leaves what was learned as it was", async () => {
  const run = (advice: boolean) =>
    runPipeline(
      definePipeline({
        name: "advice",
        env: corridor(),
        teacher: bot({ accuracy: 0.6 }),
        student: follower(true),
        advantage: qMinusV(),
        feedback: noFeedback(),
        schedule: { iterations: 2, envs: 4, steps: 4 },
        evaluation: { episodes: 10, states: 10, advice },
      }),
      createContext({ seed: 3 }),
    );
  const [plain, weighed] = [await run(false), await run(true)];
  assert.deepEqual(weighed.states, plain.states);
  assert.deepEqual(weighed.end, plain.end);
  assert.equal(plain.advice, undefined);
});
