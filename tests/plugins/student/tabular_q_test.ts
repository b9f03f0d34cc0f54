import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { gae, tabularQ } from "../../../plugins/mod.ts";
import { rolloutOf, said, spec } from "../moments.ts";
import { returnAfter } from "./learning.ts";
import type { Observations, Student } from "../../../core/stages/mod.ts";
import { bytes } from "../../core/tensors.ts";

async function make(options: Parameters<typeof tabularQ>[0] = {}): Promise<Student> {
  const wiring = { env: spec, grain: "action" as const, candidates: spec.actions };
  return await tabularQ(options).create(createContext({ seed: 0 }), wiring);
}

/** States by their keys. */
function states(...keys: number[]): Observations {
  const envs = keys.length;
  const tensors = bytes("cell", new Uint8Array(envs), [envs]);
  return { envs, tensors, mission: () => "go", text: () => [], key: (i) => keys[i]! };
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

/** Guidance that suggests 1, with log p(0) = -1. */
function leaning(envs: number) {
  const guidance = said(new Array(envs).fill(1));
  for (let i = 0; i < envs; i++) guidance.distribution.set([1 / Math.E, 1 - 1 / Math.E], 2 * i);
  return guidance;
}

/** log p(1) there. */
const SURE = Math.log(1 - 1 / Math.E);

/**
 * Alpha 0.5, trust 1 at first, and twice action 0, whose l is -1. For 1: Q = 0 - 1, e = 2, so q = 0.5 and
 * trust = 0.5. For -3: Q = 0.5 - 0.5 = 0 (half the error), e = -3, so q = -0.25 and trust = 1.25.
 * V follows the best Q: SURE at first, then 0.
 */
Deno.test("tabular-q that trusts shares its error between the value and the trust", async () => {
  const student = await make({ learningRate: 0.5, guidance: "trust", initialTrust: 1 });
  const teach = async (target: number) => {
    const rollout = rolloutOf({
      envs: 1,
      values: new Float32Array(1),
      keys: Float64Array.of(5),
      guidance: [leaning(1)],
      actions: Int32Array.of(0),
    });
    const targets = Float32Array.of(target);
    return await student.learn(rollout, { advantages: targets, targets });
  };
  const unknown = await student.policy!(states(5), leaning(1));
  close(unknown.qValues, [-1, SURE]);
  const first = await teach(1);
  close([first.loss!, first.trust!], [4, 0.5]);
  close((await student.policy!(states(5), leaning(1))).qValues, [0, SURE / 2]);
  const second = await teach(-3);
  close([second.loss!, second.trust!], [9, 1.25]);
  const view = await student.policy!(states(5), leaning(1));
  close(view.qValues, [-1.5, 1.25 * SURE]);
  close(view.values, [SURE / 4]);
  close((await student.policy!(states(5), said([-1]))).qValues, [-0.25, 0]);
});

Deno.test("tabular-q never trusts less than nothing, and goes on exactly from what was saved", async () => {
  const teach = async (student: Student) => {
    const rollout = rolloutOf({
      envs: 2,
      values: new Float32Array(2),
      keys: Float64Array.of(5, 6),
      guidance: [leaning(2)],
      actions: Int32Array.of(0, 1),
    });
    const targets = Float32Array.of(9, -1);
    return await student.learn(rollout, { advantages: targets, targets });
  };
  const student = await make({ learningRate: 0.5, guidance: "trust" });
  await teach(student);
  const view = await student.policy!(states(5), leaning(1));
  // e = 9 + 0.1 for action 0: trust would become 0.1 - 2.275.
  close(view.qValues, [2.275, 0]);
  const again = await make({ learningRate: 0.5, guidance: "trust" });
  again.load!(await student.save!());
  assert.deepEqual(await teach(again), await teach(student));
  assert.deepEqual(
    await again.policy!(states(5, 6), leaning(2)),
    await student.policy!(states(5, 6), leaning(2)),
  );
});

Deno.test("tabular-q that is annealed acts as it is told at first, and by its own lights in the end", async () => {
  const student = await make({ guidance: "annealed", annealing: 2, exploration: 0.2 });
  const acting = async () => [...(await student.policy!(states(5), leaning(1))).probabilities];
  close(await acting(), [1 / Math.E, 1 - 1 / Math.E]);
  const rollout = rolloutOf({
    envs: 1,
    values: new Float32Array(1),
    keys: Float64Array.of(5),
    guidance: [leaning(1)],
    actions: Int32Array.of(0),
  });
  const targets = Float32Array.of(1);
  await student.learn(rollout, { advantages: targets, targets });
  // Its own: 0 is best, 0.9 and 0.1; half of each.
  close(await acting(), [0.45 + 0.5 / Math.E, 0.05 + 0.5 - 0.5 / Math.E]);
  await student.learn(rollout, { advantages: targets, targets });
  close(await acting(), [0.9, 0.1]);
  const { actions, logProbs } = await student.act(states(5), leaning(1), "train");
  close([logProbs[0]!], [Math.log(actions[0] === 0 ? 0.9 : 0.1)]);
});

Deno.test("tabular-q refuses to trust a teacher who names no actions", async () => {
  const wiring = { env: spec, grain: "subgoal" as const, candidates: ["the door", "the key"] };
  for (const guidance of ["trust", "annealed"] as const) {
    await assert.rejects(
      async () => await tabularQ({ guidance }).create(createContext({ seed: 0 }), wiring),
      { code: "E_WIRING" },
    );
  }
});

for (const guidance of ["trust", "annealed"] as const) {
  Deno.test(`tabular-q solves the corridor with guidance "${guidance}", sooner than alone`, async () => {
    const advantage = gae({ lambda: 0, gamma: 0.9 });
    const course = { iterations: 6, length: 9, advantage };
    const alone = await returnAfter(tabularQ(), course);
    const told = await returnAfter(tabularQ({ guidance }), { ...course, accuracy: 0.8 });
    assert.ok(told > 0.75 && told > alone, `${told} and ${alone}`);
  });
}
