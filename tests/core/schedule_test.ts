import assert from "node:assert/strict";
import { parseOptions } from "../../core/pipeline/options.ts";
import { checkSchedule, EVALUATION, SCHEDULE } from "../../core/pipeline/schedule.ts";

Deno.test("a schedule that says nothing is the one of the documentation", () => {
  assert.deepEqual(parseOptions(SCHEDULE, {}, "schedule"), {
    iterations: 40,
    envs: 64,
    steps: 64,
    feedbackEvery: 1,
    feedbackDelay: 0,
    warmUp: 0,
    adviceEvery: 1,
    adviceDelay: 0,
    teacherOff: 1,
  });
  assert.deepEqual(parseOptions(EVALUATION, {}, "evaluation"), {
    episodes: 200,
    states: 256,
    every: 0,
    advice: false,
  });
});

/** The least and the greatest that each may be, and what is just beyond. */
const BOUNDS = {
  iterations: { right: [0], wrong: [-1, 0.5] },
  envs: { right: [1], wrong: [0] },
  steps: { right: [1], wrong: [0] },
  feedbackEvery: { right: [1], wrong: [0] },
  feedbackDelay: { right: [0], wrong: [-1] },
  feedbackBound: { right: [1, undefined], wrong: [0] },
  warmUp: { right: [0], wrong: [-1] },
  adviceEvery: { right: [1], wrong: [0] },
  adviceDelay: { right: [0], wrong: [-1] },
  adviceCalls: { right: [0, undefined], wrong: [-1] },
  adviceTokens: { right: [0, undefined], wrong: [-1] },
  adviceTrial: { right: [0, 0.5, undefined], wrong: [-0.01, 0.51] },
  adviceBudget: { right: [0, 0.3, 1], wrong: [-0.1, 1.1] },
  adviceAnnealing: { right: [1, 60], wrong: [0, 1.5] },
  adviceTimeout: { right: [0.001, undefined], wrong: [0] },
  teacherOff: { right: [0, 1], wrong: [-0.01, 1.01] },
  episodes: { right: [1], wrong: [0] },
  states: { right: [1], wrong: [0] },
  every: { right: [0], wrong: [-1] },
  advice: { right: [true, false], wrong: [1] },
};

Deno.test("schedules and evaluations are bounded where they would mean nothing", () => {
  for (const [name, { right, wrong }] of Object.entries(BOUNDS)) {
    const schema = name in SCHEDULE ? SCHEDULE : EVALUATION;
    const parse = (value: unknown) => parseOptions(schema, { [name]: value }, "it");
    for (const value of right) assert.deepEqual(Reflect.get(parse(value), name), value);
    for (const value of wrong) {
      assert.throws(() => parse(value), {
        code: "E_OPTION",
        message: new RegExp(`"${name}" of it`),
      });
    }
  }
  const all = [...Object.keys(SCHEDULE), ...Object.keys(EVALUATION)];
  assert.deepEqual(all.sort(), Object.keys(BOUNDS).sort());
});

Deno.test("a rollout has a bound", () => {
  const schedule = parseOptions(SCHEDULE, { steps: 4 }, "schedule");
  checkSchedule(schedule);
  assert.throws(() => checkSchedule({ ...schedule, envs: 100_000, steps: 1_000_000 }), {
    code: "E_OPTION",
    message: /schedule.envs × schedule.steps is "100000 × 1000000": a rollout has at most/,
  });
});
