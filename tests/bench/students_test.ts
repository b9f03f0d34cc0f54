import assert from "node:assert/strict";
import { held, parseCurves, reached } from "../../bench/students/curves.ts";
import { MORE_ROOMS, ROOMS } from "../../bench/students/settings.ts";
import { findLevel, LEVEL_IDS, levelId } from "../../plugins/env/babyai/levels.ts";

const POINTS: [number, number][] = [[0, 0.1], [8, 0.95], [16, 0.94], [24, 0.97], [32, 0.96], [
  40,
  0.95,
]];

Deno.test("a share is reached at the first evaluation, and held from where two more have it", () => {
  assert.deepEqual([reached(POINTS, 0.95), held(POINTS, 0.95)], [8, 24]);
  assert.deepEqual([reached(POINTS, 0.98), held(POINTS, 0.98)], [undefined, undefined]);
  assert.equal(held(POINTS.slice(0, 5), 0.95), undefined, "two of three are not yet held");
});

Deno.test("curves are lines of JSON, and each line is checked", () => {
  const line = {
    level: "GoToObj",
    group: "go to",
    seed: 1,
    settings: [],
    seconds: 2,
    points: POINTS,
  };
  assert.deepEqual(parseCurves(`${JSON.stringify(line)}\n`), [line]);
  assert.throws(() => parseCurves('{"level": 1}'));
});

Deno.test("every level of one room stands in the groups, once", () => {
  const levels = [...ROOMS, ...MORE_ROOMS].flatMap(({ levels }) => levels).map(levelId);
  assert.equal(new Set(levels).size, levels.length);
  const single = LEVEL_IDS.filter((id) => {
    const { columns, rows } = findLevel(id);
    return columns * rows === 1;
  });
  assert.ok(single.length > 20);
  assert.deepEqual(single.filter((id) => !levels.includes(id)), []);
});
