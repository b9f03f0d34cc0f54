import assert from "node:assert/strict";
import { openLanguageModel } from "../../../runtimes/language_model/language_model.ts";

const MODELS = new URL("../../fixtures/language-models/", import.meta.url).pathname;

interface Reference {
  readonly prompts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly greedy: readonly number[];
    readonly candidates: readonly { text: string; tokenLogprobs: readonly number[] }[];
  }[];
}

for (const name of ["t5-v1_1", "t5-v1_0", "gpt2"]) {
  Deno.test(`openLanguageModel() writes and scores as transformers does: ${name}`, async () => {
    const dir = MODELS + name;
    const reference: Reference = JSON.parse(await Deno.readTextFile(`${dir}/reference.json`));
    const model = await openLanguageModel(dir, { threads: 1 });
    const texts = reference.prompts.map(({ text }) => text);
    const written = await model.generate(texts, { maxTokens: 12 });
    const candidates = reference.prompts[0]!.candidates.map(({ text }) => text);
    const scored = await model.score(texts, candidates);
    reference.prompts.forEach((prompt, i) => {
      assert.deepEqual(model.tokenizer.encode(prompt.text), prompt.ids);
      const begin = model.info.encoderDecoder ? 1 : prompt.ids.length;
      assert.deepEqual(written[i]!.ids, prompt.greedy.slice(begin));
      prompt.candidates.forEach(({ tokenLogprobs }, c) => {
        const ours = scored[i]!.candidates[c]!.tokenLogProbs;
        tokenLogprobs.forEach((value, t) => assert.ok(Math.abs(value - ours[t]!) < 1e-4));
      });
    });
    await model.dispose();
  });
}
