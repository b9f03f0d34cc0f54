import assert from "node:assert/strict";
import { expectShape, Findings, firstUnfit, same } from "../../../core/testing/findings.ts";
import { TandemError } from "../../../core/base/errors.ts";

Deno.test("same() compares to the last bit and to the last key", () => {
  for (
    const value of [NaN, null, undefined, "a", [1, [2]], { a: { b: 1 } }, Float32Array.of(NaN)]
  ) {
    assert.ok(same(value, structuredClone(value)), String(value));
  }
  const different: [unknown, unknown][] = [
    [0, -0],
    [1, "1"],
    [null, {}],
    [{}, null],
    [1, {}],
    [{}, 1],
    [[1], { 0: 1 }],
    [[1], [1, 2]],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [Float32Array.of(1), Int32Array.of(1)],
    [Float32Array.of(1, 2), Float32Array.of(1, 3)],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ];
  for (const [a, b] of different) assert.equal(same(a, b), false, `${a} and ${b}`);
});

Deno.test("firstUnfit() gives the first place that does not fit", () => {
  assert.equal(firstUnfit([1, -1, -2], (value) => value > 0), 1);
  assert.equal(firstUnfit([-1, 1], (value) => value > 0), 0);
  assert.equal(firstUnfit([1, 2], (value) => value > 0), -1);
  assert.equal(firstUnfit([], () => false), -1);
});

Deno.test("Findings keep a sentence once, and say what fails and what is not refused", async () => {
  const findings = new Findings();
  findings.expect(true, "Fine.");
  findings.expect(false, "Bad.");
  findings.expect(false, "Bad.");
  assert.equal(expectShape(findings, "x", [1, 2], 2), true);
  assert.equal(expectShape(findings, "y", undefined, 2), false);
  assert.equal(await findings.attempt("a()", () => Promise.resolve(3)), 3);
  assert.equal(await findings.attempt("b()", () => Promise.reject("no")), undefined);
  await findings.expectRefusal("It takes all.", () => {});
  await findings.expectRefusal("It breaks.", () => Promise.reject(new Error("no")));
  await findings.expectRefusal("It refuses.", () => {
    throw new TandemError("E_ACTION", "No.");
  });
  assert.deepEqual(findings.list(), [
    "Bad.",
    'y are "undefined"; right would be 2.',
    "b() fails: no.",
    "It takes all.",
    "It breaks.",
  ]);
});
