import assert from "node:assert/strict";
import { compileTemplate } from "../../core/kit/template.ts";

const fields = {
  mission: ({ mission }: { mission: string }) => mission,
  feedback: () => "good",
};

Deno.test("compileTemplate() fills in fields, as often as they stand there", () => {
  const fill = compileTemplate("{mission}: {feedback}, {mission}!", fields);
  assert.equal(fill({ mission: "go" }), "go: good, go!");
});

Deno.test("compileTemplate() leaves other braces and what is filled in alone", () => {
  assert.equal(compileTemplate('{"a": 1} {}', fields)({ mission: "" }), '{"a": 1} {}');
  assert.equal(compileTemplate("{mission}", fields)({ mission: "{feedback}" }), "{feedback}");
});

Deno.test("compileTemplate() refuses a field that does not exist and names the nearest", () => {
  assert.throws(() => compileTemplate("{mision}", fields), {
    code: "E_OPTION",
    message: 'The prompt has no field "{mision}". Did you mean "mission"?',
  });
  assert.throws(() => compileTemplate("{toString}", fields), {
    message: 'The prompt has no field "{toString}". Its fields: mission, feedback.',
  });
});
