import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import type { StageSpec } from "../../core/pipeline/plugin.ts";
import { type Replacement, runPipeline } from "../../core/run/scheduler.ts";
import type { RunPart, StateName } from "../../core/stages/mod.ts";
import {
  stageOf,
  stubAdvantage,
  stubEnv,
  stubFeedback,
  stubPipeline,
  stubStudent,
  stubTeacher,
} from "./stubs.ts";

/** A rule that counts its verdicts in their strengths, and writes down what becomes of it. */
function counting(name: string, calls: string[], options: { loses?: boolean } = {}) {
  return stageOf("feedback", () => {
    let count = 0;
    return {
      judge({ advantages: { length } }) {
        calls.push(`${name} ${++count}`);
        return {
          signs: new Int8Array(length),
          strengths: new Float32Array(length),
          words: () => "",
        };
      },
      save: () => ({ json: count }),
      load({ json }) {
        if (options.loses) throw new Error("I have forgotten how");
        count = json as number;
      },
      dispose: () => void calls.push(`${name} is disposed of`),
    };
  });
}

/** Runs two iterations of two steps, with a replacement before the second. */
async function replacing(name: StateName, load: () => StageSpec, changes = {}) {
  const events: TandemEvent[] = [];
  const calls: string[] = [];
  const emit = (event: TandemEvent) => void events.push(event);
  const pipeline = stubPipeline(calls, { schedule: { iterations: 2, steps: 2 }, ...changes });
  let asked = 0;
  const replacements = () => (++asked === 2 ? [{ name, load }] : []) satisfies Replacement[];
  await runPipeline(pipeline, createContext({ seed: 0, emit }), { replacements });
  const told = events.flatMap((event) => event.type === "warning" ? event.message : []);
  return { told, calls };
}

Deno.test("a replaced stage goes on from the old one's state, which is disposed of", async () => {
  const calls: string[] = [];
  const { told } = await replacing("feedback", () => counting("new", calls), {
    feedback: counting("old", calls),
  });
  assert.deepEqual(calls, [
    ...["old 1", "old 2", "old is disposed of"],
    ...["new 3", "new 4", "new is disposed of"],
  ]);
  assert.deepEqual(told, ["The feedback is another one from here on."]);
});

Deno.test("a stage that cannot take the state over is disposed of, and the old one stays", async () => {
  const calls: string[] = [];
  const { told } = await replacing("feedback", () => counting("new", calls, { loses: true }), {
    feedback: counting("old", calls),
  });
  assert.deepEqual(calls, [
    ...["old 1", "old 2", "new is disposed of"],
    ...["old 3", "old 4", "old is disposed of"],
  ]);
  assert.deepEqual(told, [
    'The feedback "stub-feedback" failed: I have forgotten how. The feedback stays as it was.',
  ]);
});

Deno.test("a teacher, a student and an estimator can be replaced", async () => {
  const fresh: string[] = [];
  const stages: [StateName, StageSpec][] = [
    ["teacher", stubTeacher(fresh)],
    ["student", stubStudent(fresh)],
    ["advantage", stubAdvantage(fresh)],
  ];
  for (const [name, stage] of stages) {
    fresh.length = 0;
    const { told } = await replacing(name, () => stage);
    assert.deepEqual(told, [`The ${name} is another one from here on.`]);
    assert.ok(fresh.some((call) => /advise train|act train|estimate/.test(call)), name);
  }
});

Deno.test("an extra stage is replaced by name", async () => {
  const calls: string[] = [];
  const bonus = (name: string) =>
    stageOf("extra", (): RunPart => ({
      answer: ({ step }) => (calls.push(name), new Float32Array(step.rewards.length)),
    }));
  await replacing("extra.bonus", () => bonus("new"), { extras: { bonus: bonus("old") } });
  assert.deepEqual(calls, ["old", "old", "new", "new"]);
});

const REFUSED: readonly [what: string, name: StateName, stage: () => StageSpec, why: RegExp][] = [
  ["an env", "env", () => stubEnv(), /an env is not replaced while it is played/],
  [
    "a teacher with other candidates",
    "teacher",
    () =>
      stageOf("teacher", () => ({
        grain: "action",
        candidates: ["up", "down"],
        learnsBy: [],
        advise: () => assert.fail(),
        receive: () => {},
        usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
      })),
    /its candidates differ from those of the one before/,
  ],
  [
    "a rule that asks for other evidence",
    "feedback",
    () =>
      stageOf("feedback", () => ({
        needs: { frozenCritic: { every: 1 } },
        judge: () => assert.fail(),
      })),
    /its needs differ from those of the one before/,
  ],
  [
    "a rule that asks the expert all of a sudden",
    "feedback",
    () => ({ ...stubFeedback(), usesOracle: true }),
    /it asks the expert, and the one before did not/,
  ],
];

for (const [what, name, stage, why] of REFUSED) {
  Deno.test(`a run goes on without ${what}`, async () => {
    const { told } = await replacing(name, stage);
    assert.equal(told.length, 1);
    assert.match(told[0]!, why);
    assert.match(told[0]!, new RegExp(`The ${name} stays as it was\\.$`));
  });
}

Deno.test("a defect in what is loaded ends the run", async () => {
  const broken = () => {
    throw new TypeError("a defect");
  };
  await assert.rejects(replacing("feedback", broken), { name: "TypeError" });
});
