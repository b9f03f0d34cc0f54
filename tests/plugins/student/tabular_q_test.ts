import assert from "node:assert/strict";
import { createContext } from "../../../core/context.ts";
import { gae, tabularQ } from "../../../plugins/mod.ts";
import { rolloutOf, said, spec } from "../moments.ts";
import { returnAfter } from "./learning.ts";
import type { Observations, Student } from "../../../core/stages.ts";

async function make(options: Parameters<typeof tabularQ>[0] = {}): Promise<Student> {
  const wiring = { env: spec, grain: "action" as const, candidates: spec.actions };
  return await tabularQ(options).create(createContext({ seed: 0 }), wiring);
}

/** States by their keys. */
function states(...keys: number[]): Observations {
  const data = new Uint8Array(keys.length);
  return { envs: keys.length, data, mission: () => "go", text: () => [], key: (i) => keys[i]! };
}

const close = (found: ArrayLike<number>, right: number[]) => {
  assert.equal(found.length, right.length);
  right.forEach((value, k) =>
    assert.ok(Math.abs(found[k]! - value) < 1e-6, `${found} not ${right}`)
  );
};

/**
 * Three samples in state 5, alpha 0.5: told 1 it does 1 for 1, then 0.5 + 0.5 (2 - 0.5) = 1.25;
 * told 0 it does 0 for -1: -0.5, so the best there is 0. V = (2 x 1.25 + 1 x 0) / 3.
 */
async function taught(student: Student): Promise<Student> {
  const rollout = rolloutOf({
    envs: 1,
    values: new Float32Array(3),
    keys: Float64Array.of(5, 5, 5),
    guidance: [said([1]), said([1]), said([0])],
    actions: Int32Array.of(1, 1, 0),
  });
  const targets = Float32Array.of(1, 2, -1);
  const { loss } = await student.learn(rollout, { advantages: targets, targets });
  close([loss!], [(1 + 1.5 ** 2 + 1) / 3]);
  return student;
}

Deno.test("tabular-q moves Q by its error, a value for each suggestion, and V with how often it came", async () => {
  const student = await taught(await make({ learningRate: 0.5, exploration: 0.2 }));
  const view = await student.policy!(states(5, 5, 5, 6), said([1, 0, -1, 1]));
  close(view.qValues, [0, 1.25, -0.5, 0, 0, 0, 0, 0]);
  close(view.values, [2.5 / 3, 2.5 / 3, 2.5 / 3, 0]);
  close(view.probabilities, [0.1, 0.9, 0.1, 0.9, 0.5, 0.5, 0.5, 0.5]);
  const { actions, logProbs, targetLogProbs } = await student.act(states(5), said([1]), "evaluate");
  assert.deepEqual([actions[0], logProbs[0], targetLogProbs![0]], [1, 0, 0]);
});

Deno.test("tabular-q that does not hear holds one value for all suggestions", async () => {
  const student = await taught(await make({ learningRate: 0.5, hears: false }));
  const view = await student.policy!(states(5, 5), said([1, -1]));
  close(view.qValues, [-0.5, 1.25, -0.5, 1.25]);
  close(view.values, [1.25, 1.25]);
});

Deno.test("tabular-q forgets the state not learned about for longest", async () => {
  const student = await make({ learningRate: 1, states: 2 });
  for (const key of [1, 2, 1, 3]) {
    const rollout = rolloutOf({ envs: 1, values: new Float32Array(1), keys: Float64Array.of(key) });
    await student.learn(rollout, {
      advantages: Float32Array.of(key),
      targets: Float32Array.of(key),
    });
  }
  close(await student.values(states(1, 2, 3)), [1, 0, 3]);
});

Deno.test("tabular-q solves the corridor alone", async () => {
  assert.ok(await returnAfter(tabularQ(), { advantage: gae({ lambda: 0, gamma: 0.9 }) }) > 0.85);
});

Deno.test("tabular-q solves the corridor with a teacher that is right 4 times of 5", async () => {
  assert.ok(
    await returnAfter(tabularQ({ learningRate: 0.2 }), {
      accuracy: 0.8,
      advantage: gae({ lambda: 0, gamma: 0.9 }),
    }) >
      0.85,
  );
});
