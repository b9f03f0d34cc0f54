import assert from "node:assert/strict";
import { changeOf, PAPER_WORDS, verdictsOf, verdictsOnChange } from "../../core/kit/verdicts.ts";

Deno.test("verdictsOf() judges by sign and margin, and abstains without strength or words", () => {
  const scores = Float32Array.of(1, 0.5, 0, -0.5, -1, NaN);
  const { signs, strengths, words } = verdictsOf(scores, PAPER_WORDS, 0.5);
  assert.deepEqual([...signs], [1, 0, 0, 0, -1, 0]);
  assert.deepEqual([...strengths], [1, 0, 0, 0, 1, 0]);
  assert.deepEqual([0, 1, 4].map(words), [PAPER_WORDS.positive, "", PAPER_WORDS.negative]);
});

Deno.test("verdictsOf() without a margin abstains on 0 alone", () => {
  assert.deepEqual([...verdictsOf(Float32Array.of(1e-9, 0, -1e-9)).signs], [1, 0, -1]);
});

/** Advantages now, of which those marked begin an episode. */
const judged = (advantages: number[], firsts: number[] = advantages.map(() => 0)) => ({
  advantages: Float32Array.from(advantages),
  firsts: Uint8Array.from(firsts),
});

Deno.test("verdictsOnChange() compares a token with the one before, and says so", () => {
  const [now, before] = [judged([3, 1, 2]), judged([1, 2, 1.5])];
  const verdicts = verdictsOnChange(now, before, PAPER_WORDS, 0.5);
  assert.deepEqual([...verdicts.signs], [1, -1, 0]);
  assert.deepEqual([...verdicts.strengths], [2, 1, 0]);
  assert.equal(verdicts.comparesWithBefore, true);
  assert.equal(verdictsOf(now.advantages).comparesWithBefore, undefined);
});

Deno.test("verdictsOnChange() abstains on the first token of an episode", () => {
  // Before an episode's start stands the end of another: here one that was solved, one that was not.
  const { signs, strengths, words } = verdictsOnChange(
    judged([0.1, 0.1, 0.1], [1, 1, 0]),
    judged([0.9, -0.9, -0.9]),
  );
  assert.deepEqual([...signs], [0, 0, 1]);
  assert.deepEqual([...strengths], [0, 0, Math.fround(1)]);
  assert.deepEqual([0, 1, 2].map(words), ["", "", PAPER_WORDS.positive]);
});

Deno.test("changeOf() is now less before, and nothing where an episode begins", () => {
  assert.deepEqual([...changeOf(judged([1, 2, 3], [0, 0, 1]), judged([3, 0.5, 1]))], [
    -2,
    1.5,
    NaN,
  ]);
});
