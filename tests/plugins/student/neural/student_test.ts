import assert from "node:assert/strict";
import { Pcg64 } from "../../../../core/kit/random.ts";
import type { StageState } from "../../../../core/stages/mod.ts";
import { assertClose } from "../../../runtimes/devices.ts";
import { findAdapter } from "../../../../runtimes/webgpu/webgpu.ts";
import { advice, scene } from "./experience.ts";

const RUNTIMES = ["fused", "tfjs"] as const;

const METRICS = [
  "loss",
  "policyLoss",
  "valueLoss",
  "qLoss",
  "entropy",
  "approxKl",
  "clipFraction",
  "gradNorm",
];

for (const runtime of RUNTIMES) {
  Deno.test(`PPO (${runtime}) acts without a promise on the processor`, async () => {
    const { student, play, env } = await scene({ runtime });
    const { rollout, estimate } = await play();
    const seen = env.reset([0, 1, 2, 3]);
    const guidance = advice(new Pcg64(1), env.spec.actions);
    const answers = [
      student.act(seen, guidance, "train"),
      student.values(seen),
      student.policy!(seen, guidance),
    ];
    assert.ok(answers.every((answer) => !(answer instanceof Promise)));
    assert.deepEqual(Object.keys(await student.learn(rollout, estimate)), METRICS);
    await student.dispose?.();
  });

  Deno.test(`PPO (${runtime}) goes on from a saved state to the last bit`, async () => {
    const whole = await scene({ runtime });
    const first = await whole.play();
    await whole.student.learn(first.rollout, first.estimate);
    const middle = structuredClone(await whole.student.save!());
    const second = await whole.play();
    await whole.student.learn(second.rollout, second.estimate);
    const end = await whole.student.save!();
    await whole.student.dispose?.();

    const resumed = await scene({ runtime });
    await resumed.student.load!(middle);
    await resumed.student.learn(second.rollout, second.estimate);
    const { arrays, json } = await resumed.student.save!();
    assert.deepEqual(arrays, end.arrays);
    // Acting drew from its stream only in the whole run.
    const shuffling = (state: unknown) => (state as { streams: unknown[] }).streams[2];
    assert.deepEqual(shuffling(json), shuffling(end.json));
    await resumed.student.dispose?.();
  });

  Deno.test(`PPO (${runtime}) names a loss that is no number`, async () => {
    const { student, play } = await scene({ runtime });
    const { rollout, estimate } = await play();
    estimate.targets[3] = NaN;
    await assert.rejects(async () => await student.learn(rollout, estimate), {
      code: "E_NUMERIC",
    });
    await student.dispose?.();
  });
}

Deno.test("PPO's state passes from one runtime to the other", async () => {
  for (const [from, to] of [["fused", "tfjs"], ["tfjs", "fused"]] as const) {
    const here = await scene({ runtime: from });
    const first = await here.play();
    await here.student.learn(first.rollout, first.estimate);
    const middle: StageState = structuredClone(await here.student.save!());
    const second = await here.play();
    await here.student.learn(second.rollout, second.estimate);
    const end = await here.student.save!();
    await here.student.dispose?.();

    const there = await scene({ runtime: to });
    await there.student.load!(middle);
    await there.student.learn(second.rollout, second.estimate);
    const { arrays, json } = await there.student.save!();
    for (const name of Object.keys(end.arrays!).filter((name) => name !== "columns/base")) {
      assertClose(arrays![name]!.data, end.arrays![name]!.data, 1e-5, name);
    }
    const steps = (state: unknown) => (state as { steps: number }).steps;
    assert.equal(steps(json), steps(end.json));
    await there.student.dispose?.();
  }
});

Deno.test("PPO refuses the state of another network", async () => {
  const small = await scene({ runtime: "fused" }),
    large = await scene({ runtime: "fused", hidden: 9 });
  const state = await small.student.save!();
  assert.throws(() => large.student.load!(state), { code: "E_SHAPE" });
});

Deno.test("PPO learns which action pays", async () => {
  const { env, student, play } = await scene({ runtime: "fused", learningRate: 0.01 });
  for (let k = 0; k < 30; k++) {
    const { rollout, estimate } = await play();
    rollout.actions.forEach((action, k) => estimate.targets[k] = action === 1 ? 1 : 0);
    await student.learn(rollout, estimate);
  }
  const guidance = advice(new Pcg64(1), env.spec.actions);
  const { probabilities, qValues } = await student.policy!(env.reset([5, 6, 7, 8]), guidance);
  for (let i = 0; i < 4; i++) {
    assert.ok(probabilities[3 * i + 1]! > 0.8, `${probabilities}`);
    assert.ok(qValues[3 * i + 1]! > 0.8, `${qValues}`);
  }
});

const adapter = await findAdapter("any");

Deno.test({
  name: `PPO (tfjs) reads once from the GPU a learn()${adapter ? "" : " (skipped: no adapter)"}`,
  ignore: !adapter,
  async fn() {
    const { student, play } = await scene({ runtime: "tfjs" }, "webgpu");
    const { rollout, estimate } = await play();
    let reads = 0;
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...operands) {
      if (operands[0] === GPUMapMode.READ) reads++;
      return mapAsync.apply(this, operands);
    };
    try {
      await student.learn(rollout, estimate);
      assert.equal(reads, 1);
      reads = 0;
      await play();
      assert.equal(reads, 8); // one an act()
    } finally {
      GPUBuffer.prototype.mapAsync = mapAsync;
      await student.dispose?.();
    }
  },
});
