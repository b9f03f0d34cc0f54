import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { scoreOf, whyNoScore } from "../../../lab/statistics/score.ts";

Deno.test("a score never falls as success rises, and is a finite number or none", () => {
  const random = new Pcg64(3);
  let [scored, unscored] = [0, 0];
  for (let k = 0; k < 3000; k++) {
    const worlds = random.choice([1, 2, 5, 20, 100, 2000]);
    const share = () => random.integers(0, worlds + 1) / worlds;
    // Close together as often as far apart: there a ratio would be worst.
    const floor = share();
    const ceiling = random.random() < 0.5 ? share() : Math.min(1, floor + 1 / worlds);
    const reference = { floor, ceiling, worlds: random.random() < 0.5 ? worlds : undefined };
    const scores = Array.from({ length: 21 }, (_, i) => scoreOf(i / 20, reference));
    if (scores.includes(null)) {
      assert.ok(scores.every((score) => score === null), "a level has a score or none");
      assert.match(whyNoScore(reference)!, /^the expert is /);
      unscored++;
      continue;
    }
    assert.equal(whyNoScore(reference), null);
    for (const [i, score] of scores.entries()) {
      assert.ok(Number.isFinite(score), `${score}`);
      assert.ok(i === 0 || score! > scores[i - 1]!, `${JSON.stringify(reference)}: ${scores}`);
    }
    scored++;
  }
  assert.ok(scored > 300 && unscored > 300, `${scored} with a score, ${unscored} without`);
});

Deno.test("a score is 0 at the floor, 1 at the ceiling, and beyond them where success is", () => {
  const scores = [0.4, 0.7, 1, 0.1].map((success) => scoreOf(success, { floor: 0.4, ceiling: 1 }));
  assert.deepEqual(scores, [0, (0.7 - 0.4) / 0.6, 1, (0.1 - 0.4) / 0.6]);
});

Deno.test("there is no score where the expert is no better than chance, and a reason", () => {
  const table: [
    floor: number | null,
    ceiling: number | null,
    worlds: number | undefined,
    RegExp,
  ][] = [
    [0.1825, 0, 2000, /^the expert is no better than chance \(0 % against 18\.3 %\)$/],
    [0.5, 0.5, 2000, /^the expert is no better than chance \(50\.0 % against 50\.0 %\)$/],
    // 5 of 10 against 3 of 10 is a toss.
    [0.3, 0.5, 10, /no better than chance beyond the error of 10 worlds/],
    [0.5, 0.53, undefined, /^the expert is hardly better than chance/],
    [0.9, 0.949, 2_000_000, /^the expert is hardly better than chance/],
    [0.2, null, 100, /^there is no expert/],
    [null, 1, 100, /^there is no expert/],
    [NaN, 1, 100, /no numbers/],
  ];
  for (const [floor, ceiling, worlds, reason] of table) {
    assert.match(whyNoScore({ floor, ceiling, worlds })!, reason);
    for (const success of [0, 0.5, 1]) {
      assert.equal(scoreOf(success, { floor, ceiling, worlds }), null);
    }
  }
});

Deno.test("a few worlds are enough where the expert solves all and chance none", () => {
  assert.equal(scoreOf(0.75, { floor: 0, ceiling: 1, worlds: 4 }), 0.75);
  assert.equal(scoreOf(NaN, { floor: 0, ceiling: 1 }), null);
});

Deno.test("students may be worse than chance and better than the expert", () => {
  const reference = { floor: 0.25, ceiling: 0.75, worlds: 2000 };
  assert.deepEqual([0, 0.25, 0.5, 1].map((success) => scoreOf(success, reference)), [
    -0.5,
    0,
    0.5,
    1.5,
  ]);
});
