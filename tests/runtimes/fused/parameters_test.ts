import assert from "node:assert/strict";
import type { AdamOptions } from "../../../runtimes/tfjs/adam.ts";
import { openFused } from "../../../runtimes/fused/arena.ts";
import { squaredError } from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { rowsOf, Tape } from "../../../runtimes/fused/tape.ts";
import { assertClose } from "../devices.ts";

const SHAPES = { a: { inputs: 2, outputs: 3 }, b: { inputs: 3, outputs: 1 } };

Deno.test("Parameters are named arrays without padding", async () => {
  const parameters = new Parameters(await openFused(), SHAPES);
  const a = Float32Array.of(1, 2, 3, 4, 5, 6);
  const rest = { "a/bias": { data: [7, 8, 9] }, b: { data: [1, 2, 3] }, "b/bias": { data: [4] } };
  parameters.write({ a: { data: a }, ...rest });
  assert.deepEqual(parameters.names, ["a", "a/bias", "b", "b/bias"]);
  assert.deepEqual(parameters.read().a, { shape: [2, 3], data: a });
  assert.deepEqual(parameters.read()["b/bias"], { shape: [1], data: Float32Array.of(4) });
});

Deno.test("Parameters.write() names what is missing or has another size", async () => {
  const parameters = new Parameters(await openFused(), SHAPES);
  assert.throws(() => parameters.write({ a: { data: [1, 2] } }), {
    code: "E_SHAPE",
    message: 'The weights "a" have the size "2" in place of "6".',
  });
});

/** y = w x + b on one row x = 1 with target 0: the gradients are 2 y, and (w, b) move alike. */
async function line(options: AdamOptions & { maxNorm?: number }) {
  const arena = await openFused();
  const parameters = new Parameters(arena, { line: { inputs: 1, outputs: 1 } });
  parameters.write({ line: { data: [3] }, "line/bias": { data: [0] } });
  parameters.configure(options);
  const inputs = rowsOf(arena, 1, 1), targets = rowsOf(arena, 1, 1);
  inputs.data.view[0] = 1;
  const tape = new Tape(arena, 1, true);
  squaredError(tape, tape.dense([tape.gather(inputs)], parameters.layers.line), targets);
  const program = tape.learn(parameters);
  return { parameters, inputs, step: () => program.run(1) };
}

Deno.test("Adam's first step has the length of the learning rate", async () => {
  const { parameters, step } = await line({ learningRate: 0.1 });
  step();
  assertClose(parameters.read().line!.data, [2.9], 1e-6);
  assert.equal(parameters.gradNorm, 0); // unmeasured without a bound
});

Deno.test("Adam bounds the norm of all grads together", async () => {
  const { parameters, step } = await line({ maxNorm: 0.5 });
  step(); // gradients (6, 6)
  assertClose([parameters.gradNorm], [6 * Math.SQRT2], 1e-6);
  const { first } = parameters.saveAdam();
  assertClose(first[0]!, [0.1 * 0.5 / Math.SQRT2], 1e-7); // (1 - beta1) of 0.5 / sqrt(2)
});

Deno.test("Adam goes on from a saved state to the last bit", async () => {
  const whole = await line({}), half = await line({}), rest = await line({});
  for (let k = 0; k < 6; k++) whole.step();
  for (let k = 0; k < 3; k++) half.step();
  rest.parameters.write(half.parameters.read());
  rest.parameters.loadAdam(half.parameters.saveAdam());
  for (let k = 0; k < 3; k++) rest.step();
  assert.deepEqual(rest.parameters.read(), whole.parameters.read());
  assert.deepEqual(rest.parameters.saveAdam(), whole.parameters.saveAdam());
});

Deno.test("Adam's moments fade to zero and not to numbers too small for speed", async () => {
  const { parameters, inputs, step } = await line({});
  step();
  inputs.data.view[0] = 0; // the weight has no gradient any more
  for (let k = 0; k < 900; k++) step();
  assert.equal(parameters.saveAdam().first[0]![0], 0);
});
