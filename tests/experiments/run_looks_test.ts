import assert from "node:assert/strict";
import { runLooks } from "../../experiments/run_looks.ts";
import type { TrialStates } from "../../experiments/trial_states.ts";
import type { RunnableTrial } from "../../experiments/trials.ts";
import { definePlan, trialName, trialsOf } from "../../lab/plan.ts";
import type { TrialStore } from "../../lab/store.ts";
import { withFolder } from "../cli/command.ts";
import corridor from "../cli/corridor.ts";

const PLAN = definePlan({
  pipeline: corridor.toJSON(),
  variants: ["alone", "strong", "unsure"].map((name) => ({ name, settings: [], about: "" })),
  levels: [],
  seeds: [10, 11, 12, 13, 14, 15],
  looks: [2, 4, 6],
});
const TRIALS = trialsOf(PLAN).map((trial) => {
  return { ...trial, key: trialName(trial), sources: [] } as unknown as RunnableTrial;
});

/** What is asked of the store, and how many seeds each look has, where all trials are done already. */
async function looksOf(open: readonly (readonly string[])[]) {
  const asked = new Set<string>();
  const looks: Record<string, number>[] = [];
  const store = { status: (key: string) => (asked.add(key), "done") } as unknown as TrialStore;
  const nothing = { update: () => {}, say: () => {}, stop: () => {} };
  const states = { want: () => {}, has: () => true } as unknown as TrialStates;
  await withFolder(async (folder) => {
    const { reached } = await runLooks(TRIALS, {
      ...{
        plan: PLAN,
        retry: false,
        store,
        states,
        jobs: 1,
        sandbox: false,
        stop: new AbortController(),
      },
      checkpoints: { folder, seconds: 30 },
      show: () => Promise.resolve(nothing),
      warn: () => {},
      look: (now) => {
        looks.push(Object.fromEntries(now));
        return new Set(open[looks.length - 1]);
      },
    });
    assert.deepEqual(Object.fromEntries(reached), looks.at(-1));
  });
  return { asked: [...asked], looks };
}

Deno.test("runLooks() runs further seeds of those variants alone that are open", async () => {
  const { asked, looks } = await looksOf([["alone", "unsure"], ["alone", "unsure", "strong"], []]);
  assert.deepEqual(looks, [
    { alone: 2, strong: 2, unsure: 2 },
    { alone: 4, strong: 2, unsure: 4 },
    // What was decided once stays so.
    { alone: 6, strong: 2, unsure: 6 },
  ]);
  assert.deepEqual(asked.filter((key) => key.startsWith("strong")), [
    "strong, seed 10",
    "strong, seed 11",
  ]);
});

Deno.test("runLooks() ends at the look after which nothing is open", async () => {
  const { looks } = await looksOf([["alone", "strong"], []]);
  assert.deepEqual(looks.map(({ alone }) => alone), [2, 4]);
});
