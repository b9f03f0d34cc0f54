import assert from "node:assert/strict";
import { join } from "node:path";
import { TandemError } from "../../../core/base/errors.ts";
import { openLanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { NO_RULES, readRules, Rules } from "../../../runtimes/model_folder/rules.ts";
import { type Fixture, withCopy } from "./fixtures.ts";

const PLACE = { sequence: [0], written: 0, maxTokens: 4, endIds: [1] };

function scores(rules: object, place: Partial<typeof PLACE> = {}, from = [1, 2, 3, 4, 5]) {
  const read = readRules(rules as Record<string, unknown>, "g.json", 5);
  return [...new Rules(read).apply(Float32Array.from(from), { ...PLACE, ...place })];
}

const OUT = -Infinity;

Deno.test("Rules do to scores what transformers' processors do", () => {
  const some = { sequence: [0, 2, 3, 2], written: 3 };
  assert.deepEqual(scores({}, some), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ suppress_tokens: [2, 4] }, some), [1, 2, OUT, 4, OUT]);
  assert.deepEqual(scores({ begin_suppress_tokens: [2] }), [1, 2, OUT, 4, 5]);
  assert.deepEqual(scores({ begin_suppress_tokens: [2] }, some), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ min_length: 5 }, some), [1, OUT, 3, 4, 5]);
  assert.deepEqual(scores({ min_length: 4 }, some), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ min_new_tokens: 4 }, some), [1, OUT, 3, 4, 5]);
  assert.deepEqual(scores({ min_new_tokens: 3 }, some), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ forced_bos_token_id: 3 }), [OUT, OUT, OUT, 0, OUT]);
  assert.deepEqual(scores({ forced_bos_token_id: 3 }, { sequence: [0, 2] }), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ forced_eos_token_id: 1 }, some), [OUT, 0, OUT, OUT, OUT]);
  assert.deepEqual(scores({ forced_eos_token_id: [1, 2] }, some), [OUT, 0, 0, OUT, OUT]);
  assert.deepEqual(scores({ forced_eos_token_id: 1 }, { ...some, maxTokens: 9 }), [1, 2, 3, 4, 5]);
  // "2 3" was there, so behind "2" no 3 may come.
  assert.deepEqual(scores({ no_repeat_ngram_size: 2 }, some), [1, 2, 3, OUT, 5]);
  assert.deepEqual(scores({ no_repeat_ngram_size: 1 }, some), [OUT, 2, OUT, OUT, 5]);
  assert.deepEqual(scores({ no_repeat_ngram_size: 3 }, some), [1, 2, 3, 4, 5]);
  assert.deepEqual(scores({ bad_words_ids: [[4], [3, 2, 0], [0, 1]] }, some), [OUT, 2, 3, 4, OUT]);
  assert.deepEqual(scores({ repetition_penalty: 2 }, some, [-1, 2, 3, 4, 5]), [-2, 2, 1.5, 2, 5]);
  // The forced first token comes before what may not begin.
  const both = { forced_bos_token_id: 3, begin_suppress_tokens: [2] };
  assert.deepEqual(scores(both), [OUT, OUT, OUT, 0, OUT]);
  assert.deepEqual(scores(both, { sequence: [0, 3], written: 1 }), [1, 2, OUT, 4, 5]);
});

function refuses(rules: object, message: RegExp): void {
  assert.throws(() => scores(rules), (error) => {
    assert.ok(error instanceof TandemError && error.code === "E_MODEL", String(error));
    assert.match(error.message, message);
    assert.match(error.message, /^[^\n]+\.$/);
    return true;
  });
}

Deno.test("Rules that are unknown, malformed or leave nothing are refused by name", () => {
  refuses({ forced_decoder_ids: [[1, 9]] }, /asks for "forced_decoder_ids", which Tandem does not/);
  refuses({ sequence_bias: { "[1]": -10 } }, /"sequence_bias"/);
  refuses({ guidance_scale: 1.5 }, /"guidance_scale"/);
  refuses({ min_length: -1 }, /says min_length is -1/);
  refuses({ min_length: 1e9 }, /says min_length is 1000000000/);
  refuses({ no_repeat_ngram_size: "two\x1b[2J" }, /says no_repeat_ngram_size is "two\\x1b\[2J"/);
  refuses({ suppress_tokens: 5 }, /says suppress_tokens is 5/);
  refuses({ repetition_penalty: 0 }, /repetition_penalty/);
  refuses({ forced_bos_token_id: 5 }, /forces the token "5"; ids are below 5/);
  refuses({ suppress_tokens: [0, 1, 2, 3, 4] }, /leave no token/);
  const harmless = { forced_decoder_ids: null, guidance_scale: 1, constraints: [], num_beams: 4 };
  assert.deepEqual(readRules({ ...harmless, do_sample: true, top_k: 5 }, "g.json", 5), NO_RULES);
});

async function written(
  fixture: Fixture,
  rules: object,
  options = {},
  file = "generation_config.json",
) {
  let ids: readonly number[] = [];
  await withCopy(fixture, async (dir) => {
    const path = join(dir, file);
    if (file === "config.json") await Deno.remove(join(dir, "generation_config.json"));
    const before = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...before, ...rules }));
    const model = await openLanguageModel(dir, { device: "wasm", threads: 1 });
    try {
      const prompts = ["go to the red ball", "see"];
      ids = (await model.generate(prompts, { maxTokens: 6, ...options }))[0]!.ids;
    } finally {
      await model.dispose();
    }
  });
  return ids;
}

for (const beams of [1, 3]) {
  Deno.test(`generate() heeds the rules of a model's folder, ${beams} at once`, async () => {
    const options = { beams };
    const free = await written("gpt2", {}, options);
    const banned = await written("gpt2", { suppress_tokens: [...free] }, options);
    assert.ok(banned.length > 0 && banned.every((id) => !free.includes(id)));
    assert.equal((await written("t5-v1_1", { forced_bos_token_id: 7 }, options))[0], 7);
    assert.equal(
      (await written("t5-v1_1", { forced_bos_token_id: 7 }, options, "config.json"))[0],
      7,
    );
    assert.equal((await written("gpt2", { forced_eos_token_id: 9 }, options)).at(-1), 9);
    const apart = await written("gpt2", { no_repeat_ngram_size: 1 }, options);
    assert.equal(new Set(apart).size, apart.length);
  });
}
