import assert from "node:assert/strict";
import { CachedLanguageModel } from "../../../runtimes/language_model/cached.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { promptsOf, withModel } from "./fixtures.ts";

/** A model that notes what it is asked and answers with the prompt's length. */
function noting(): { model: LanguageModel; asked: string[][]; fail: { next: boolean } } {
  const asked: string[][] = [];
  const fail = { next: false };
  const answer = (prompts: readonly unknown[]) => {
    asked.push(prompts.map(String));
    if (!fail.next) {
      return Promise.resolve(prompts.map((prompt) => ({ of: String(prompt).length })));
    }
    fail.next = false;
    return Promise.reject(new Error("out of order"));
  };
  const model = { generate: answer, score: answer, dispose: () => Promise.resolve() };
  return { model: model as unknown as LanguageModel, asked, fail };
}

Deno.test("CachedLanguageModel asks once for what stands twice, in a call or over calls", async () => {
  const { model, asked } = noting();
  const cached = new CachedLanguageModel(model);
  const [first, second] = [cached.score(["a", "bb", "a"], ["x"]), cached.score(["bb"], ["x"])];
  assert.deepEqual((await first).map((answer) => answer as unknown), [{ of: 1 }, { of: 2 }, {
    of: 1,
  }]);
  assert.deepEqual((await second).map((answer) => answer as unknown), [{ of: 2 }]);
  assert.deepEqual(asked, [["a", "bb"]]);
  assert.deepEqual(cached.statistics, { hits: 2, misses: 2, rate: 0.5, size: 2 });
});

Deno.test("CachedLanguageModel tells candidates, options and kinds of question apart", async () => {
  const { model, asked } = noting();
  const cached = new CachedLanguageModel(model);
  await cached.score(["a"], ["x"]);
  await cached.score(["a"], ["y"]);
  await cached.score(["a"], ["x"], { normalisation: "sum" });
  await cached.score(["a"], [["x"]]);
  await cached.generate(["a"]);
  await cached.generate(["a"], { maxTokens: 2 });
  assert.equal(
    asked.length,
    5,
    "one list for all and the same list for one prompt are one question",
  );
});

Deno.test("CachedLanguageModel does not keep drawn texts", async () => {
  const { model, asked } = noting();
  const cached = new CachedLanguageModel(model);
  const draw = { temperature: 1, random: { random: () => 0.5 } };
  await cached.generate(["a"], draw);
  await cached.generate(["a"], draw);
  assert.equal(asked.length, 2);
});

Deno.test("CachedLanguageModel forgets what was asked for longest ago", async () => {
  const { model, asked } = noting();
  const cached = new CachedLanguageModel(model, 2);
  for (const prompt of ["a", "b", "a", "c", "a", "b"]) await cached.score([prompt], ["x"]);
  assert.deepEqual(asked.flat(), ["a", "b", "c", "b"]);
  assert.equal(cached.statistics.size, 2);
});

Deno.test("CachedLanguageModel asks again after a failure", async () => {
  const { model, fail } = noting();
  const cached = new CachedLanguageModel(model);
  fail.next = true;
  await assert.rejects(cached.score(["a"], ["x"]), /out of order/);
  assert.equal(cached.statistics.size, 0);
  assert.equal((await cached.score(["a"], ["x"])).length, 1);
});

Deno.test("CachedLanguageModel gives what the model gives", () =>
  withModel("gpt2", async (model) => {
    const prompts = await promptsOf("gpt2");
    const cached = new CachedLanguageModel(model);
    const candidates = [" turn left", " drop"];
    const direct = await model.score(prompts, candidates);
    assert.deepEqual(await cached.score(prompts, candidates), direct);
    assert.deepEqual(await cached.score(prompts, candidates), direct);
    assert.equal(cached.statistics.rate, 0.5);
  }));
