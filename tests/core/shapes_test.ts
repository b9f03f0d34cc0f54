import assert from "node:assert/strict";
import { silence } from "../../core/kit/guidance.ts";
import { expectFinite, expectGuidance, expectLength } from "../../core/kit/shapes.ts";

Deno.test("expectGuidance() takes candidates and silence, and nothing beyond", () => {
  const guidance = silence(2, ["left", "right"]);
  for (const choice of [-1, 0, 1]) {
    guidance.choices[1] = choice;
    assert.equal(expectGuidance(guidance, 2), guidance);
  }
  for (const choice of [-2, 2]) {
    guidance.choices[1] = choice;
    assert.throws(() => expectGuidance(guidance, 2), {
      code: "E_SHAPE",
      stage: "teacher",
      message: `The teacher suggested the candidate "${choice}"; right would be -1 to 1.`,
    });
  }
  guidance.choices[1] = 0;
  assert.throws(() => expectGuidance(guidance, 3), { code: "E_SHAPE" });
  guidance.distribution[3] = NaN;
  assert.throws(() => expectGuidance(guidance, 2), {
    code: "E_NUMERIC",
    message: 'The distribution of the stage teacher hold "NaN" at 3; all must be finite.',
  });
});

Deno.test("expectFinite() finds the first value that is not, even at the start", () => {
  expectFinite("student", "values", Float32Array.of(0, -1));
  assert.throws(() => expectFinite("student", "values", Float32Array.of(Infinity, NaN)), {
    code: "E_NUMERIC",
    message: 'The values of the stage student hold "Infinity" at 0; all must be finite.',
  });
  assert.throws(() => expectLength("env", "rewards", [1], 2), {
    message: 'The rewards that the stage env returned have length "1"; right would be 2.',
  });
});
