import assert from "node:assert/strict";
import { Pcg64 } from "../../../../../core/kit/random.ts";
import {
  LinearBandit,
  linUcb,
  thompson,
} from "../../../../../plugins/teacher/language_model/channels/logits/bandit.ts";
import type { Channel } from "../../../../../core/stages/mod.ts";
import { featuresOf } from "../../../../../plugins/teacher/language_model/features.ts";
import { GradientBandit } from "../../../../../plugins/teacher/language_model/channels/logits/gradient.ts";
import {
  LinearPosterior,
  vectorOf,
} from "../../../../../plugins/teacher/language_model/channels/logits/linear.ts";
import { Ratings } from "../../../../../plugins/teacher/language_model/channels/logits/ratings.ts";
import { Worth } from "../../../../../plugins/teacher/language_model/worth.ts";
import { best, BOX, KEY, Pupil, verdictOn } from "./examples.ts";

function near(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `${actual} is not ${expected}`);
  }
}

// phi_1 = (1, 0) w = 2, phi_2 = (1, 1) / sqrt 2, w = 0; ridge 1:
// A = [[2.5, .5], [.5, 1.5]], det 3.5, A^-1 = [[3, -1], [-1, 5]] / 7, b = (2, 0), theta = (6, -2) / 7.
Deno.test("LinearPosterior: two verdicts give the inverse and the estimate by hand", () => {
  const posterior = new LinearPosterior(2, 1);
  posterior.learn({ at: [0], value: 1 }, 2);
  posterior.learn({ at: [0, 1], value: Math.SQRT1_2 }, 0);
  near([...posterior.inverse], [3 / 7, -1 / 7, -1 / 7, 5 / 7], 1e-12);
  near([...posterior.theta], [6 / 7, -2 / 7], 1e-12);
  assert.ok(Math.abs(posterior.variance({ at: [0, 1], value: Math.SQRT1_2 }) - 3 / 7) < 1e-12);
});

Deno.test("LinearPosterior: a thousand rank-one updates leave an inverse of what was summed", () => {
  const [width, random] = [5, new Pcg64(3)];
  const posterior = new LinearPosterior(width, 2);
  const sums = Array.from({ length: width }, (_, d) => {
    return Array.from({ length: width }, (_, e) => d === e ? 2 : 0);
  });
  for (let k = 0; k < 1000; k++) {
    const at = random.sample(width, 2);
    posterior.learn({ at, value: Math.SQRT1_2 }, random.gaussian());
    for (const d of at) for (const e of at) sums[d]![e]! += 0.5;
  }
  for (let d = 0; d < width; d++) {
    const row = sums.map((_, e) => {
      return sums.reduce((sum, _, m) => sum + sums[d]![m]! * posterior.inverse[m * width + e]!, 0);
    });
    near(row, sums.map((_, e) => d === e ? 1 : 0), 1e-9);
  }
});

Deno.test("vectorOf: as long as 1, the same for the same things, never outside its width", () => {
  for (const width of [1, 7, 128]) {
    const { at, value } = vectorOf(featuresOf("go", ["a key", "a box", "a door"]), width);
    assert.ok(at.every((d) => d >= 0 && d < width) && new Set(at).size === at.length);
    assert.ok(Math.abs(at.length * value * value - 1) < 1e-12);
  }
  assert.deepEqual(vectorOf(featuresOf("go", [])), vectorOf(featuresOf("go", [])));
  assert.equal(vectorOf(featuresOf("go", [])).at.length, 1);
});

// usual 1: v = 1, mean 1, w = 0; then v = -1, mean 0, w = -1; then v = 1 + G(key, 0) = 2 alone in its
// state, w = 0.
Deno.test("Worth: what a verdict says of a suggestion and beyond the others in its state, by hand", () => {
  const worth = new Worth();
  assert.deepEqual(worth.of(verdictOn(KEY!, 0, 1)), { worth: 1, relativeWorth: 0 });
  assert.deepEqual(worth.of(verdictOn(KEY!, 1, -1)), { worth: -1, relativeWorth: -1 });
  const comparesWith = { features: KEY!, candidate: 0 };
  assert.deepEqual(worth.of(verdictOn(BOX!, 2, 1, { comparesWith })), {
    worth: 2,
    relativeWorth: 0,
  });
  // v = -1, mean 1 / 2
  assert.deepEqual(worth.of(verdictOn(BOX!, 1, -1)), { worth: -1, relativeWorth: -1.5 });
  assert.equal(worth.of(verdictOn(BOX!, 1, 1, { strength: NaN })), undefined);
});

// One feature: ridge 1, w = 0 then -1 for arm 1: theta_1 = -1 / 2, variance 1 / 2; arm 0: 0, 1 / 2.
Deno.test("LinUCB: an arm's mean and the upper end of its interval, by hand", () => {
  const parts = { candidates: 3, gain: 2, ridge: 1, width: 16, explore: (d: number) => d };
  const bandit = new Pupil(new LinearBandit(parts));
  bandit.learn(KEY!, 0, 1);
  bandit.learn(KEY!, 1, -1);
  near(bandit.corrections(KEY!), [0, -1, 0]);
  const half = Math.SQRT1_2;
  near(bandit.corrections(KEY!, "train"), [2 * half, 2 * (half - 0.5), 2]);
});

Deno.test("Thompson sampling draws arms by their posteriors, from the stream that it was given", () => {
  const make = () => {
    const bandit = new Pupil(thompson(3, 1, new Pcg64(5)));
    for (let k = 0; k < 60; k++) bandit.learn(KEY!, k % 2, k % 2 === 0 ? 1 : -1);
    return bandit;
  };
  const [one, other] = [make(), make()];
  const draws = Array.from({ length: 2000 }, () => one.corrections(KEY!, "train"));
  assert.deepEqual(
    draws.slice(0, 5),
    [0, 1, 2, 3, 4].map(() => other.corrections(KEY!, "train")),
  );
  const means = one.corrections(KEY!);
  // Thirty verdicts on arms 0 and 1 at a prior of 4: variance 1 / 34; none on arm 2: 1 / 4.
  for (const [c, variance] of [1 / 34, 1 / 34, 1 / 4].entries()) {
    const values = draws.map((draw) => draw[c]!);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(mean - means[c]!) < 4 * Math.sqrt(variance / 2000), `${mean}`);
    assert.ok(Math.abs(spread / variance - 1) < 0.15, `${spread}`);
  }
});

// w = 0 for arm 0; -1 for arm 1: theta_1 = 0.02 (-1), and a gain of 50 makes it -1.
Deno.test("GradientBandit: one step each, by hand", () => {
  const bandit = new Pupil(new GradientBandit(3, 50));
  bandit.learn(KEY!, 0, 1);
  bandit.learn(KEY!, 1, -1);
  near(bandit.corrections(KEY!), [0, -1, 0]);
  near(bandit.corrections(BOX!), [0, 0, 0]);
});

const MAKERS: Record<string, () => Pupil<Channel>> = {
  ratings: () => new Pupil(new Ratings(3, 3.5)),
  thompson: () => new Pupil(thompson(3, 3.5, new Pcg64(1))),
  linucb: () => new Pupil(linUcb(3, 3.5)),
  gradient: () => new Pupil(new GradientBandit(3, 3.5)),
};

/** Twelve places of a thing, in which left, right or on is right. */
const PLACES = Array.from({ length: 12 }, (_, k) => ({
  state: featuresOf("go", [`a key ${k} steps away`, `a wall ${k % 4} steps ahead`]),
  right: k % 3,
}));

/** An expert's verdicts on candidates drawn at random, some of them wrong. */
function teach(corrector: Pupil<Channel>, verdicts: number, wrong: number): void {
  const random = new Pcg64(9);
  for (let k = 0; k < verdicts; k++) {
    const { state, right } = PLACES[random.integers(0, PLACES.length)]!;
    const candidate = random.integers(0, 3);
    const honest = random.random() >= wrong ? 1 : -1;
    corrector.learn(state, candidate, honest * (candidate === right ? 1 : -1));
  }
}

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`logits "${name}": learns what an expert judges, three verdicts of ten being wrong`, () => {
    const corrector = make();
    teach(corrector, 3000, 0.3);
    for (const { state, right } of PLACES) {
      assert.equal(best(corrector.corrections(state)), right, state.whole);
    }
  });

  Deno.test(`logits "${name}": save and load go on exactly`, async () => {
    const [one, other] = [make(), make()];
    teach(one, 200, 0.2);
    teach(other, 20, 0.9); // is forgotten
    await other.follow(one);
    for (const each of [one, other]) teach(each, 50, 0.1);
    for (const { state } of PLACES) {
      assert.deepEqual(
        other.corrections(state, "train"),
        one.corrections(state, "train"),
      );
    }
    assert.deepEqual(other.channel.save!(), one.channel.save!());
  });

  Deno.test(`logits "${name}": verdicts without strength teach nothing`, () => {
    const corrector = make();
    for (const strength of [NaN, 0, -1, Infinity]) {
      corrector.learn(KEY!, 0, 1, { strength });
    }
    near(corrector.corrections(KEY!), [0, 0, 0]);
  });
}
