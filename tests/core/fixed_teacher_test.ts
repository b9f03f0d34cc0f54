import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { fixedTeacher, teacherStreams } from "../../core/kit/fixed_teacher.ts";
import type { Mode, Observations, Oracle } from "../../core/stages/mod.ts";
import { Ticks } from "./stubs.ts";

const NAMES = ["left", "right", "stay"];

Deno.test("fixedTeacher() suggests what it is told to, and counts no silence as a call", async () => {
  const teacher = fixedTeacher(NAMES, (i) =>
    [
      { choice: 2 },
      undefined,
      { choice: 1, confidence: 0.5 },
      { choice: 0, confidence: 0.5, logProb: -3 },
    ][i]);
  const { choices, distribution, logProbs, candidates } = await teacher.advise(
    new Ticks(4),
    "train",
  );
  assert.deepEqual([...choices], [2, -1, 1, 0]);
  assert.deepEqual([...distribution], [0, 0, 1, 0, 0, 0, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25]);
  assert.deepEqual([...logProbs], [0, 0, Math.fround(Math.log(0.5)), -3]);
  assert.equal(candidates, NAMES);
  assert.deepEqual(teacher.usage(), { calls: 3, cacheHits: 0, tokens: 0 });
  assert.deepEqual([teacher.grain, teacher.learnsBy], ["action", []]);
  assert.equal(fixedTeacher(NAMES, () => undefined, "plan").grain, "plan");
});

Deno.test("fixedTeacher() passes on why it is asked, the expert, and what is seen", async () => {
  const asked: [number, Mode, Oracle | undefined, Observations][] = [];
  const teacher = fixedTeacher(NAMES, (...of) => void asked.push(of));
  const oracle: Oracle = { action: () => 0, isRight: () => true };
  const seen = new Ticks(1);
  await teacher.advise(seen, "train", oracle);
  await teacher.advise(seen, "evaluate");
  assert.deepEqual(asked, [[0, "train", oracle, seen], [0, "evaluate", undefined, seen]]);
});

Deno.test("teacherStreams(): being measured leaves the draws of training as they were", () => {
  const streams = () => teacherStreams(createContext({ seed: 4 }));
  const [one, other] = [streams(), streams()];
  const measured = one.evaluate.random();
  const drawn = other.train.random();
  assert.notEqual(measured, drawn);
  assert.equal(one.train.random(), drawn);
});
