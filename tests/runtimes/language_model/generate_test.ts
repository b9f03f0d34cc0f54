import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { TandemError } from "../../../core/base/errors.ts";
import { chooseToken, logSumExp } from "../../../runtimes/language_model/sampling.ts";
import { FIXTURES, promptsOf, withModel } from "./fixtures.ts";

const logits = Float32Array.from([0.5, 0.2, 0.2, 0.1], Math.log);

/** How often each token is drawn in 4,000 draws. */
function shares(options: Parameters<typeof chooseToken>[1]): number[] {
  const random = new Pcg64(5);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) counts[chooseToken(logits, options, random)]! += 1 / 4000;
  return counts;
}

function near(actual: readonly number[], expected: readonly number[]): void {
  // Three standard deviations of a share of one half.
  expected.forEach((share, i) => assert.ok(Math.abs(actual[i]! - share) < 0.024, `${actual}`));
}

Deno.test("chooseToken() draws in proportion to exp(logit / temperature)", () => {
  near(shares({ temperature: 1 }), [0.5, 0.2, 0.2, 0.1]);
  // Squares of the probabilities at half the temperature.
  near(shares({ temperature: 0.5 }), [25 / 34, 4 / 34, 4 / 34, 1 / 34]);
});

Deno.test("chooseToken() draws from what topK and topP leave", () => {
  near(shares({ temperature: 1, topK: 3 }), [5 / 9, 2 / 9, 2 / 9, 0]);
  near(shares({ temperature: 1, topP: 0.45 }), [1, 0, 0, 0]);
  near(shares({ temperature: 1, topP: 0.85 }), [5 / 9, 2 / 9, 2 / 9, 0]);
  // Within the three best, five ninths are less than .6 and seven ninths are not.
  near(shares({ temperature: 1, topK: 3, topP: 0.8 }), [5 / 9, 2 / 9, 2 / 9, 0]);
});

Deno.test("chooseToken() takes the likeliest at temperature 0, and of equal ones the first", () => {
  assert.equal(chooseToken(Float32Array.of(1, 3, 3), {}, undefined), 1);
});

Deno.test("logSumExp() neither overflows nor loses small terms", () => {
  assert.equal(logSumExp(Float32Array.of(-1000, -1000)), -1000 + Math.log(2));
  assert.ok(Math.abs(logSumExp(logits)) < 1e-6);
});

for (const name of FIXTURES) {
  Deno.test(`generate() gives a prompt the same in a batch and alone: ${name}`, () =>
    withModel(name, async (model) => {
      const prompts = await promptsOf(name);
      const draw = () => ({ temperature: 0.8, topK: 50, maxTokens: 8, random: new Pcg64(3) });
      const together = await model.generate(prompts, draw());
      const random = new Pcg64(3);
      for (const [i, prompt] of prompts.entries()) {
        const [alone] = await model.generate([prompt], { ...draw(), random });
        assert.deepEqual(together[i]!.ids, alone!.ids);
        assert.ok(Math.abs(together[i]!.logProb - alone!.logProb) < 1e-4);
      }
      const again = await model.generate(prompts, draw());
      assert.deepEqual(again, together);
      const other = await model.generate(prompts, { ...draw(), random: new Pcg64(4) });
      assert.notDeepEqual(other.map(({ ids }) => ids), together.map(({ ids }) => ids));
    }));
}

Deno.test("generate() ends at a stop string, whose tokens stay in the ids", () =>
  withModel("t5-v1_1", async (model) => {
    const [prompt] = await promptsOf("t5-v1_1");
    const [whole] = await model.generate([prompt!], { maxTokens: 12 });
    assert.equal(whole!.text, "g,os theosboxgf 16 turnr");
    assert.equal(whole!.finish, "length");
    const [stopped] = await model.generate([prompt!], { maxTokens: 12, stop: ["box", "sb"] });
    assert.equal(stopped!.finish, "stop");
    assert.equal(stopped!.text, "g,os theo");
    assert.deepEqual(stopped!.ids, whole!.ids.slice(0, stopped!.ids.length));
    assert.equal(model.tokenizer.decode(stopped!.ids), "g,os theosbox");
    const sum = stopped!.tokenLogProbs.reduce((a, b) => a + b, 0);
    assert.equal(stopped!.logProb, sum);
  }));

Deno.test("generate() needs a source of random numbers to draw", () =>
  withModel("gpt2", async (model) => {
    await assert.rejects(model.generate(["You see"], { temperature: 1 }), (error) => {
      return error instanceof TandemError && error.code === "E_OPTION";
    });
  }));
