import assert from "node:assert/strict";
import { join } from "node:path";
import { BeamSearch } from "../../../runtimes/language_model/beam.ts";
import { fixtureDir, withModel } from "./fixtures.ts";

interface BeamReference {
  readonly beams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | "never";
  readonly ids: readonly number[];
}

Deno.test("generate() ends beams where transformers ends them, whatever the penalty", () =>
  withModel("llama", async (model) => {
    const text = await Deno.readTextFile(join(fixtureDir("llama"), "reference.json"));
    const { prompts } = JSON.parse(text) as {
      prompts: readonly { ids: readonly number[]; beams: readonly BeamReference[] }[];
    };
    const lengths = new Set<number>();
    for (let way = 0; way < prompts[0]!.beams.length; way++) {
      const { ids: _, ...options } = prompts[0]!.beams[way]!;
      const ids = prompts.map((prompt) => prompt.ids);
      const written = await model.generate(ids, { ...options, maxTokens: 24 });
      prompts.forEach((prompt, i) => {
        const expected = prompt.beams[way]!.ids.slice(prompt.ids.length);
        assert.deepEqual(written[i]!.ids, expected, JSON.stringify(options));
        lengths.add(expected.length);
      });
    }
    assert.ok(lengths.size > 5, "the reference should hold texts of many lengths");
  }));

/** Logits whose log-probabilities are these, up to a constant. */
const row = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

const END = 0;
const ended = (ids: readonly number[]) => ids.at(-1) === END;

Deno.test("BeamSearch keeps the likeliest texts and what each continues", () => {
  const search = new BeamSearch({ beams: 2 }, 5, 1, ended);
  search.advance([row(0.1, 0.6, 0.3)]);
  assert.deepEqual(search.running.map(({ ids }) => ids), [[1], [2]]);
  assert.deepEqual(search.parents, [0, 0]);
  // .6 * .4 and .3 * .9 beat .6 * .3.
  search.advance([row(0.3, 0.3, 0.4), row(0.05, 0.9, 0.05)]);
  assert.deepEqual(search.running.map(({ ids }) => ids), [[2, 1], [1, 2]]);
  assert.deepEqual(search.parents, [1, 0]);
});

Deno.test("BeamSearch divides a finished text's score by its length to the penalty", () => {
  const best = (lengthPenalty: number) => {
    const search = new BeamSearch({ beams: 2, lengthPenalty, earlyStopping: "never" }, 3, 1, ended);
    for (const next of [row(0.5, 0.5, 1e-9), row(0.4, 0.6, 1e-9), row(0.99, 0.01, 1e-9)]) {
      assert.ok(!search.done);
      search.advance(search.running.map(() => next));
    }
    assert.ok(search.done);
    return search.best.ids;
  };
  // Scores: ln .5 of [0], ln .2 over 2^penalty of [1, 0], ln .297 over 3^penalty of [1, 1, 0].
  assert.deepEqual(best(0), [END]);
  assert.deepEqual(best(2), [1, 1, END]);
});

Deno.test("BeamSearch stops at a full set of finished texts where it is told to", () => {
  const search = new BeamSearch({ beams: 1, earlyStopping: true }, 9, 1, ended);
  search.advance([row(0.4, 0.6, 1e-9)]);
  assert.ok(!search.done, "the end token was not the likeliest");
  search.advance([row(0.9, 0.1, 1e-9)]);
  assert.ok(search.done);
  assert.deepEqual(search.best.ids, [1, END]);
});
