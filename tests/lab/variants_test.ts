import assert from "node:assert/strict";
import { findVariants, parseVariant, VARIANT_GROUPS, VARIANTS } from "../../lab/variants.ts";

Deno.test("the controls come from one word", () => {
  const names = findVariants(["bidirectional", "controls"]).map(({ name }) => name);
  assert.deepEqual(names, [
    "bidirectional",
    "alone",
    "one-way",
    "verdicts-only",
    "random",
    "constant",
    "shuffled",
    "misleading",
    "oracle",
  ]);
});

Deno.test("every group names variants that exist", () => {
  const known = VARIANTS.map(({ name }) => name);
  for (const name of Object.values(VARIANT_GROUPS).flat()) assert.ok(known.includes(name), name);
});

Deno.test("a variant of the user's comes before one of the same name", () => {
  const [own] = findVariants(["alone"], [{ name: "alone", settings: ["teacher=bot"], about: "" }]);
  assert.deepEqual(own?.settings, ["teacher=bot"]);
});

Deno.test("an unknown variant gets the nearest name", () => {
  assert.throws(() => findVariants(["oneway"]), {
    code: "E_ARGUMENT",
    message: 'There is no variant "oneway". Did you mean "one-way"?',
  });
});

Deno.test("parseVariant() parts settings at commas, but not within brackets or quotes", () => {
  assert.deepEqual(parseVariant("careful=feedback=margin,feedback.margin=0.1"), {
    name: "careful",
    settings: ["feedback=margin", "feedback.margin=0.1"],
    about: "feedback=margin,feedback.margin=0.1",
  });
  const { settings } = parseVariant(
    'x=teacher.learnsBy=["prompt","logits"],teacher.of={"plugin":"bot","options":{}},teacher.prompt="a, b"',
  );
  assert.deepEqual(settings, [
    'teacher.learnsBy=["prompt","logits"]',
    'teacher.of={"plugin":"bot","options":{}}',
    'teacher.prompt="a, b"',
  ]);
  assert.deepEqual(parseVariant("plain=").settings, []);
  assert.throws(() => parseVariant("feedback"), { code: "E_ARGUMENT" });
});
