import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { createContext } from "../../../../core/kit/context.ts";
import { definePipeline } from "../../../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import {
  babyai,
  corridor,
  match,
  noFeedback,
  noTeacher,
  ppo,
  tdError,
} from "../../../../plugins/mod.ts";
import { recurrentPpo } from "../../../../plugins/student/neural/recurrent_ppo.ts";

/** What a short run leaves: a digest of the student's state, and its metrics. */
async function outcome(
  student: typeof ppo | typeof recurrentPpo | typeof match,
  threads: number,
) {
  const pipeline = definePipeline({
    name: "threads",
    env: student === match ? babyai({ level: "GoToLocal" }) : corridor(),
    teacher: noTeacher(),
    student: student({ runtime: "fused", threads, minibatch: 200 }),
    advantage: tdError(),
    feedback: noFeedback(),
    schedule: { envs: 20, steps: 30, iterations: 3 },
    evaluation: { episodes: 2, states: 2 },
  });
  const { states, metrics } = await runPipeline(pipeline, createContext({ seed: 1 }));
  const digest = createHash("sha256");
  for (const { data } of Object.values(states.student!.arrays!)) {
    digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { weights: digest.digest("hex"), metrics };
}

for (const student of [ppo, recurrentPpo, match]) {
  Deno.test(`A run of ${student().plugin} is the same for any number of threads`, async () => {
    const alone = await outcome(student, 1);
    for (const threads of [2, 3, 4]) assert.deepEqual(await outcome(student, threads), alone);
  });
}
