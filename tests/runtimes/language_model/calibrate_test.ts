import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import {
  fitTemperature,
  negativeLogLikelihood,
  TEMPERATURE_RANGE,
} from "../../../runtimes/language_model/calibrate.ts";
import { chooseToken } from "../../../runtimes/language_model/sampling.ts";

Deno.test("fitTemperature() finds the temperature that labels were drawn at", () => {
  const random = new Pcg64(11);
  for (const temperature of [0.5, 1, 3]) {
    const examples = Array.from({ length: 20_000 }, () => {
      const scores = Float32Array.from({ length: 5 }, () => 4 * random.random());
      return { scores, right: chooseToken(scores, { temperature }, random) };
    });
    const fitted = fitTemperature(examples);
    assert.ok(Math.abs(fitted / temperature - 1) < 0.1, `${fitted} for ${temperature}`);
    const best = negativeLogLikelihood(examples, fitted);
    for (const other of [fitted * 1.05, fitted / 1.05]) {
      assert.ok(best < negativeLogLikelihood(examples, other));
    }
  }
});

Deno.test("fitTemperature() stays in its range where the best has no end", () => {
  const scores = [1, 0];
  const [least, most] = TEMPERATURE_RANGE;
  assert.ok(Math.abs(fitTemperature([{ scores, right: 0 }]) - least) < 1e-9);
  assert.ok(Math.abs(fitTemperature([{ scores, right: 1 }]) - most) < 1e-6);
  assert.equal(fitTemperature([]), 1);
});

Deno.test("negativeLogLikelihood() is ln 2 for two equal scores", () => {
  const examples = [{ scores: [3, 3], right: 1 }];
  assert.ok(Math.abs(negativeLogLikelihood(examples, 0.7) - Math.LN2) < 1e-6);
});
