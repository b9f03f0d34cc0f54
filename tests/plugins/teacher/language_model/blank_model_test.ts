import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { TandemError } from "../../../../core/base/errors.ts";
import { languageModel } from "../../../../plugins/teacher/mod.ts";
import { blankModel } from "../../../../plugins/teacher/language_model/blank_model.ts";
import { spec } from "../../moments.ts";
import { feedbackOn, seeing } from "./stub_model.ts";

const blank = (options: object = {}) =>
  languageModel.stage({ model: "blank", ...options })
    .create(createContext({ seed: 3 }), { env: spec });

Deno.test("language-model: blank weighs all candidates alike, and opens nothing", async () => {
  const teacher = await blank();
  const guidance = await teacher.advise(seeing(["a key"], ["a box"]), "train");
  const share = Math.fround(1 / spec.actions.length);
  for (const p of guidance.distribution) assert.ok(Math.abs(p - share) < 1e-6);
  assert.deepEqual(teacher.usage(), { calls: 2, cacheHits: 0, tokens: 0 });
  assert.deepEqual(languageModel({ model: "blank" }).effects, []);
  await teacher.dispose?.();
});

Deno.test("language-model: blank learns by its channels alone", async () => {
  for (const channel of ["logits", "classifier", "memory"]) {
    const teacher = await blank({ learnsBy: [channel], classifier: { every: 2, samples: 30 } });
    for (let k = 0; k < 20; k++) {
      const guidance = await teacher.advise(seeing(["a key"], ["a key"]), "train");
      guidance.choices.set([1, 0]);
      await teacher.receive(feedbackOn(guidance, [1, -1]));
    }
    const { choices } = await teacher.advise(seeing(["a key"]), "evaluate");
    assert.deepEqual([...choices], [1], channel);
    await teacher.dispose?.();
  }
});

Deno.test("language-model: blank is no model that writes or is trained; a sentence says so", async () => {
  const refusal = (code: string, text: RegExp) => (error: unknown) =>
    error instanceof TandemError && error.code === code && text.test(error.message);
  await assert.rejects(
    async () => await blank({ answer: "generate" }),
    refusal("E_OPTION", /answer is "generate".*right would be "score"/),
  );
  await assert.rejects(
    async () => await blank({ learnsBy: ["weights"] }),
    refusal("E_MODEL", /"blank" has no files.*"shipped"/),
  );
  assert.throws(() => blankModel().generate(["go"]), refusal("E_MODEL", /no words to write/));
});
