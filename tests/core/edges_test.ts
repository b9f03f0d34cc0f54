import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import type { PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Mode, Observations, Rollout } from "../../core/stages/mod.ts";
import { stageOf, stubEnv, stubFeedback, stubPipeline, stubStudent } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";

type Schedule = NonNullable<PipelineDefinition["schedule"]>;

/** What a scripted teacher hears and says; one prompt an environment, three tokens each. */
interface Notes {
  /** Training steps at which it was asked, as "iteration:tick". */
  readonly asked: string[];
  /** Verdicts as they arrived: the ticks they are about, and their words. */
  readonly heard: string[];
  readonly measured: number[];
}

function notingTeacher({ asked, heard, measured }: Notes) {
  let usage = { calls: 0, cacheHits: 0, tokens: 0 };
  return stageOf("teacher", () => ({
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: ["memory"],
    advise({ envs, tensors }: Observations, mode: Mode) {
      const data = bytesIn(tensors);
      const { calls, tokens } = usage;
      usage = { calls: calls + envs, cacheHits: 0, tokens: tokens + 3 * envs };
      if (mode === "train") asked.push(`${data[0]}`);
      else measured.push(data[0]!);
      const guidance = silence(envs, ["left", "right"]);
      for (let i = 0; i < envs; i++) suggest(guidance, i, data[i]! % 2, 0.75);
      return guidance;
    },
    receive({ rollout, verdicts }) {
      heard.push(`${[...bytesIn(rollout.observations)]}: ${verdicts.map(({ words }) => words(0))}`);
    },
    usage: () => usage,
  }));
}

/** A rule that says what the tick is, when it is asked for its words. */
const speaking = stageOf("feedback", () => ({
  judge: ({ rollout, step, advantages: { length } }) => ({
    signs: new Int8Array(length).fill(1),
    strengths: new Float32Array(length).fill(1),
    words: (i) => `tick ${bytesIn(rollout.observations)[step * rollout.envs + i]}`,
  }),
}));

/** Runs stubs with a schedule, 1 environment unless told otherwise. */
async function runWith(schedule: Schedule, changes: Partial<PipelineDefinition> = {}) {
  const notes: Notes = { asked: [], heard: [], measured: [] };
  const rollouts: Rollout[] = [];
  const events: TandemEvent[] = [];
  const student = stubStudent();
  const pipeline = stubPipeline([], {
    teacher: notingTeacher(notes),
    feedback: speaking,
    student: {
      ...student,
      async create(context, wiring) {
        const made = await student.create(context, wiring);
        const act: typeof made.act = (observations, guidance, mode) =>
          made.act(observations, { ...guidance, choices: guidance.choices.map(Math.abs) }, mode);
        const learn: typeof made.learn = (rollout, estimate) => {
          const choices = rollout.guidance.map((guidance) => guidance.choices.slice());
          rollouts.push(structuredClone({ ...rollout, guidance: [], choices }) as never);
          return made.learn(rollout, estimate);
        };
        return { ...made, act, learn };
      },
    },
    ...changes,
    schedule,
  });
  const emit = (event: TandemEvent) => void events.push(event);
  const result = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  const told = rollouts.map((rollout) =>
    (rollout as unknown as { choices: Int32Array[] }).choices.map(([choice]) => choice)
  );
  const warnings = events.flatMap((event) => event.type === "warning" ? event.message : []);
  return { ...notes, told, events, warnings, result };
}

Deno.test("adviceEvery asks the teacher every so many steps, over the ends of rollouts", async () => {
  const { asked, told } = await runWith({ iterations: 2, steps: 4, adviceEvery: 3 });
  assert.deepEqual(asked, ["0", "3", "6"]);
  assert.deepEqual(told, [[0, -1, -1, 1], [-1, -1, 0, -1]]);
});

Deno.test("adviceDelay lets advice arrive later, and never in another episode", async () => {
  const { asked, told } = await runWith({ iterations: 2, steps: 5, adviceDelay: 2 }, {
    env: stubEnv({ length: 4 }),
  });
  assert.deepEqual(asked.join(""), "0123012301");
  // Ticks 0 1 2 3 0 | 1 2 3 0 1: what was said at 0 and 1 arrives at 2 and 3.
  assert.deepEqual(told, [[-1, -1, 0, 1, -1], [-1, 0, 1, -1, -1]]);
});

Deno.test("adviceCalls silences the teacher before its budget would be overdrawn", async () => {
  const { asked, told, warnings, events } = await runWith(
    { iterations: 3, steps: 2, envs: 2, adviceCalls: 7 },
  );
  assert.deepEqual(asked.length, 3, "three times two prompts");
  assert.deepEqual(told, [[0, 1], [0, -1], [-1, -1]]);
  assert.deepEqual(warnings, [
    "The teacher's budget of calls is spent (6): it is silent from here on.",
  ]);
  const left = events.find((event) => event.type === "teacher.left");
  assert.deepEqual([left?.iteration, left?.why], [2, "calls"]);
});

Deno.test("adviceTokens silences the teacher when its budget is spent", async () => {
  const { told, events, warnings } = await runWith({ iterations: 2, steps: 3, adviceTokens: 6 });
  assert.deepEqual(told, [[0, 1, -1], [-1, -1, -1]]);
  assert.deepEqual(warnings, [
    "The teacher's budget of tokens is spent (6): it is silent from here on.",
  ]);
  const left = events.find((event) => event.type === "teacher.left");
  assert.deepEqual([left?.iteration, left?.why], [1, "tokens"]);
});

Deno.test("a budget of calls is looked at when the teacher would be asked, not between", async () => {
  const { asked, events } = await runWith(
    { iterations: 3, steps: 2, envs: 2, adviceEvery: 3, adviceCalls: 2 },
  );
  assert.deepEqual(asked, ["0"]);
  const left = events.find((event) => event.type === "teacher.left");
  assert.deepEqual([left?.iteration, left?.why], [2, "calls"]);
});

Deno.test("measuring costs nothing of the budget", async () => {
  const { told } = await runWith({ iterations: 2, steps: 2, adviceCalls: 4 }, {
    evaluation: { episodes: 5, states: 5, every: 1 },
  });
  assert.deepEqual(told, [[0, 1], [0, 1]]);
});

Deno.test("teacherOff silences the teacher after a share of the iterations and measures what is left", async () => {
  const { told, events, result, measured } = await runWith({
    iterations: 4,
    steps: 2,
    teacherOff: 0.5,
  });
  assert.deepEqual(told, [[0, 1], [0, 1], [-1, -1], [-1, -1]]);
  const order = events.map(({ type }) => type).filter((type) => type !== "ledger");
  assert.deepEqual(order, [
    "run.started",
    "evaluated",
    "iteration.ended",
    "iteration.ended",
    "teacher.left",
    "iteration.ended",
    "iteration.ended",
    "evaluated",
  ]);
  assert.equal(result.retention?.iteration, 2);
  assert.equal(result.retention?.withTeacher.episodes, 1);
  assert.equal(result.retention?.alone.episodes, 1);
  // Three held-out steps with the teacher at the start and at the farewell, none at the end; its
  // accuracy is asked at one state at the start and at the end.
  assert.equal(measured.length, 3 + 1 + 3 + 1);
});

Deno.test("a teacher that stays is not taken leave of", async () => {
  const { result, events } = await runWith({ iterations: 2, steps: 2 });
  assert.equal(result.retention, undefined);
  assert.equal(events.some(({ type }) => type === "teacher.left"), false);
});

Deno.test("teacherOff 0 leaves the student alone from the start", async () => {
  const { asked, result } = await runWith({ iterations: 2, steps: 2, teacherOff: 0 });
  assert.deepEqual(asked, []);
  assert.equal(result.retention?.iteration, 0);
});

Deno.test("feedback arrives at once unless it is delayed", async () => {
  const { heard } = await runWith({ iterations: 1, steps: 3 });
  assert.deepEqual(heard, ["0: tick 0", "1: tick 1", "2: tick 2"]);
});

Deno.test("feedbackDelay lets verdicts arrive later, as they were given, over the ends of rollouts", async () => {
  const { heard } = await runWith({ iterations: 2, steps: 4, feedbackEvery: 2, feedbackDelay: 3 });
  // Given at the steps 2, 4, 6 and 8; the last would arrive at 11, when the run is over.
  assert.deepEqual(heard, ["0,1: tick 0,tick 1"].concat(["2,3: tick 2,tick 3"]));
});

Deno.test("feedbackBound loses verdicts while so many are under way", async () => {
  const schedule = { iterations: 1, steps: 8, feedbackDelay: 4 };
  const all = await runWith(schedule);
  assert.deepEqual(all.heard, [0, 1, 2, 3].map((tick) => `${tick}: tick ${tick}`));
  const bounded = await runWith({ ...schedule, feedbackBound: 2 });
  // Those of the ticks 0 and 1 arrive at the steps 5 and 6, when there is room for two more.
  assert.deepEqual(bounded.heard, ["0: tick 0", "1: tick 1"]);
  const wide = await runWith({ ...schedule, feedbackBound: 4 });
  assert.deepEqual(wide.heard, all.heard);
});

Deno.test("warmUp gives verdicts and keeps them from the teacher", async () => {
  const { heard, result } = await runWith({ iterations: 3, steps: 2, warmUp: 2 });
  assert.deepEqual(heard, ["4: tick 4", "5: tick 5"]);
  assert.equal(result.verdicts.positive, 6);
});

Deno.test("schedules of the edges are bounded", () => {
  for (const schedule of [{ adviceEvery: 0 }, { teacherOff: 1.5 }, { feedbackBound: 0 }]) {
    assert.throws(() => stubPipeline([], { feedback: stubFeedback(), schedule }), {
      code: "E_OPTION",
    });
  }
});
