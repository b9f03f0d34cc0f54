/** The same pipeline on every device that this machine has. */
import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { runPipeline, type RunResult } from "../../core/run/scheduler.ts";
import { digestOf } from "../../lab/digest.ts";
import { type Device, resolveDevice } from "../../runtimes/webgpu/device.ts";
import corridor from "../cli/corridor.ts";

/**
 * How far the curves of two devices may lie apart in the first iterations. Later a draw that falls
 * between two probabilities that differ in the last bit may send a run another way.
 */
const TOLERANCE = 1e-3;

const DEVICES: readonly Device[] = ["cpu", "wasm", "webgpu"];

interface Trial {
  readonly result: RunResult;
  readonly digest: string;
  /** Losses and success of each iteration. */
  readonly curve: readonly number[];
}

async function run(device: Device, runtime: "auto" | "tfjs"): Promise<Trial> {
  const curve: number[] = [];
  const emit = (event: TandemEvent) => {
    if (event.type !== "iteration.ended") return;
    const { loss = NaN, entropy = NaN, valueLoss = NaN, qLoss = NaN } = event.metrics;
    curve.push(loss, entropy, valueLoss, qLoss, event.solved, event.ended);
  };
  const pipeline = corridor.with({ student: corridor.stages.student.with({ runtime }) });
  const result = await runPipeline(pipeline, createContext({ seed: 5, device, emit }));
  return { result, digest: await digestOf(result), curve };
}

async function missing(device: Device): Promise<string | undefined> {
  return await resolveDevice(device).then(() => undefined, (error) => String(error));
}

for (const device of DEVICES) {
  Deno.test(`a pipeline on ${device} gives the curves of the CPU, and its own bits again`, async () => {
    const reason = await missing(device);
    if (reason) return console.log(`skipped: ${reason}`);
    const reference = await run("cpu", "tfjs");
    const [first, second] = [await run(device, "tfjs"), await run(device, "tfjs")];
    assert.equal(first.digest, second.digest);
    assert.equal(first.curve.length, reference.curve.length);
    for (const [index, value] of first.curve.entries()) {
      const difference = Math.abs(value - reference.curve[index]!);
      assert.ok(difference < TOLERANCE, `number ${index} differs by ${difference}`);
    }
  });
}

Deno.test("the fused runtime gives the curves of TensorFlow.js, and its own bits again", async () => {
  const reference = await run("cpu", "tfjs");
  const [first, second] = [await run("wasm", "auto"), await run("wasm", "auto")];
  assert.equal(first.digest, second.digest);
  for (const [index, value] of first.curve.entries()) {
    assert.ok(Math.abs(value - reference.curve[index]!) < TOLERANCE, `number ${index}: ${value}`);
  }
});
