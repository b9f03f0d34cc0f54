import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeGuidance, encodeGuidance } from "../../core/kit/codec.ts";
import { silence, silenceWhere, suggestionOf } from "../../core/kit/guidance.ts";
import { exactJson, pack, parseExactJson } from "../../core/kit/packing.ts";
import type { Guidance } from "../../core/stages/mod.ts";

type Encoded = ReturnType<typeof encodeGuidance>;

/** Guidance as it comes back from a checkpoint's file. */
function written(guidance: Guidance): Guidance {
  const encoded = parseExactJson(exactJson(encodeGuidance(guidance))) as Encoded;
  return decodeGuidance(encoded, guidance.candidates);
}

/** Any JSON, with the numbers that JSON cannot write. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) =>
  JSON.parse(JSON.stringify(value), (_key, item) => item === 7 ? -Infinity : item)
);

type Required = "envs" | "candidates" | "choices" | "distribution" | "logProbs";
const REQUIRED: Required[] = ["envs", "candidates", "choices", "distribution", "logProbs"];

/** Guidance of 0 to 4 environments over 1 to 3 candidates, with any of its columns. */
const guidances = fc.record({
  envs: fc.nat({ max: 4 }),
  candidates: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
}).chain(({ envs, candidates }) => {
  const of = <T>(row: fc.Arbitrary<T>, times = 1) =>
    fc.array(row, { minLength: envs * times, maxLength: envs * times });
  return fc.record({
    envs: fc.constant(envs),
    candidates: fc.constant(candidates),
    choices: of(fc.integer({ min: -1, max: candidates.length - 1 })).map((c) => Int32Array.from(c)),
    distribution: of(fc.float({ noNaN: true, noDefaultInfinity: true }), candidates.length)
      .map((p) => Float32Array.from(p)),
    logProbs: of(fc.float()).map((p) => Float32Array.from(p)),
    texts: of(fc.string({ unit: "binary" })),
    tokens: of(fc.array(fc.nat(), { maxLength: 3 })),
    authors: of(fc.string()),
    note: json,
  }, { noNullPrototype: true, requiredKeys: REQUIRED });
});

Deno.test("guidance comes back from a checkpoint to the bit, whatever columns it has", () => {
  fc.assert(fc.property(guidances, (guidance) => {
    assert.deepEqual(written(guidance), guidance);
  }));
});

Deno.test("silenced guidance comes back from a checkpoint as silent", () => {
  fc.assert(fc.property(guidances, fc.nat(), (guidance, bits) => {
    const isSilent = (i: number) => (bits >> i & 1) === 1;
    const silenced = silenceWhere(guidance, isSilent);
    const back = written(silenced);
    assert.deepEqual(back, silenced);
    for (let i = 0; i < back.envs; i++) {
      if (!isSilent(i)) continue;
      assert.equal(back.choices[i], -1);
      assert.equal(suggestionOf(back, i), "");
    }
  }));
});

Deno.test("guidance of a checkpoint is refused where a column is not as long as the others", () => {
  const encoded = encodeGuidance(silence(2, ["go"]));
  const columns = {
    ...{ texts: ["go"], tokens: [[1]], authors: ["a"] },
    logProbs: pack("f32", new Float32Array(1)),
  };
  for (const [what, column] of Object.entries(columns)) {
    assert.throws(() => decodeGuidance({ ...encoded, [what]: column }, ["go"]), {
      code: "E_SHAPE",
      message: `The ${what} that the stage teacher returned have length "1"; right would be 2.`,
    });
  }
});

Deno.test("guidance in checkpoints of before, with its words written out, still opens", async () => {
  const file = new URL("../fixtures/guidance/kept.json", import.meta.url);
  const kept = parseExactJson(await Deno.readTextFile(file)) as Record<string, Encoded>;
  const guidance = decodeGuidance(kept.languageModel!, ["left", "right"]);
  assert.equal(guidance.envs, 3);
  assert.deepEqual([...guidance.choices], [0, 1, -1]);
  assert.deepEqual([0, 1, 2].map((i) => suggestionOf(guidance, i)), ["left", "right", ""]);
  assert.deepEqual(guidance.tokens, [[0, 7], [1, 7], []]);
  assert.equal("authors" in guidance, false);
  assert.equal((guidance.note as unknown[]).length, 3);
  const ensemble = decodeGuidance(kept.ensemble!, ["left", "right"]);
  assert.deepEqual(ensemble.authors, ["1 left", "1 left", "1 left"]);
});
