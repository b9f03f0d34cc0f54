import assert from "node:assert/strict";
import { estimateOf, record } from "../../../core/testing/recording.ts";
import { createContext } from "../../../core/kit/context.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import type { Student } from "../../../core/stages/mod.ts";
import { corridor, dqn, ppo } from "../../../plugins/mod.ts";

const STUDENTS: Readonly<Record<string, readonly [StageSpec<"student">, "cpu" | "wasm"]>> = {
  "ppo in fused kernels": [ppo({ hidden: 8, epochs: 1, minibatch: 64 }), "cpu"],
  "dqn in TensorFlow.js": [dqn({ hidden: 8, updates: 1, minibatch: 8, replay: 64 }), "wasm"],
};

for (const [name, [stage, device]] of Object.entries(STUDENTS)) {
  Deno.test(`${name}: scaleLearningRate() makes steps smaller, and is saved`, async () => {
    const context = createContext({ seed: 0, device });
    const env = await corridor().create(context, { envs: 4 });
    const { actions } = env.spec;
    const wiring = { env: env.spec, grain: "action", candidates: actions } as const;
    const create = async () => await stage.create(context, wiring);
    const [brisk, slow, loaded, old] = await Promise.all([1, 2, 3, 4].map(create));
    slow!.scaleLearningRate!(0.5);
    slow!.scaleLearningRate!(0.5);
    const { json, arrays } = await slow!.save!();
    await loaded!.load!({ json, arrays });
    // Older versions call it the pace.
    const { learningRateScale: pace, ...rest } = json as Record<string, unknown>;
    await old!.load!({ json: { ...rest, pace }, arrays });
    const rollout = await record(env, 8, 1, brisk!);
    /** Adam's first step is as large as the learning rate in every weight that has a gradient. */
    const step = async (student: Student) => {
      const before = structuredClone((await student.save!()).arrays!);
      await student.learn(rollout, estimateOf(rollout));
      const after = (await student.save!()).arrays!;
      const weights = Object.keys(after).filter((name) => name.startsWith("ppo/"));
      return Math.max(...weights.flatMap((name) => {
        return Array.from(after[name]!.data, (w, i) => Math.abs(w - before[name]!.data[i]!));
      }));
    };
    const [whole, quarter] = [await step(brisk!), await step(slow!)];
    assert.ok(whole > 1e-4, `${whole}`);
    assert.ok(Math.abs(quarter / whole - 0.25) < 0.01, `${quarter} of ${whole}`);
    assert.equal(await step(loaded!), quarter);
    assert.equal(await step(old!), quarter);
    const warming = await stage.with({ learningRateWarmUp: 4 }).create(context, wiring);
    assert.ok(Math.abs(await step(warming) / whole - 0.25) < 0.01, "the first step of a warm-up");
    for (const student of [brisk, slow, loaded, old, warming]) await student!.dispose?.();
  });
}

Deno.test("a student whose learning rate decays begins as any, and is slower from then on", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const env = await corridor().create(context, { envs: 4 });
  const { actions } = env.spec;
  const create = async (learningRateDecay: number) =>
    await ppo({ hidden: 8, epochs: 1, minibatch: 64, learningRateDecay })
      .create(context, { env: env.spec, grain: "action", candidates: actions });
  const [steady, fading] = [await create(0), await create(1)];
  const rollout = await record(env, 8, 1, steady);
  const weights = async (student: Student) => (await student.save!()).arrays!["ppo/policy"]!.data;
  await steady.learn(rollout, estimateOf(rollout));
  await fading.learn(rollout, estimateOf(rollout));
  const [first, same] = [await weights(steady), await weights(fading)];
  assert.deepEqual(first, same);
  await steady.learn(rollout, estimateOf(rollout));
  await fading.learn(rollout, estimateOf(rollout));
  const [far, near] = [await weights(steady), await weights(fading)];
  far.forEach((weight, k) => {
    const [whole, tenth] = [weight - first[k]!, near[k]! - first[k]!];
    assert.ok(Math.abs(whole / 10 - tenth) < 1e-6, `${whole} and ${tenth}`);
  });
});
