import assert from "node:assert/strict";
import { promptScore, type ScoreOptions, softmax } from "../../../runtimes/language_model/score.ts";
import { t5Graphs } from "../../../runtimes/language_model/graphs.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { fixtureDir, FIXTURES, promptsOf, withModel } from "./fixtures.ts";

/** Lamorel's scoring as published: summed log-probabilities, no end token, temperature 1. */
const LAMOREL: ScoreOptions = { normalisation: "sum", specialTokens: false };

const ids = [[7, 8, 9], [5]];
const tokens = [
  { logProbs: [-1, -2, -3], logits: [4, 3, 2] },
  { logProbs: [-3], logits: [1] },
];

Deno.test("promptScore() scores by the mean, the sum, or GLAM's sum of logits", () => {
  const scores = (options: Parameters<typeof promptScore>[3]) =>
    promptScore(9, ids, tokens, options).candidates.map(({ score }) => score);
  assert.deepEqual(scores({}), [-2, -3]);
  assert.deepEqual(scores({ normalisation: "sum" }), [-6, -3]);
  assert.deepEqual(scores(LAMOREL), [-6, -3]);
  // The two tokens that the second candidate lacks count as 1 each.
  assert.deepEqual(scores({ normalisation: "logits" }), [9, 3]);
});

Deno.test("promptScore() makes a distribution at a temperature", () => {
  const { distribution } = promptScore(9, ids, tokens, { temperature: 0.5 });
  assert.ok(Math.abs(distribution[0]! - 1 / (1 + Math.exp(-2))) < 1e-6);
  assert.ok(Math.abs(distribution[0]! + distribution[1]! - 1) < 1e-6);
});

Deno.test("softmax() bears scores of any size", () => {
  assert.deepEqual([...softmax([-1e5, -1e5])], [0.5, 0.5]);
  assert.deepEqual([...softmax([0, -1e9])], [1, 0]);
});

Deno.test("score() leaves special tokens out as Lamorel does", () =>
  withModel("t5-v1_1", async (model) => {
    const [prompt] = await promptsOf("t5-v1_1");
    const [ours] = await model.score([prompt!], ["turn left", "drop"]);
    const [lamorel] = await model.score([prompt!], ["turn left", "drop"], LAMOREL);
    assert.deepEqual(ours!.candidates[0]!.ids, [...lamorel!.candidates[0]!.ids, 1]);
    const { candidates: [first] } = lamorel!;
    assert.equal(first!.score, first!.sum);
    // Without its end token the prompt itself is another.
    assert.notEqual(first!.tokenLogProbs[0], ours!.candidates[0]!.tokenLogProbs[0]);
  }));

Deno.test("score() takes a list a prompt, texts and ids", () =>
  withModel("gpt2", async (model) => {
    const prompts = await promptsOf("gpt2");
    const lists = prompts.map((_, i) => i % 2 === 0 ? [" turn left", " go"] : [" go"]);
    const mixed = await model.score(prompts, lists);
    const shared = await model.score(prompts, [" turn left", " go"]);
    mixed.forEach(({ candidates }, i) => {
      const expected = shared[i]!.candidates.slice(-candidates.length);
      candidates.forEach(({ ids, sum }, c) => {
        assert.deepEqual(ids, expected[c]!.ids);
        assert.ok(Math.abs(sum - expected[c]!.sum) < 1e-4);
      });
    });
    const asIds = prompts.map((prompt) => model.tokenizer.encode(prompt));
    const byIds = await model.score(asIds, asIds.map(() => [model.tokenizer.encode(" go")]));
    assert.equal(byIds[1]!.candidates[0]!.sum, mixed[1]!.candidates[0]!.sum);
  }));

for (const name of FIXTURES) {
  Deno.test(`hidden() gives a prompt's states, alone as in a batch: ${name}`, () =>
    withModel(name, async (model) => {
      const prompts = await promptsOf(name);
      const together = await model.hidden(prompts);
      const width = name === "llama" ? 36 : 32;
      for (const [i, prompt] of prompts.entries()) {
        const { encoder, decoder } = together[i]!;
        const length = model.tokenizer.encode(prompt).length;
        assert.deepEqual(encoder?.shape, model.info.encoderDecoder ? [length, width] : undefined);
        assert.deepEqual(decoder?.shape, [width]);
        const [alone] = await model.hidden([prompt]);
        const far = (a: Float32Array, b: Float32Array) =>
          Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
        assert.ok(far(decoder!.data, alone!.decoder!.data) < 1e-4);
        if (encoder) assert.ok(far(encoder.data, alone!.encoder!.data) < 1e-4);
      }
    }));
}

for (
  const [name, layout] of [["t5-v1_1", "merged"], ["t5-v1_1", "past"], [
    "t5-v1_0",
    "plain",
  ]] as const
) {
  Deno.test(`hidden() finds the decoder's states in ${name}, ${layout}`, async () => {
    const prompts = await promptsOf(name);
    const states = (model: LanguageModel) => model.hidden(prompts);
    const found = await withModel(name, states, { layout });
    // The graphs made of safetensors name their states.
    const named = await withModel(name, states, { graphs: await t5Graphs(fixtureDir(name)) });
    named.forEach(({ decoder }, i) =>
      decoder!.data.forEach((value, at) =>
        assert.ok(Math.abs(value - found[i]!.decoder!.data[at]!) < 1e-4)
      )
    );
  });
}
