import assert from "node:assert/strict";
import { runTrials } from "../../cli/trial_pool.ts";
import { canonical } from "../../lab/digest.ts";
import type { TrialContent } from "../../lab/store.ts";
import { ppo } from "../../plugins/mod.ts";
import corridor from "./corridor.ts";

const TRIALS = [0, 1, 2].flatMap((seed) =>
  [corridor, corridor.with({ student: ppo({ hidden: 8 }) })].map((pipeline) => {
    const content: TrialContent = {
      pipeline: pipeline.toJSON(),
      seed,
      device: "cpu",
      version: "x",
      files: {},
    };
    return { content };
  })
);

async function resultsOf(jobs: number): Promise<string[]> {
  const results = new Map<unknown, string>();
  await runTrials(TRIALS, {
    jobs,
    sandbox: false,
    signal: new AbortController().signal,
    onStart: () => {},
    onIteration: () => {},
    onEnd: (trial, outcome) => {
      if ("error" in outcome) throw new Error(outcome.error.message);
      const text = canonical(outcome.record).replaceAll(/"\w*[sS]econds":(\{[^}]*\}|[^,}]*)/g, "");
      results.set(trial, text);
    },
  });
  return TRIALS.map((trial) => results.get(trial)!);
}

Deno.test("trials come to the same in however many threads they run", async () => {
  const alone = await resultsOf(1);
  assert.equal(new Set(alone).size, TRIALS.length);
  assert.deepEqual(await resultsOf(3), alone);
});
