/** Searches on functions whose best is known. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { between, logBetween, whole } from "../../../core/kit/bounds.ts";
import { dimensionOf, placeOf, sizeOf, valueAt } from "../../../lab/tuning/dimension.ts";
import { rungsOf, survivorsOf } from "../../../lab/tuning/halving.ts";
import { gridConfigurations } from "../../../lab/tuning/grid.ts";
import { parzenEstimator } from "../../../lab/tuning/parzen.ts";
import {
  batchesOf,
  type Method,
  METHODS,
  nextBatch,
  type Search,
} from "../../../lab/tuning/search.ts";
import {
  type Configuration,
  configurationKey,
  settingsOf,
  type Space,
  type Tried,
} from "../../../lab/tuning/space.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import * as v from "valibot";

const SPACE: Space = [
  dimensionOf("student.learningRate", logBetween(1e-4, 1)),
  dimensionOf("advantage.gamma", between(0, 1)),
  dimensionOf("student.hidden", whole(1, 64)),
];
const BEST = [0.6, 0.3, 0.8];

/** Minus the squared distance to the best place. */
function quadratic(configuration: Configuration): number {
  return -SPACE.reduce((sum, dimension, i) => {
    return sum + (placeOf(dimension, configuration[dimension.name]!) - BEST[i]!) ** 2;
  }, 0);
}

/** Goes through a search; gives what each batch came to. */
function searched(search: Search, score: (it: Configuration) => number = quadratic): Tried[][] {
  const finished: Tried[][] = [];
  for (let batch = nextBatch(search, finished); batch; batch = nextBatch(search, finished)) {
    finished.push(batch.configurations.map((configuration) => ({
      configuration,
      score: score(configuration),
    })));
  }
  return finished;
}

function searchOf(method: Method, seed: number | string, trials = 20): Search {
  return { space: SPACE, method, trials, iterations: 90, seed: `${seed}` };
}

const bestOf = (finished: readonly Tried[][]) =>
  Math.max(...finished.flat().map(({ score }) => score));

Deno.test("TPE beats random search on a quadratic function, with the same number of trials", () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => seed);
  const best = (method: Method) => seeds.map((seed) => bestOf(searched(searchOf(method, seed))));
  const [tpe, random] = [best("tpe"), best("random")];
  const wins = seeds.filter((seed) => tpe[seed]! > random[seed]!).length;
  assert.ok(wins >= 70, `it wins ${wins} times of 100`);
  const regret = (scores: number[]) => -scores.reduce((sum, score) => sum + score, 0) / 100;
  assert.ok(regret(tpe) < 0.6 * regret(random), `${regret(tpe)}, ${regret(random)}`);
});

Deno.test("every search gives the same proposals for the same seed, others for another, and tries as many as it may", () => {
  for (const method of METHODS) {
    const [once, again, other] = [1, 1, 2].map((seed) => searched(searchOf(method, seed)));
    assert.deepEqual(again, once);
    if (method !== "grid") assert.notDeepEqual(other, once);
    assert.deepEqual(
      once!.map(({ length }) => length),
      batchesOf(searchOf(method, 1)).map(({ size }) => size),
    );
  }
});

Deno.test("more trials keep what a search has proposed before", () => {
  for (const method of ["tpe", "random"] as const) {
    const [few, many] = [18, 34].map((trials) => searched(searchOf(method, 3, trials)).flat());
    assert.deepEqual(many!.slice(0, 18), few);
  }
});

Deno.test("halving gives every rung the same budget, no more than the trials cost together", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 5000 }),
      (trials, iterations) => {
        const rungs = rungsOf(trials, iterations);
        const share = trials * iterations / rungs.length;
        for (const { size, iterations: length } of rungs) {
          assert.ok(size >= 1);
          assert.ok(size * length <= share + 1e-6);
          assert.ok(size * length > share - length, "no further run fits in");
        }
        assert.equal(rungs.at(-1)!.iterations, iterations);
        rungs.slice(1).forEach((rung, i) => {
          assert.ok(rung.size <= rungs[i]!.size && rung.iterations > rungs[i]!.iterations);
        });
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("halving finds the best of its first rung, and keeps the earlier of equal ones", () => {
  const finished = searched(searchOf("halving", 5, 24));
  assert.equal(bestOf(finished.slice(-1)), bestOf(finished.slice(0, 1)));
  const tried = [1, 3, 3, -Infinity, 3].map((score, i) => ({ configuration: { i }, score }));
  assert.deepEqual(survivorsOf(tried, 2), [{ i: 1 }, { i: 2 }]);
});

Deno.test("a grid holds its ends and its choices, and is filled to the number of trials", () => {
  const space = [
    dimensionOf("student.hidden", v.picklist(["a", "b"])),
    dimensionOf("advantage.gamma", between(0, 1)),
  ];
  const grid = gridConfigurations(space, 7, new Pcg64(0));
  assert.equal(new Set(grid.map(configurationKey)).size, 7);
  for (const choice of ["a", "b"]) {
    for (const gamma of [0, 0.5, 1]) {
      const wanted = { "student.hidden": choice, "advantage.gamma": gamma };
      assert.ok(grid.some((one) => configurationKey(one) === configurationKey(wanted)));
    }
  }
  assert.throws(() => gridConfigurations(space, 1, new Pcg64(0)), /"1" trials; say --trials 2/);
});

Deno.test("failures count as worse than anything, and never break a search", () => {
  for (const method of METHODS) {
    const finished = searched(
      searchOf(method, 7, 30),
      (it) => Number(it["advantage.gamma"]) > 0.5 ? -Infinity : quadratic(it),
    );
    assert.ok(Number.isFinite(bestOf(finished)), method);
  }
  const tpe = searched(
    searchOf("tpe", 7, 40),
    (it) => Number(it["advantage.gamma"]) > 0.5 ? -Infinity : quadratic(it),
  ).flat();
  const late = tpe.slice(-20).filter(({ score }) => score === -Infinity).length;
  assert.ok(late < 8, `${late} of the last 20 fail`);
});

Deno.test("TPE finds the right one of several choices", () => {
  const space = [dimensionOf("student.kind", v.picklist(["a", "b", "c", "d", "e", "f"]))];
  const finished = searched(
    { space, method: "tpe", trials: 26, iterations: 1, seed: "choices" },
    (it) => it["student.kind"] === "e" ? 1 : 0,
  );
  const late = finished.flat().slice(-10).filter(({ score }) => score === 1).length;
  assert.ok(late >= 5, `${late} of the last 10 are right`);
});

Deno.test("Parzen densities integrate to one, and draws follow them", () => {
  const dimension = SPACE[1]!;
  const seen = [0.1, 0.15, 0.9];
  const density = parzenEstimator(dimension, seen);
  const places = Array.from({ length: 2000 }, (_, i) => (i + 0.5) / 2000);
  const mass = (from: number, to: number) =>
    places.filter((place) => place > from && place < to)
      .reduce((sum, place) => sum + density.at(place) / 2000, 0);
  assert.ok(Math.abs(mass(0, 1) - 1) < 1e-3);
  const random = new Pcg64(4);
  const drawn = Array.from({ length: 4000 }, () => density.draw(random));
  for (const [from, to] of [[0, 0.2], [0.2, 0.8], [0.8, 1]] as const) {
    const share = drawn.filter((place) => place > from && place < to).length / 4000;
    assert.ok(Math.abs(share - mass(from, to)) < 0.03, `${share}, ${mass(from, to)}`);
  }
});

Deno.test("a value lies at its place, within its ends", () => {
  const dimensions = [
    between(-2, 5),
    logBetween(1e-5, 10),
    whole(3, 9),
    v.boolean(),
    v.picklist(["x", 1]),
  ].map((schema) => dimensionOf("a.b", schema));
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (place) => {
      for (const dimension of dimensions) {
        const value = valueAt(dimension, place);
        const near = Math.max(1e-3, 0.5 / sizeOf(dimension) + 1e-9);
        assert.ok(Math.abs(placeOf(dimension, value) - place) <= near, `${value} at ${place}`);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("dimensions are read off schemas, however they are made", () => {
  const read = (schema: unknown) => dimensionOf("a.b", schema);
  const number = { name: "a.b", log: false, whole: false };
  assert.deepEqual(read(v.pipe(v.number(), v.minValue(1), v.maxValue(2))), {
    ...number,
    low: 1,
    high: 2,
  });
  assert.deepEqual(read(v.pipe(whole(1, 9), v.minValue(2))), {
    ...number,
    low: 2,
    high: 9,
    whole: true,
  });
  assert.deepEqual(read(logBetween(0.1, 1)), { ...number, low: 0.1, high: 1, log: true });
  assert.deepEqual(read(v.boolean()), { name: "a.b", choices: [false, true] });
  assert.deepEqual(read(v.union([v.literal("x"), v.picklist([1, 2])])), {
    name: "a.b",
    choices: ["x", 1, 2],
  });
  assert.deepEqual(settingsOf({ "a.b": "x", "a.c": 0.5, "a.d": true }), [
    "a.b=x",
    "a.c=0.5",
    "a.d=true",
  ]);
});

const NO_DIMENSIONS: readonly [schema: unknown, message: RegExp][] = [
  [v.number(), /"a.b" must have two ends, the lower first, such as between/],
  [v.pipe(v.number(), v.minValue(1)), /two ends/],
  [between(2, 1), /two ends/],
  [logBetween(0, 1), /begins at "0", and a logarithmic scale above 0/],
  [v.string(), /is no schema that can be tried; right would be between\(0, 1\)/],
  [[0, 1], /is no schema/],
  [v.picklist([]), /from 1 to 1000 choices/],
  [v.literal(10n), /each a text, a number or a boolean/],
];

for (const [i, [schema, message]] of NO_DIMENSIONS.entries()) {
  Deno.test(`a schema that cannot be tried is told in a sentence (${i + 1})`, () => {
    assert.throws(() => dimensionOf("a.b", schema), { code: "E_ARGUMENT", message });
  });
}
