import assert from "node:assert/strict";
import { checkStage } from "../../../../core/testing/mod.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { box } from "../../../../core/kit/spaces.ts";
import type { StageSpec } from "../../../../core/pipeline/plugin.ts";
import { actorCritic, babyai, behaviourCloning, corridor, ppo } from "../../../../plugins/mod.ts";
import { openTensors } from "../../../../runtimes/tfjs/tfjs.ts";
import { returnAfter } from "../learning.ts";

const VARIANTS: Readonly<Record<string, StageSpec<"student">>> = {
  "ppo on tfjs": ppo({ runtime: "tfjs", hidden: 8 }),
  "ppo with trust": ppo({ guidance: "trust", hidden: 8 }),
  "ppo with annealed guidance": ppo({ guidance: "annealed", hidden: 8, annealing: 3 }),
  "ppo with trust, distilled by returns": ppo({
    ...{ guidance: "trust", distillation: 1, distillationGate: "return", hidden: 8 },
  }),
  "ppo on tfjs with features, distilled by advantage": ppo({
    ...{ runtime: "tfjs", distillation: 1, distillationGate: "advantage", hidden: 8 },
  }),
  "actor-critic with trust": actorCritic({ guidance: "trust", hidden: 8 }),
  "behaviour-cloning": behaviourCloning({ hidden: 8 }),
};

for (const [name, stage] of Object.entries(VARIANTS)) {
  Deno.test(`${name} keeps its contract and leaks no tensor`, async () => {
    const tensors = await openTensors("cpu");
    const setting = { world: corridor(), liveTensors: tensors.tensorCount };
    assert.deepEqual(await checkStage(stage, setting), []);
    tensors.dispose();
  });
}

/** What learns, under a bot right 9 times of 10, and the least that it comes to in 5 cells. */
const COURSES: readonly [name: string, student: StageSpec<"student">, least: number][] = [
  ["ppo", ppo({ minibatch: 128, learningRate: 3e-3 }), 0.85],
  ["actor-critic", actorCritic({ minibatch: 64, learningRate: 3e-3 }), 0.85],
  ["ppo with trust", ppo({ guidance: "trust", minibatch: 128, learningRate: 3e-3 }), 0.85],
];

for (const [name, student, least] of COURSES) {
  Deno.test(`${name} solves the corridor`, async () => {
    const found = await returnAfter(student, { accuracy: 0.9, iterations: 20 });
    assert.ok(found > least, `${found}`);
  });
}

for (
  const [name, student] of [
    ["behaviour-cloning", behaviourCloning({ minibatch: 128, learningRate: 3e-3 })],
    ["ppo with annealed guidance", ppo({ guidance: "annealed", minibatch: 128, annealing: 15 })],
  ] as const
) {
  Deno.test(`${name} has learned what the bot does`, async () => {
    const found = await returnAfter(student, { accuracy: 1, iterations: 20 });
    assert.ok(found > 0.85, `${found}`);
  });
}

Deno.test("what the fused runtime cannot do is refused by name", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const env = await babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }).create(context, { envs: 2 });
  const wiring = { env: env.spec, grain: "action", candidates: env.spec.actions } as const;
  const floats = { ...env.spec, actions: [], actionBox: box({ shape: [1], low: -1, high: 1 }) };
  await assert.rejects(
    async () => await ppo({ runtime: "fused" }).create(context, { ...wiring, env: floats }),
    { code: "E_OPTION", message: /student.runtime "tfjs" or "auto"/ },
  );
  await assert.rejects(
    async () =>
      await ppo({ guidance: "trust" }).create(context, { ...wiring, candidates: ["red", "blue"] }),
    { code: "E_WIRING", message: /suggests "red", "blue"/ },
  );
  await env.dispose?.();
});
