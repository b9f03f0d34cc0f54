import assert from "node:assert/strict";
import type { Machine } from "../../../experiments/cluster/machine.ts";
import type { TrialMessage, WorkerState } from "../../../experiments/cluster/messages.ts";
import { Running, tellOn } from "../../../experiments/cluster/worker_state.ts";
import { until } from "./machines.ts";

const content = { pipeline: { schedule: { iterations: 9 } } };

function trial(name: string): TrialMessage {
  return { plan: "plan", name, content } as unknown as TrialMessage;
}

/** A worker that tells; ended when the work is. */
async function telling(work: (running: Running, told: WorkerState[]) => Promise<void>) {
  const running = new Running({ id: "w", host: "here", machine: {} as Machine, jobs: 2 });
  const told: WorkerState[] = [];
  const tellWorker = (_id: string, state: unknown) => {
    told.push(state as WorkerState);
    return Promise.resolve();
  };
  const stop = new AbortController();
  const end = tellOn({ tellWorker }, running, stop.signal);
  try {
    await work(running, told);
  } finally {
    stop.abort();
    await end;
  }
}

Deno.test("a worker tells when a trial begins and when it ends, before its next sign of life", () =>
  telling(async (running, told) => {
    const first = trial("first");
    running.started(first, 4);
    await until(() => Promise.resolve(told.at(-1)!.running.length === 1), "it tells of it", 2);
    assert.deepEqual(told.at(-1)!.running, [{ name: "first", iteration: 4, iterations: 9 }]);
    running.ended(first, "done");
    await until(() => Promise.resolve(told.at(-1)!.done === 1), "it tells of the end", 2);
    assert.deepEqual(told.at(-1)!.running, []);
  }));

Deno.test("a worker tells of a thousand trials at once, and of what became of them", () =>
  telling(async (running, told) => {
    for (let k = 0; k < 1000; k++) {
      const each = trial(`${k}`);
      running.started(each, 0);
      running.ended(each, k % 2 === 0 ? "done" : "failed");
    }
    await until(() => Promise.resolve(told.at(-1)!.done === 500), "it tells of all", 2);
    assert.equal(told.at(-1)!.failed, 500);
    assert.ok(told.length <= 2, `told ${told.length} times`);
  }));
