import assert from "node:assert/strict";
import * as v from "valibot";
import { defaultsOf, parseOptions, quote } from "../../core/pipeline/options.ts";

const schema = {
  lambda: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.95),
  model: v.string(),
  layers: v.optional(v.array(v.number()), [64]),
};

Deno.test("parseOptions() fills in defaults and keeps what is given", () => {
  assert.deepEqual(parseOptions(schema, { model: "t5" }, "x"), {
    lambda: 0.95,
    model: "t5",
    layers: [64],
  });
  assert.equal(parseOptions(schema, { model: "t5", lambda: 0 }, "x").lambda, 0);
});

Deno.test("parseOptions() refuses what is no object", () => {
  const cases: [input: unknown, shown: string][] = [
    [null, "null"],
    [undefined, "undefined"],
    [3, "3"],
    ["lambda", "lambda"],
    [[1], "[1]"],
  ];
  for (const [input, shown] of cases) {
    const message = `The options of student.ppo are "${shown}", not an object.`;
    assert.throws(() => parseOptions(schema, input, "student.ppo"), { code: "E_OPTION", message });
  }
});

Deno.test("parseOptions() refuses an unknown option and names the nearest, or all", () => {
  const refusal = (input: object, known = schema as never) => {
    try {
      parseOptions(known, input, "gae");
    } catch (error) {
      return String(error);
    }
  };
  assert.equal(
    refusal({ lamda: 1 }),
    'E_OPTION: gae has no option "lamda". Did you mean "lambda"?',
  );
  assert.equal(
    refusal({ zzzzzzzz: 1 }),
    'E_OPTION: gae has no option "zzzzzzzz". Its options: lambda, model, layers.',
  );
  assert.equal(
    refusal({ a: 1 }, {} as never),
    'E_OPTION: gae has no option "a". It has no options.',
  );
  assert.match(refusal({ toString: 1 })!, /no option "toString"/);
});

Deno.test("parseOptions() refuses a bad value and says where it is and what would be right", () => {
  assert.throws(() => parseOptions(schema, { model: "t5", lambda: 2 }, "gae"), {
    code: "E_OPTION",
    message: 'The option "lambda" of gae is "2": invalid value: Expected <=1 but received 2.',
  });
  assert.throws(() => parseOptions(schema, { model: "t5", layers: [1, "b"] }, "gae"), {
    message: 'The option "layers.1" of gae is "b": invalid type: Expected number but received "b".',
  });
  assert.throws(() => parseOptions(schema, {}, "gae"), /"model" of gae is "undefined"/);
});

Deno.test("defaultsOf() gives each default, and undefined where there is none", () => {
  assert.deepEqual(defaultsOf(schema), { lambda: 0.95, model: undefined, layers: [64] });
});

Deno.test("quote() shows a value in quotes and cuts what is long", () => {
  assert.equal(quote("a"), '"a"');
  assert.equal(quote({ a: [1] }), '"{"a":[1]}"');
  assert.equal(quote(undefined), '"undefined"');
  assert.equal(quote("x".repeat(80)), `"${"x".repeat(80)}"`);
  assert.equal(quote("x".repeat(81)), `"${"x".repeat(77)}..."`);
});
