import assert from "node:assert/strict";
import { join } from "node:path";
import { type ErrorCode, TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { openLanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { readSafetensors, writeSafetensors } from "../../../runtimes/weights/safetensors.ts";
import { fixtureDir, promptsOf, withCopy, withModel } from "../language_model/fixtures.ts";

const FUSED = { runtime: "fused" } as const;
const NAMES = ["t5-v1_1", "t5-v1_0"] as const;
const ACTIONS = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle"];

function refused(work: Promise<unknown>, code: ErrorCode, part: string): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof TandemError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(part), error.message);
    return true;
  });
}

for (const name of NAMES) {
  Deno.test(`The fused runtime gives a prompt the same bits in a batch and alone: ${name}`, () =>
    withModel(name, async (model) => {
      const prompts = await promptsOf(name);
      const own = prompts.map((_, i) => ACTIONS.slice(0, 2 + i % 4));
      const draw = (rows: readonly number[]) => ({ temperature: 1, maxTokens: 6, seeds: rows });
      const scores = await model.score(prompts, own);
      const hidden = await model.hidden(prompts);
      const logits = await model.firstLogits(prompts);
      const greedy = await model.generate(prompts, { maxTokens: 6 });
      const drawn = await model.generate(prompts, draw([...prompts.keys()]));
      for (const [i, prompt] of prompts.entries()) {
        assert.deepEqual(await model.score([prompt], [own[i]!]), [scores[i]]);
        assert.deepEqual(await model.hidden([prompt]), [hidden[i]]);
        assert.deepEqual(await model.firstLogits([prompt]), [logits[i]]);
        assert.deepEqual(await model.generate([prompt], { maxTokens: 6 }), [greedy[i]]);
        assert.deepEqual(await model.generate([prompt], draw([i])), [drawn[i]]);
      }
    }, FUSED));

  Deno.test(`The fused runtime scores a text as it writes it: ${name}`, () =>
    withModel(name, async (model) => {
      const [prompt] = await promptsOf(name);
      for (const beams of [1, 3]) {
        const [text] = await model.generate([prompt!], { maxTokens: 5, beams });
        const [score] = await model.score([prompt!], [[text!.ids, [7, 8]]]);
        assert.ok(Math.abs(score!.candidates[0]!.sum - text!.logProb) < 1e-4);
      }
    }, FUSED));

  Deno.test(`The fused runtime shares the beginnings of candidates: ${name}`, () =>
    withModel(name, async (model) => {
      const prompts = (await promptsOf(name)).slice(0, 2);
      const lists = [[5, 6, 7], [5, 6, 9, 3], [5, 2]];
      const together = await model.score(prompts, prompts.map(() => lists));
      for (const [i, ids] of lists.entries()) {
        const alone = await model.score(prompts, prompts.map(() => [ids]));
        alone.forEach(({ candidates: [only] }, row) =>
          only!.tokenLogProbs.forEach((value, t) => {
            const beside = together[row]!.candidates[i]!.tokenLogProbs[t]!;
            assert.ok(Math.abs(value - beside) < 1e-5, `${value} and ${beside}`);
          })
        );
      }
    }, FUSED));
}

Deno.test("dispose() of the fused runtime lets the weights go", async () => {
  const model = await openLanguageModel(fixtureDir("t5-v1_1"), FUSED);
  await model.score(["see"], ["a"]);
  await model.dispose();
  await refused(model.score(["see"], ["a"]), "E_MODEL", "has been disposed of");
});

Deno.test("The fused runtime says so where the model is none for it", async () => {
  const dir = fixtureDir("t5-v1_1");
  await refused(
    openLanguageModel(dir, { ...FUSED, dtype: "fp32" }),
    "E_OPTION",
    '"int8" or "auto"',
  );
  await refused(openLanguageModel(fixtureDir("gpt2"), FUSED), "E_MODEL", 'use the runtime "web"');
  await withCopy("t5-v1_1", async (dir) => {
    const file = join(dir, "config.json");
    const config = JSON.parse(await Deno.readTextFile(file));
    const write = (change: object) =>
      Deno.writeTextFile(file, JSON.stringify({ ...config, ...change }));
    await write({ d_kv: 4 });
    await refused(openLanguageModel(dir, FUSED), "E_MODEL", "of shape");
    await write({ num_layers: 0 });
    await refused(openLanguageModel(dir, FUSED), "E_MODEL", 'num_layers is "0"');
    await write({ num_layers: 3 });
    await refused(openLanguageModel(dir, FUSED), "E_MODEL", "lacks the tensor");
  });
});

Deno.test("The fused runtime refuses a prompt that has no room", () =>
  withModel("t5-v1_1", async (model) => {
    const endless = new Array(9000).fill(5);
    await refused(model.score([endless], [[[5]]]), "E_PROMPT", 'The prompt has "9000" tokens');
    assert.equal((await model.score(["see"], ["a"])).length, 1);
  }, FUSED));

Deno.test("The fused runtime survives weights that are cut, changed or no numbers", () =>
  withCopy("t5-v1_1", async (dir) => {
    const file = join(dir, "model.safetensors");
    const whole = await Deno.readFile(file);
    const random = new Pcg64(3);
    const trial = async (bytes: Uint8Array) => {
      await Deno.writeFile(file, bytes);
      try {
        const model = await openLanguageModel(dir, FUSED);
        const scores = await model.score(["see a ball"], ACTIONS);
        assert.ok(scores[0]!.distribution.every((p) => p >= 0 && p <= 1));
        await model.dispose();
        return "ran";
      } catch (error) {
        assert.ok(error instanceof TandemError, String(error));
        assert.ok(error.code === "E_MODEL" || error.code === "E_NUMERIC", error.code);
        return "refused";
      }
    };
    for (const length of [0, 7, 8, 500, whole.length - 1]) {
      assert.equal(await trial(whole.subarray(0, length)), "refused", `${length} bytes`);
    }
    for (const odd of [NaN, Infinity]) {
      const tensors = new Map(readSafetensors(whole.slice(), file).tensors);
      const name = "encoder.block.0.layer.0.SelfAttention.q.weight";
      const { dtype, shape, bytes } = tensors.get(name)!;
      const values = new Float32Array(bytes.slice().buffer);
      values[3] = odd;
      tensors.set(name, { dtype, shape, bytes: new Uint8Array(values.buffer) });
      assert.equal(await trial(writeSafetensors(tensors)), "refused", String(odd));
    }
    const outcomes = { ran: 0, refused: 0 };
    for (let round = 0; round < 30; round++) {
      const bytes = whole.slice();
      const reach = round % 2 === 0 ? 4000 : bytes.length;
      for (let i = 0; i < 12; i++) bytes[random.integers(0, reach)] = random.integers(0, 256);
      outcomes[await trial(bytes)]++;
    }
    assert.ok(outcomes.refused > 10 && outcomes.ran > 3, JSON.stringify(outcomes));
    await Deno.writeFile(file, whole);
    assert.equal(await trial(whole), "ran");
  }));
