import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { openLanguageModelPool } from "../../../runtimes/language_model/pool.ts";
import { fixtureDir, promptsOf, withModel } from "./fixtures.ts";

const FUSED = { runtime: "fused" } as const;
const ACTIONS = ["turn left", "turn right", "go forward", "drop"];

Deno.test("openLanguageModelPool() gives the same bits with any number of workers", async () => {
  const prompts = await promptsOf("t5-v1_1");
  const own = prompts.map((_, i) => ACTIONS.slice(0, 2 + i % 3));
  const draw = () => ({ temperature: 1, maxTokens: 4, random: new Pcg64(1) });
  await withModel("t5-v1_1", async (here) => {
    const expected = {
      scores: await here.score(prompts, ACTIONS),
      listed: await here.score(prompts, own),
      written: await here.generate(prompts, draw()),
      logits: await here.firstLogits(prompts),
      hidden: await here.hidden(prompts),
    };
    for (const workers of [1, 2, 3]) {
      const pool = await openLanguageModelPool(fixtureDir("t5-v1_1"), { ...FUSED, workers });
      try {
        assert.deepEqual(pool.info, { ...here.info, threads: workers });
        assert.deepEqual({
          scores: await pool.score(prompts, ACTIONS),
          listed: await pool.score(prompts, own),
          written: await pool.generate(prompts, draw()),
          logits: await pool.firstLogits(prompts),
          hidden: await pool.hidden(prompts),
        }, expected);
        assert.deepEqual(await pool.score(prompts.slice(0, 1), ACTIONS), [expected.scores[0]]);
        assert.deepEqual(await pool.score([], ACTIONS), []);
      } finally {
        await pool.dispose();
      }
      await assert.rejects(pool.score(prompts, ACTIONS), /has ended: it was disposed of/);
    }
  }, FUSED);
});

Deno.test("openLanguageModelPool() refuses what its model refuses, and goes on", async () => {
  const pool = await openLanguageModelPool(fixtureDir("t5-v1_1"), { ...FUSED, workers: 2 });
  const refused = (error: unknown) => error instanceof TandemError && error.code === "E_PROMPT";
  await assert.rejects(pool.score(["see", ""], ACTIONS), refused);
  assert.equal((await pool.score(["see", "go"], ACTIONS)).length, 2);
  await pool.dispose();
  const none = openLanguageModelPool("no/such/folder", { ...FUSED, workers: 2 });
  await assert.rejects(none, (error) => error instanceof TandemError && error.code === "E_MODEL");
});
