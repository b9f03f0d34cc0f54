import assert from "node:assert/strict";
import { checkStage } from "../../../../core/testing/mod.ts";
import { record } from "../../../../core/testing/recording.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { silence } from "../../../../core/kit/guidance.ts";
import type { StageSpec } from "../../../../core/pipeline/plugin.ts";
import { compilePrompt } from "../../../../core/kit/prompt.ts";
import { corridor, lamorel, languageModelCloning } from "../../../../plugins/mod.ts";
import { openTensors } from "../../../../runtimes/tfjs/tfjs.ts";
import { fixtureDir, withModel } from "../../../runtimes/language_model/fixtures.ts";

const SMALL = {
  model: fixtureDir("t5-v1_1"),
  prompt: "{seen}",
  hidden: [8, 8],
  learningRate: 1e-3,
  epochs: 2,
  minibatch: 16,
};

const VARIANTS: Readonly<Record<string, StageSpec<"student">>> = {
  "lamorel on all weights": lamorel(SMALL),
  "lamorel with adapters": lamorel({ ...SMALL, train: "lora", rank: 2, alpha: 4 }),
  "lamorel's value head alone": lamorel({ ...SMALL, train: "heads" }),
  "lamorel with a policy head": lamorel({ ...SMALL, train: "heads", head: "policy" }),
  "lamorel by raw logits": lamorel({ ...SMALL, scoring: "raw-logits", standardise: true }),
  "language-model-cloning": languageModelCloning({ ...SMALL, actions: ["go left", "go right"] }),
};

for (const [name, stage] of Object.entries(VARIANTS)) {
  Deno.test(`${name} keeps its contract and leaks no tensor`, async () => {
    const tensors = await openTensors("wasm");
    const setting = {
      world: corridor({ length: 4 }),
      device: "wasm",
      liveTensors: tensors.tensorCount,
    } as const;
    assert.deepEqual(await checkStage(stage, setting), []);
    tensors.dispose();
  });
}

/** A student in a corridor of 5 cells with 3 environments. */
async function open(stage: StageSpec<"student">) {
  const context = createContext({ seed: 0, device: "wasm" });
  const env = await corridor({ length: 5 }).create(context, { envs: 3 });
  const candidates = env.spec.actions;
  const student = await stage.create(context, { env: env.spec, grain: "action", candidates });
  const seen = env.reset([1, 2, 3]);
  return { student, env, seen, silence: silence(3, candidates) };
}

for (
  const [scoring, normalisation] of [["as-published", "sum"], ["normalised", "mean"]] as const
) {
  Deno.test(`lamorel's policy is the language model's softmax of scores, ${scoring}`, () =>
    withModel("t5-v1_1", async (model) => {
      const { student, env, seen, silence } = await open(
        lamorel({ ...SMALL, scoring, prompt: "glam" }),
      );
      const { probabilities } = await student.policy!(seen, silence);
      const fill = compilePrompt("glam");
      const prompts = [0, 1, 2].map((i) =>
        fill({
          mission: seen.mission(i),
          observation: seen.text(i),
          feedback: "",
          candidates: env.spec.actions,
        })
      );
      const scored = await model.score(prompts, env.spec.actions, { normalisation });
      for (const [k, p] of scored.flatMap(({ distribution }) => [...distribution]).entries()) {
        assert.ok(Math.abs(Math.log(p) - Math.log(probabilities[k]!)) < 1e-4, `${k}`);
      }
      await student.dispose!();
    }));
}

Deno.test("lamorel never takes an action that is not among its own", async () => {
  const { student, seen, silence } = await open(lamorel({ ...SMALL, actions: ["go right"] }));
  const { probabilities } = await student.policy!(seen, silence);
  assert.deepEqual([...probabilities], [0, 1, 0, 0, 1, 0, 0, 1, 0]);
  const { actions, logProbs } = await student.act(seen, silence, "train");
  assert.deepEqual([[...actions], [...logProbs]], [[1, 1, 1], [0, 0, 0]]);
  await student.dispose!();
});

Deno.test("lamorel's value head learns what is scaled, and gives it unscaled", async () => {
  const options = {
    ...SMALL,
    train: "heads",
    learningRate: 1e-2,
    rewardScale: 20,
    epochs: 40,
  } as const;
  const { student, env } = await open(lamorel({ ...options, valueClip: false }));
  const rollout = await record(env, 16, 1, student);
  const targets = new Float32Array(rollout.keys.length).fill(0.5);
  const estimate = { targets, advantages: new Float32Array(targets.length) };
  for (let k = 0; k < 3; k++) {
    const again = await record(env, 16, 1, student);
    await student.learn(again, estimate);
  }
  for (const value of await student.values(env.reset([1, 2, 3]))) {
    assert.ok(Math.abs(value - 0.5) < 0.05, `${value}`);
  }
  await student.dispose!();
});

Deno.test("lamorel's policy stays where the heads alone are trained on the model's scores", async () => {
  const { student, env, silence } = await open(lamorel({ ...SMALL, train: "heads" }));
  const policy = async () => (await student.policy!(env.reset([1, 2, 3]), silence)).probabilities;
  const before = await policy();
  const rollout = await record(env, 8, 1, student);
  const random = Float32Array.from(rollout.keys, (_, k) => k % 3 - 1);
  await student.learn(rollout, { targets: random, advantages: random });
  assert.deepEqual(await policy(), before);
  await student.dispose!();
});

for (const train of ["heads", "lora", "all"] as const) {
  Deno.test(`lamorel's ratio is 1 in the first step of a rollout, ${train}`, async () => {
    const { student, env } = await open(
      lamorel({ ...SMALL, train, head: "policy", epochs: 1, minibatch: 30 }),
    );
    const rollout = await record(env, 10, 1, student);
    const random = Float32Array.from(rollout.keys, (_, k) => k % 3 - 1);
    const { approxKl, clipFraction } = await student.learn(rollout, {
      targets: random,
      advantages: random,
    });
    assert.ok(Math.abs(approxKl!) < 1e-6, `${approxKl}`);
    assert.equal(clipFraction, 0);
    await student.dispose!();
  });
}

Deno.test("lamorel holds as many tensors after a hundred steps as after some", async () => {
  const tensors = await openTensors("wasm");
  const { student, env } = await open(lamorel({ ...SMALL, minibatch: 3, epochs: 1 }));
  const counts: number[] = [];
  for (let k = 0; k < 4; k++) { // of 25 steps each
    const rollout = await record(env, 25, 1, student);
    await student.learn(rollout, { targets: rollout.rewards, advantages: rollout.rewards });
    counts.push(tensors.tensorCount());
  }
  assert.deepEqual(counts, counts.map(() => counts[0]));
  await student.dispose!();
  tensors.dispose();
});

Deno.test("lamorel refuses what does not fit, in sentences", async () => {
  await assert.rejects(open(lamorel({ ...SMALL, actions: ["go rihgt"] })), {
    code: "E_OPTION",
    message: /no action "go rihgt".*"go right"/,
  });
  await assert.rejects(open(lamorel({ ...SMALL, model: fixtureDir("gpt2") })), { code: "E_MODEL" });
  await assert.rejects(open(languageModelCloning({ ...SMALL, head: "policy" })), {
    code: "E_OPTION",
    message: /"choice" would do/,
  });
  const { student, env } = await open(lamorel(SMALL));
  const foreign = await record(env, 2, 1);
  const estimate = { targets: foreign.values, advantages: foreign.values };
  await assert.rejects(async () => await student.learn(foreign, estimate), { code: "E_SHAPE" });
  await student.dispose!();
});
