import assert from "node:assert/strict";
import fc from "fast-check";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";

Deno.test("narrowed observations are those of a smaller view, words and keys those of the whole one", () => {
  const actions = fc.array(fc.constantFrom(0, 1, 2, 2, 3, 4), { minLength: 1, maxLength: 80 });
  const levels = fc.constantFrom("BabyAI-GoToLocal-v0", "BabyAI-PutNextLocal-v0");
  fc.assert(
    fc.property(levels, fc.constantFrom(3, 5), fc.nat(999), actions, (level, size, seed, taken) => {
      const whole = new BabyAIVector({ level });
      const small = new BabyAIVector({ level, viewSize: size });
      const narrowed = new BabyAIVector({ level, narrowed: size });
      const all = [whole, small, narrowed];
      all.forEach((worlds) => worlds.reset([seed]));
      for (const action of taken) {
        all.forEach((worlds) => worlds.step([action]));
        assert.deepEqual(narrowed.observations, small.observations);
        assert.deepEqual(narrowed.finals, small.finals);
        assert.deepEqual(narrowed.text(0), whole.text(0));
        assert.equal(narrowed.key(0), whole.key(0));
        if (whole.terminated[0] === 1 || whole.truncated[0] === 1) {
          assert.deepEqual(narrowed.finalText(0), whole.finalText(0));
          assert.equal(narrowed.finalKey(0), whole.finalKey(0));
        }
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("narrowed worlds go on where they were saved", () => {
  const make = () => new BabyAIVector({ level: "BabyAI-GoToLocal-v0", envs: 3, narrowed: 3 });
  const [one, other] = [make(), make()];
  one.reset([1, 2, 3]);
  one.step([2, 0, 1]);
  other.load(structuredClone(one.save()));
  one.step([2, 2, 2]);
  other.step([2, 2, 2]);
  assert.deepEqual(other.observations, one.observations);
  assert.deepEqual([other.text(1), other.key(1)], [one.text(1), one.key(1)]);
});

Deno.test("narrowed: what is no part of the view is refused", () => {
  const open = (options: object) => () =>
    new BabyAIVector({ level: "BabyAI-GoToLocal-v0", ...options });
  for (const narrowed of [4, 1, 9]) {
    assert.throws(open({ narrowed }), {
      code: "E_OPTION",
      message: `The option narrowed is "${narrowed}", not an odd number from 3 to viewSize, 7.`,
    });
  }
  assert.throws(open({ narrowed: 3, observation: "full" }), {
    code: "E_OPTION",
    message: 'The option narrowed is "3", but the observation "full" is no part of a view.',
  });
});
