import assert from "node:assert/strict";
import fc from "fast-check";
import { createContext } from "../../core/kit/context.ts";
import {
  developmentSeeds,
  testSeeds,
  trainingSeeds,
  worldSetOf,
} from "../../core/run/measure/world_seeds.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { stubPipeline } from "./stubs.ts";

/** As many worlds as a pipeline may ask for. */
const MOST = 100_000;

Deno.test("a seed of training, development or test belongs to that set alone", () => {
  const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const count = fc.integer({ min: 1, max: 300 });
  fc.assert(fc.property(seed, count, fc.nat(), fc.string(), (seed, count, resets, plan) => {
    const isOf = (set: string, seeds: ArrayLike<number>) =>
      Array.from(seeds).every((each) => worldSetOf(each) === set);
    assert.ok(isOf("training", trainingSeeds(seed, count, resets)));
    assert.ok(isOf("development", developmentSeeds(count)));
    assert.ok(isOf("test", testSeeds(plan, seed, count)));
  }));
  assert.equal(worldSetOf(developmentSeeds(MOST).at(-1)!), "development");
});

Deno.test("testSeeds() are as many different worlds, of one plan and one seed, and fewer are the first of more", () => {
  const seeds = testSeeds("a plan", 3, 1000);
  assert.equal(new Set(seeds).size, 1000);
  assert.deepEqual(testSeeds("a plan", 3, 1000), seeds);
  assert.deepEqual(testSeeds("a plan", 3, 10), seeds.subarray(0, 10));
  for (const other of [testSeeds("a plan", 4, 1000), testSeeds("another", 3, 1000)]) {
    const shared = other.filter((seed) => seeds.includes(seed)).length;
    assert.ok(shared <= 1, `${shared} of 1000 worlds are those of another`);
  }
});

Deno.test("runPipeline() plays test worlds once, at the end, and only for a plan that has some", async () => {
  const resets = async (testPlan?: string) => {
    const calls: string[] = [];
    const context = createContext({ seed: 7 });
    const result = await runPipeline(stubPipeline(calls), context, { testPlan });
    const seeds = calls.filter((call) => call.startsWith("env.reset"))
      .map((call) => Number(call.slice("env.reset ".length)));
    return { seeds, result };
  };
  const plain = await resets();
  assert.ok(plain.seeds.every((seed) => worldSetOf(seed) !== "test"));
  assert.equal(plain.result.test, undefined);

  const { seeds, result } = await resets("a plan");
  const first = testSeeds("a plan", 7, 1)[0]!;
  // With the teacher, its guidance on walks and on an erring expert's way, and without the teacher.
  assert.deepEqual(seeds.slice(plain.seeds.length), [first, first, first, first]);
  const { test, ...rest } = result;
  assert.equal(test?.plan, "a plan");
  assert.equal(test.solved.length, test.success.episodes);
  assert.equal(
    test.solved.filter((one) => one === 1).length / test.solved.length,
    test.success.rate,
  );
  assert.deepEqual(rest.end, plain.result.end, "what it is measured on before stays as it was");
  assert.deepEqual(rest.teacher, plain.result.teacher, "what the test costs is told apart");
  assert.ok(test.teacher.calls > 0);
});
