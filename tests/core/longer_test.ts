/** A run that came to its end goes on as one that was planned longer from its start. */
import assert from "node:assert/strict";
import type { Clock } from "../../core/kit/clock.ts";
import { createContext } from "../../core/kit/context.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import type { Checkpoint } from "../../core/run/checkpoint.ts";
import { type RunHooks, runPipeline } from "../../core/run/scheduler.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { digestOf } from "../../lab/digest.ts";
import { bot, corridor, gae, paper, tabularQ } from "../../plugins/mod.ts";

const pipeline = definePipeline({
  name: "longer",
  env: corridor({ length: 5 }),
  teacher: bot({ accuracy: 0.7 }),
  student: tabularQ(),
  advantage: gae(),
  feedback: paper(),
  schedule: { iterations: 8, envs: 4, steps: 8 },
  evaluation: { episodes: 4, states: 4, every: 2 },
});

/** Looks at it take a tenth of a second, so that a measurement is a long one. */
function slowClock(): Clock {
  let now = 0;
  return { now: () => now += 100, sleep: () => Promise.resolve() };
}

async function ran(iterations: number, hooks: RunHooks = {}) {
  const measured: number[] = [];
  const emit = (event: TandemEvent) => {
    if (event.type === "evaluated") measured.push(event.iteration);
  };
  const context = createContext({ seed: 3, device: "cpu", clock: slowClock(), emit });
  const result = await runPipeline(pipeline.with({ schedule: { iterations } }), context, hooks);
  return { digest: digestOf(result), measured };
}

Deno.test("a measurement that was the last one's is made up for where the run goes on from it", async () => {
  const kept: Checkpoint[] = [];
  const checkpoints = {
    isDue: () => false,
    keep: (checkpoint: Checkpoint) => void kept.push(structuredClone(checkpoint)),
  };
  await ran(4, { checkpoints });
  const last = kept.at(-1)!;
  assert.deepEqual([last.iteration, last.success], [4, null], "kept before it was measured");
  const [longer, whole] = [await ran(8, { resume: last }), await ran(8)];
  assert.equal(longer.digest, whole.digest);
  assert.deepEqual(longer.measured, [4, 6, 8]);
  assert.deepEqual(whole.measured.slice(-3), [4, 6, 8]);
});
