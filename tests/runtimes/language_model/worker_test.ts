import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { openLanguageModelInWorker } from "../../../runtimes/language_model/worker_model.ts";
import { fixtureDir, promptsOf, withModel } from "./fixtures.ts";

// A process's first session says how many threads there are; a worker has its own.
const WASM = { device: "wasm", threads: 2 } as const;

Deno.test("openLanguageModelInWorker() gives what the model gives, and lets its caller run", async () => {
  const prompts = await promptsOf("t5-v1_1");
  const candidates = ["turn left", "drop"];
  const draw = () => ({ temperature: 1, maxTokens: 4, random: new Pcg64(1) });
  const away = await openLanguageModelInWorker(fixtureDir("t5-v1_1"), WASM);
  try {
    await withModel("t5-v1_1", async (here) => {
      assert.deepEqual(away.info, { ...here.info, threads: 2 });
      assert.deepEqual(
        await away.score(prompts, candidates),
        await here.score(prompts, candidates),
      );
      assert.deepEqual(await away.generate(prompts, draw()), await here.generate(prompts, draw()));
      assert.deepEqual(await away.firstLogits(prompts), await here.firstLogits(prompts));
      assert.deepEqual(await away.hidden(prompts), await here.hidden(prompts));
      assert.deepEqual(away.tokenizer.encode("turn left"), here.tokenizer.encode("turn left"));
    });
    let turns = 0;
    let done = false;
    const answer = away.score(prompts, candidates).then(() => done = true);
    while (!done) {
      turns++;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await answer;
    assert.ok(turns > 1, "the caller's thread was held up");
    const refused = (error: unknown) => error instanceof TandemError && error.code === "E_PROMPT";
    await assert.rejects(away.score([""], candidates), refused);
  } finally {
    await away.dispose();
  }
  await assert.rejects(away.score(prompts, candidates), /has ended: it was disposed of/);
});

Deno.test("openLanguageModelInWorker() gives up a model that does not answer in time", async () => {
  const late = openLanguageModelInWorker(fixtureDir("gpt2"), { ...WASM, timeout: 0.001 });
  await assert.rejects(late, (error) => {
    assert.ok(error instanceof TandemError);
    assert.equal(
      String(error),
      'E_STAGE: The model was given up: no answer came within "0.001" seconds.',
    );
    return true;
  });
});

/** A model in a worker with the least patience, in doubled seconds, in which it opens. */
async function openedImpatiently(dir: string): Promise<{ model: LanguageModel; timeout: number }> {
  for (let timeout = 2;; timeout *= 2) {
    try {
      const model = await openLanguageModelInWorker(dir, { runtime: "fused", timeout });
      return { model, timeout };
    } catch (error) {
      if (!(error instanceof TandemError) || error.code !== "E_STAGE") throw error;
    }
  }
}

Deno.test("A model whose worker does not answer in time refuses what is asked after", async () => {
  const { model, timeout } = await openedImpatiently(fixtureDir("t5-v1_1"));
  // Minutes of work: writing on runs all that was written anew.
  const endless = model.generate([new Array(4000).fill(5)], { maxTokens: 100_000 });
  const waiting = model.score(["see"], ["a"]);
  const gaveUp = (error: unknown) => error instanceof TandemError && error.code === "E_STAGE";
  await Promise.all([assert.rejects(endless, gaveUp), assert.rejects(waiting, gaveUp)]);
  const ended = new RegExp(`has ended: no answer came within "${timeout}" seconds`);
  await assert.rejects(model.score(["see"], ["a"]), ended);
  await assert.rejects(model.dispose(), ended);
});

Deno.test("openLanguageModelInWorker() says so where there is no model", async () => {
  await assert.rejects(openLanguageModelInWorker("no/such/folder", WASM), (error) => {
    return error instanceof TandemError && error.code === "E_MODEL";
  });
});
