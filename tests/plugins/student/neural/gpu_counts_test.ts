/** What one iteration of PPO on TensorFlow.js asks of a GPU: its counts hold on any, its times do not. */
import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { definePipeline } from "../../../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import { corridor, noFeedback, noTeacher, ppo, tdError } from "../../../../plugins/mod.ts";
import { findAdapter } from "../../../../runtimes/webgpu/webgpu.ts";
import { scene } from "./experience.ts";

const adapter = await findAdapter("any");

/** What was asked so far. */
interface Asked {
  dispatches: number;
  readbacks: number;
  /** Readbacks under way, and the most that ever were at once. */
  waiting: number;
  most: number;
}

/** Counts on all devices until it is disposed of. */
function countGpuWork(): Asked & Disposable {
  const asked = { dispatches: 0, readbacks: 0, waiting: 0, most: 0 };
  const { mapAsync } = GPUBuffer.prototype;
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUBuffer.prototype.mapAsync = async function (...operands) {
    if (operands[0] !== GPUMapMode.READ) return await mapAsync.apply(this, operands);
    asked.readbacks++;
    asked.most = Math.max(asked.most, ++asked.waiting);
    await mapAsync.apply(this, operands);
    asked.waiting--;
  };
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...operands) {
    asked.dispatches++;
    dispatchWorkgroups.apply(this, operands);
  };
  return Object.assign(asked, {
    [Symbol.dispose]() {
      GPUBuffer.prototype.mapAsync = mapAsync;
      GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatchWorkgroups;
    },
  });
}

function testOnGpu(name: string, fn: () => Promise<void>): void {
  const skipped = adapter ? "" : " (skipped: no WebGPU adapter)";
  Deno.test({ name: `${name}${skipped}`, ignore: !adapter, fn });
}

/** The counts of what was done since it was asked last. */
function take(asked: Asked): Pick<Asked, "dispatches" | "readbacks"> {
  const { dispatches, readbacks } = asked;
  asked.dispatches = asked.readbacks = 0;
  return { dispatches, readbacks };
}

testOnGpu(
  "PPO on WebGPU acts by 18 dispatches and one readback, learns by one readback",
  async () => {
    const { student, play } = await scene({ runtime: "tfjs" }, "webgpu");
    using asked = countGpuWork();
    const { rollout, estimate } = await play();
    const acted = take(asked);
    assert.equal(acted.readbacks, rollout.steps);
    assert.ok(acted.dispatches <= 18 * rollout.steps, `${acted.dispatches} dispatches`);
    await student.learn(rollout, estimate);
    const learned = take(asked);
    const updates = 2 * 3; // epochs, and minibatches of 12 in 32 samples
    assert.equal(learned.readbacks, 1);
    assert.ok(
      learned.dispatches > 0 && learned.dispatches <= 335 * updates,
      `${learned.dispatches}`,
    );
    await student.dispose?.();
  },
);

testOnGpu("PPO on WebGPU reads twice an iteration beside what acting needs", async () => {
  using asked = countGpuWork();
  const [steps, iterations] = [8, 3];
  const counts: ReturnType<typeof take>[] = [];
  const pipeline = definePipeline({
    name: "counted",
    env: corridor({ length: 20 }),
    teacher: noTeacher(),
    student: ppo({ runtime: "tfjs", hidden: 8, minibatch: 16, epochs: 2 }),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { iterations, envs: 4, steps },
    evaluation: { episodes: 1, states: 1 },
  });
  const context = createContext({
    seed: 1,
    device: "webgpu",
    emit: ({ type }) => {
      if (type === "evaluated") take(asked); // measuring is not training
      if (type === "iteration.ended") counts.push(take(asked));
    },
  });
  await runPipeline(pipeline, context);
  assert.equal(counts.length, iterations);
  for (const { dispatches, readbacks } of counts) {
    assert.equal(readbacks, steps + 2); // acting, V after the last step, the losses
    assert.ok(dispatches > 0 && dispatches <= 1500, `${dispatches} dispatches`);
  }
});

testOnGpu("PPO on WebGPU has several readbacks in flight where nothing waits between", async () => {
  const { student, env } = await scene({ runtime: "tfjs" }, "webgpu");
  using asked = countGpuWork();
  const seen = env.reset([0, 1, 2, 3]);
  const before = await Promise.all([1, 2, 3].map(() => student.values(seen)));
  assert.deepEqual([asked.readbacks, asked.most], [3, 3]);
  assert.deepEqual(before[0], before[2]);
  await student.dispose?.();
});
