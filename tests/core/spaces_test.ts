import assert from "node:assert/strict";
import { decodeFeedback, encodeFeedback } from "../../core/kit/codec.ts";
import { exactJson, parseExactJson } from "../../core/kit/packing.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { box, discrete, multiDiscrete, tokenText } from "../../core/kit/spaces.ts";
import {
  entryBounds,
  floatWidth,
  randomActions,
  rowBytes,
  traitsOf,
  withinBox,
  writeEntries,
  writeFloats,
  zerosOf,
} from "../../core/kit/tensors.ts";
import { createContext } from "../../core/kit/context.ts";
import { record } from "../../core/testing/recording.ts";
import { checkEnv, checkStudent } from "../../core/testing/mod.ts";
import type { EnvSpec, Rollout } from "../../core/stages/mod.ts";
import { cartpole } from "../../plugins/env/cartpole.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { tabularQ } from "../../plugins/student/tabular_q/mod.ts";
import { turnstile } from "./legal_world.ts";

const MIXED = {
  cells: multiDiscrete([7, 5], { layout: "grid" }),
  speed: box({ shape: [2, 1], low: -1, high: [1, Infinity] }),
  words: tokenText({ maxLength: 3, vocabulary: 100 }),
  side: discrete(2),
};

Deno.test("spaces refuse in a sentence what no tensor could hold", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => discrete(257), /"257"; right would be a whole number, 1 to 256\./],
    [() => multiDiscrete([3, 0]), /"0"; right/],
    [() => box({ shape: [2], low: [0] }), /"2" has 1 bounds; right would be 2\./],
    [
      () => box({ shape: [1], low: 2, high: 1 }),
      /"2 to 1" at 0; right would be the lower one first/,
    ],
    [() => box({ shape: [1], low: NaN }), /"NaN to Infinity" at 0/],
    [() => box({ shape: [1.5] }), /"1\.5"; right/],
    [() => tokenText({ maxLength: 0, vocabulary: 2 }), /"0"; right/],
  ];
  for (const [make, message] of refused) assert.throws(make, { code: "E_SHAPE", message });
});

Deno.test("tensors of a spec have its types and shapes, and say what a student must read", () => {
  const tensors = zerosOf(MIXED, [3]);
  const shown = Object.entries(tensors)
    .map(([name, { dtype, shape, data }]) => [name, dtype, shape, data.length]);
  assert.deepEqual(shown, [
    ["cells", "uint8", [3, 2], 6],
    ["speed", "float32", [3, 2, 1], 6],
    ["words", "int32", [3, 3], 9],
    ["side", "uint8", [3], 3],
  ]);
  assert.deepEqual(entryBounds(MIXED), [7, 5, 2]);
  assert.equal(floatWidth(MIXED), 2);
  assert.deepEqual(traitsOf({ observation: MIXED }), ["grid", "box", "text", "vector", "discrete"]);
  const pushed = { observation: { side: MIXED.side }, actionBox: box({ shape: [1] }) };
  assert.deepEqual(traitsOf(pushed), ["vector", "continuous"]);
});

Deno.test("rows of several tensors stand side by side", () => {
  const tensors = zerosOf(MIXED, [2]);
  tensors.cells.data.set([1, 2, 3, 4]);
  tensors.side.data.set([0, 1]);
  tensors.speed.data.set([0.5, 1.5, 2.5, 3.5]);
  const entries = new Uint8Array(6);
  writeEntries(entries, tensors, 2);
  assert.deepEqual([...entries], [1, 2, 0, 3, 4, 1]);
  const floats = new Float32Array(4);
  writeFloats(floats, tensors, 2);
  assert.deepEqual([...floats], [0.5, 1.5, 2.5, 3.5]);
  const [first, second] = [0, 1].map((i) => rowBytes(tensors, 2, i));
  assert.equal(first!.length, 2 + 8 + 12 + 1);
  assert.deepEqual([...first!.subarray(0, 2), first!.at(-1)], [1, 2, 0]);
  assert.notDeepEqual(first, second);
});

Deno.test("random actions are legal ones, or floats of the box; drawn floats are brought within it", () => {
  const random = new Pcg64(0);
  const legal = Uint8Array.of(0, 1, 0, 1, 0, 1);
  const spec = { envs: 2, actions: ["a", "b", "c"] };
  const drawn = new Set<string>();
  for (let n = 0; n < 50; n++) drawn.add([...randomActions(random, spec, { legal })].join());
  assert.deepEqual([...drawn].sort(), ["1,0", "1,2"]);
  assert.throws(() => randomActions(random, spec, { legal: new Uint8Array(6) }), {
    code: "E_ACTION",
  });
  const actionBox = box({ shape: [2], low: [-2, -Infinity], high: [2, Infinity] });
  const floats = randomActions(random, { envs: 500, actions: [], actionBox });
  const [bounded, free] = [0, 1].map((d) => [...floats].filter((_, k) => k % 2 === d));
  assert.ok(bounded!.every((value) => Math.abs(value) <= 2) && Math.max(...bounded!) > 1.8);
  assert.ok(Math.max(...free!) > 2);
  const within = withinBox(Float32Array.of(-3, 9, 1, -9), { actionBox });
  assert.deepEqual([...within], [-2, 9, 1, -9]);
});

async function recorded(stage: typeof turnstile): Promise<{ rollout: Rollout; spec: EnvSpec }> {
  const env = await stage().create(createContext({ seed: 0 }), { envs: 3 });
  return { rollout: await record(env, 4, 1), spec: env.spec };
}

Deno.test("a rollout of floats and one with legal actions come back from a checkpoint to the bit", async () => {
  for (const stage of [cartpole, turnstile] as (typeof turnstile)[]) {
    const { rollout, spec } = await recorded(stage);
    const saved = parseExactJson(exactJson(encodeFeedback({ rollout, verdicts: [] })));
    const back = decodeFeedback(saved as never, spec.actions, spec).rollout;
    assert.deepEqual(back.observations, rollout.observations);
    assert.deepEqual(back.legal, rollout.legal);
    assert.deepEqual(back.actions, rollout.actions);
  }
  const { rollout } = await recorded(turnstile);
  assert.equal(rollout.legal?.length, 4 * 3 * 3);
  const taken = Array.from(rollout.actions, (action, k) => rollout.legal![3 * k + action]);
  assert.ok(taken.every((isLegal) => isLegal === 1));
});

Deno.test("a rollout that was kept before observations had names still opens", async () => {
  const env = await corridor().create(createContext({ seed: 0 }), { envs: 3 });
  const rollout = await record(env, 4, 1);
  const { observations, ...rest } = encodeFeedback({ rollout, verdicts: [] }).rollout;
  const columns = { ...rest.columns, observations: observations!.cells };
  const old = parseExactJson(exactJson({ rollout: { ...rest, columns }, verdicts: [] }));
  const back = decodeFeedback(old as never, env.spec.actions, env.spec).rollout;
  assert.deepEqual(back.observations, rollout.observations);
  const other = { ...env.spec, observation: { cells: multiDiscrete([7]) } };
  assert.throws(() => decodeFeedback(old as never, env.spec.actions, other), {
    code: "E_SHAPE",
    message: /^The tensor "cells" of the env's observations is not there|holds "24" numbers/,
  });
});

Deno.test("a world with legal actions keeps the contract, and refuses what is illegal", async () => {
  assert.deepEqual(await checkEnv(turnstile()), []);
  const env = await turnstile().create(createContext({ seed: 0 }), { envs: 1 });
  const { tensors } = env.reset([0]);
  const blocked = tensors.blocked!.data[0]!;
  assert.throws(() => env.step(Int32Array.of(blocked)), {
    code: "E_ACTION",
    message: `"push ${blocked}" is not legal now in "Turnstile-v0".`,
  });
});

for (const guidance of ["features", "trust", "annealed"] as const) {
  Deno.test(`tabular-q heeds legal actions (${guidance})`, async () => {
    const student = tabularQ({ guidance, exploration: 0.5, initial: 1 });
    assert.deepEqual(await checkStudent(student, { world: turnstile() }), []);
  });
}
