import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Progress, RunPart, RunRequest } from "../../../core/stages/mod.ts";
import { curriculum } from "../../../plugins/extra/curriculum.ts";

async function make(options: Omit<Parameters<typeof curriculum>[0] & object, "levels"> = {}) {
  const stage = curriculum({ levels: ["easy", "middle", "hard"], ...options });
  return await stage.create(createContext({ seed: 0 }), { env: {} as never, candidates: [] });
}

/** The options that it asks the env to have. */
function asked(extra: RunPart, progress: Progress) {
  return (extra.begin!(progress) as RunRequest).env;
}

/** The levels chosen after iterations with so many episodes ended and solved. */
function levels(extra: RunPart, counts: readonly [ended: number, solved: number][]): unknown[] {
  return counts.map(([ended, solved], iteration) =>
    asked(extra, { iteration, iterations: 6, ended, solved })?.level
  );
}

Deno.test("curriculum goes on when success over the window suffices, and stays at the last", async () => {
  const counts = [[0, 0], [10, 9], [10, 9], [10, 10], [20, 18], [20, 20], [20, 20]] as const;
  // 9/10 is no window yet; 18/20 is; then 10 of 20 and 28 of 30 with the next.
  assert.deepEqual(
    levels(await make({ window: 20 }), counts.map(([a, b]) => [a, b])),
    ["easy", "easy", "middle", "middle", "hard", "hard", "hard"],
  );
});

Deno.test("curriculum forgets what is older than its window", async () => {
  const extra = await make({ window: 10, success: 0.8 });
  assert.deepEqual(levels(extra, [[0, 0], [10, 0], [5, 5], [5, 4]]), [
    "easy",
    "easy",
    "easy", // 5 of 15
    "middle", // 9 of 10
  ]);
});

Deno.test("curriculum by time gives each level its share of the iterations", async () => {
  const none = Array.from({ length: 6 }, (): [number, number] => [0, 0]);
  assert.deepEqual(levels(await make({ by: "time" }), none), [
    ...["easy", "easy"],
    ...["middle", "middle"],
    ...["hard", "hard"],
  ]);
});

Deno.test("curriculum sets the option it is told, reports the level and goes on from a saved state", async () => {
  const one = await make({ option: "size", window: 1, success: 0 });
  const progress = { iteration: 1, iterations: 6, ended: 1, solved: 0 };
  assert.deepEqual(asked(one, progress), { size: "middle" });
  const other = await make({ option: "size", window: 1, success: 0 });
  await other.load!(JSON.parse(JSON.stringify(await one.save!())));
  assert.deepEqual(other.report!(undefined as never, progress), { level: 1 });
  assert.deepEqual(asked(other, progress), { size: "hard" });
});

Deno.test("curriculum refuses to have no levels", () => {
  assert.throws(() => curriculum({ levels: [] }), { code: "E_OPTION" });
});
