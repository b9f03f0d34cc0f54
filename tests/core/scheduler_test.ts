import assert from "node:assert/strict";
import type { Checkpoint } from "../../core/run/checkpoint.ts";
import { type Context, createContext } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { silence } from "../../core/kit/guidance.ts";
import type { Pipeline, PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../core/pipeline/plugin.ts";
import { type RunHooks, runPipeline } from "../../core/run/scheduler.ts";
import type {
  Decision,
  Guidance,
  JudgedStep,
  Mode,
  Observations,
  Reference,
  Rollout,
  StageKind,
  Stages,
} from "../../core/stages/mod.ts";
import { noTeacher } from "../../plugins/mod.ts";
import { stageOf, stubEnv, stubFeedback, stubPipeline, stubStudent, stubTeacher } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";

/** Runs a pipeline of stubs; gives what was called between the first training step and learning. */
async function callsOf(changes: Partial<PipelineDefinition>): Promise<string[]> {
  const calls: string[] = [];
  const result = await runPipeline(stubPipeline(calls, changes), createContext({ seed: 0 }));
  assert.equal(result.stopped, false);
  const from = calls.indexOf("teacher.advise train 0");
  return calls.slice(from, calls.findIndex((call) => call.startsWith("student.learn")) + 1);
}

async function eventsOf(pipeline: Pipeline, context: Partial<Context> = {}) {
  const events: TandemEvent[] = [];
  const emit = (event: TandemEvent) => void events.push(event);
  const result = await runPipeline(pipeline, createContext({ seed: 0, emit, ...context }));
  return { events, result };
}

/** A stage with some of its methods replaced. */
function altered<K extends StageKind>(
  stage: StageSpec<K>,
  change: (made: Stages[K], context: Context) => Partial<Stages[K]>,
): StageSpec<K> {
  return {
    ...stage,
    create: async (context, wiring) => {
      const made = await stage.create(context, wiring);
      return { ...made, ...change(made, context) };
    },
  };
}

/** The rollouts that a student learns from. */
function learnedRollouts(sink: Rollout[]): StageSpec<"student"> {
  return altered(stubStudent(), () => ({
    learn: (rollout) => (sink.push(structuredClone({ ...rollout, guidance: [] })), {}),
  }));
}

Deno.test("runPipeline() asks teacher, student and env in turn, and judges a step when its value follows", async () => {
  assert.deepEqual(await callsOf({}), [
    "teacher.advise train 0",
    "student.act train 0",
    "env.step 1",
    "teacher.advise train 1",
    "student.act train 1",
    "advantage.estimate 1",
    "feedback.judge 0 -> 1",
    "teacher.receive 1 1",
    "env.step 1",
    "teacher.advise train 2",
    "student.act train 2",
    "advantage.estimate 1",
    "feedback.judge 1 -> 2",
    "teacher.receive 1 1",
    "env.step 1",
    "student.values 3",
    "advantage.estimate 1",
    "feedback.judge 2 -> 3",
    "teacher.receive 1 1",
    "advantage.estimate 3",
    "student.learn 3 x 1",
  ]);
});

Deno.test("runPipeline() gives feedback every feedbackEvery steps and on what is left at the end", async () => {
  const calls = await callsOf({ schedule: { steps: 5, feedbackEvery: 2 } });
  assert.deepEqual(calls.filter((call) => /advise|receive/.test(call)), [
    "teacher.advise train 0",
    "teacher.advise train 1",
    "teacher.advise train 2",
    "teacher.receive 2 1,1",
    "teacher.advise train 3",
    "teacher.advise train 4",
    "teacher.receive 2 1,1",
    "teacher.receive 1 1",
  ]);
});

Deno.test("runPipeline() gives one verdict a token when feedback comes once a rollout", async () => {
  const calls = await callsOf({ schedule: { steps: 4, feedbackEvery: 4 } });
  assert.deepEqual(await callsOf({ schedule: { steps: 4, feedbackEvery: 64 } }), calls);
  assert.deepEqual(calls.filter((call) => /judge|receive/.test(call)), [
    "feedback.judge 0 -> 1",
    "feedback.judge 1 -> 2",
    "feedback.judge 2 -> 3",
    "feedback.judge 3 -> 4",
    "teacher.receive 4 1,1,1,1",
  ]);
});

Deno.test("runPipeline() takes the final observation's value where an episode is truncated", async () => {
  const rollouts: Rollout[] = [];
  await runPipeline(
    stubPipeline([], {
      env: stubEnv({ length: 2, end: "truncated" }),
      student: learnedRollouts(rollouts),
      schedule: { steps: 5 },
    }),
    createContext({ seed: 0 }),
  );
  assert.deepEqual([...rollouts[0]!.values], [0, 1, 0, 1, 0]);
  assert.deepEqual([...rollouts[0]!.truncated], [0, 1, 0, 1, 0]);
  assert.deepEqual([...rollouts[0]!.nextValues], [1, 2, 1, 2, 1]);
});

Deno.test("runPipeline() takes no value after a termination", async () => {
  const rollouts: Rollout[] = [];
  await runPipeline(
    stubPipeline([], {
      env: stubEnv({ length: 2 }),
      student: learnedRollouts(rollouts),
      schedule: { steps: 4, iterations: 2 },
    }),
    createContext({ seed: 0 }),
  );
  assert.deepEqual([...rollouts[0]!.nextValues], [1, 0, 1, 0]);
  assert.deepEqual([...rollouts[0]!.rewards], [0, 1, 0, 1]);
  assert.equal(rollouts.length, 2);
});

Deno.test("runPipeline() keeps the step before as it was, over the end of a rollout", async () => {
  const seen: [ticks: number, first: number, advantage: number][] = [];
  const feedback = altered(stubFeedback(), () => ({
    judge(now: JudgedStep, { rollout, step, firsts, advantages }: JudgedStep) {
      seen.push([bytesIn(rollout.observations)[step]!, firsts[0]!, advantages[0]!]);
      const { length } = now.advantages;
      return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
    },
  }));
  const schedule = { iterations: 2, steps: 3, feedbackEvery: 3 };
  // Four steps an episode: the rollouts see the ticks 0 1 2 and 3 0 1.
  await eventsOf(stubPipeline([], { env: stubEnv({ length: 4 }), feedback, schedule }));
  assert.deepEqual(seen, [
    [0, 1, 0], // before the first there is nothing
    [0, 1, 1],
    [1, 0, 2],
    [2, 0, 3], // the last of the first rollout
    [3, 0, 0],
    [0, 1, 1],
  ]);
});

Deno.test("runPipeline() shows a rule all environments of a step, wherever its window lies", async () => {
  const seen: unknown[] = [];
  const advantage = stageOf("advantage", () => ({
    estimate: ({ observations, envs }) => {
      const advantages = Float32Array.from(
        bytesIn(observations),
        (tick, k) => 10 * tick + k % envs,
      );
      return { advantages, targets: advantages };
    },
  }));
  const feedback = altered(stubFeedback(), () => ({
    judge({ advantages, firsts, rollout, step }: JudgedStep, before: JudgedStep) {
      const ticks = bytesIn(rollout.observations).subarray(2 * step, 2 * step + 2);
      seen.push([[...ticks], [...advantages], [...firsts], [...before.advantages]]);
      const signs = Int8Array.of(-1, seen.length === 1 ? 0 : -1);
      return { signs, strengths: new Float32Array(2), words: () => "" };
    },
  }));
  const schedule = { steps: 5, envs: 2, feedbackEvery: 2, iterations: 1 };
  const { result } = await eventsOf(
    stubPipeline([], { env: stubEnv({ length: 3 }), advantage, feedback, schedule }),
  );
  assert.deepEqual(seen, [
    [[0, 0], [0, 1], [1, 1], [0, 0]],
    [[1, 1], [10, 11], [0, 0], [0, 1]],
    [[2, 2], [20, 21], [0, 0], [10, 11]],
    [[0, 0], [0, 1], [1, 1], [20, 21]],
    [[1, 1], [10, 11], [0, 0], [0, 1]],
  ]);
  assert.deepEqual(result.verdicts, { positive: 0, negative: 9, abstained: 1 });
});

Deno.test("runPipeline() records what the expert finds environment by environment", async () => {
  const rollouts: Rollout[] = [];
  const teacher = altered(stubTeacher(), () => ({
    candidates: ["left", "right", "sing"],
    advise: ({ envs }) => {
      const guidance = silence(envs, ["left", "right", "sing"]);
      guidance.choices.set([1, -1, 2, 0].slice(0, envs));
      return guidance;
    },
  }));
  const student = altered(learnedRollouts(rollouts), ({ act }) => ({
    act: async (...asked) => ({ ...await act(...asked), actions: new Int32Array(asked[0].envs) }),
  }));
  const feedback = { ...stubFeedback(), usesOracle: true };
  const schedule = { steps: 3, envs: 4 };
  await eventsOf(stubPipeline([], { teacher, student, feedback, schedule }));
  // At odd ticks the expert goes right, else left; silence and songs are never right.
  assert.deepEqual([...rollouts[0]!.oracleRight!], [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1]);
});

Deno.test("runPipeline() tells a checkpoint the success that was measured after its iteration", async () => {
  const kept: [iteration: number, success: number | null][] = [];
  const due: [iteration: number, measured: boolean][] = [];
  const checkpoints: RunHooks["checkpoints"] = {
    isDue: (iteration, measured) => due.push([iteration, measured]) > 0,
    keep: ({ iteration, success }) => void kept.push([iteration, success]),
  };
  const pipeline = stubPipeline([], {
    env: stubEnv({ length: 2 }),
    schedule: { iterations: 5 },
    evaluation: { every: 2 },
  });
  await runPipeline(pipeline, createContext({ seed: 0 }), { checkpoints });
  assert.deepEqual(kept, [[1, null], [2, 1], [3, null], [4, 1]]);
  assert.deepEqual(due, [[1, false], [2, true], [3, false], [4, true]]);
});

Deno.test("runPipeline() marks the first step of each episode for the rule", async () => {
  const firsts: number[] = [];
  const feedback = altered(stubFeedback(), ({ judge }) => ({
    judge: (now, before) => (firsts.push(now.firsts[0]!), judge(now, before)),
  }));
  const schedule = { steps: 6, feedbackEvery: 4 };
  for (const end of ["terminated", "truncated"] as const) {
    firsts.length = 0;
    await eventsOf(stubPipeline([], { env: stubEnv({ length: 3, end }), feedback, schedule }));
    assert.deepEqual(firsts, [1, 0, 0, 1, 0, 0]);
  }
});

Deno.test("runPipeline() waits for stages that answer later and does the same", async () => {
  const later = <T>(value: T) => Promise.resolve(value);
  const teacher = altered(stubTeacher(), (made) => ({
    advise: (...asked) => later(made.advise(...asked)).then((guidance) => guidance),
    receive: (feedback) => later(feedback).then(made.receive),
  }));
  const student = altered(stubStudent(), (made) => ({
    act: (...asked) => later(made.act(...asked)).then((decision) => decision),
    values: (asked) => later(made.values(asked)).then((values) => values),
    learn: (...asked) => later(made.learn(...asked)).then((metrics) => metrics),
  }));
  const schedule = { iterations: 2 };
  const [now, then] = [
    await eventsOf(stubPipeline([], { schedule })),
    await eventsOf(stubPipeline([], { schedule, teacher, student })),
  ];
  const comparable = (events: TandemEvent[]) =>
    events.map((event) =>
      event.type === "iteration.ended" ? { ...event, seconds: 0, cost: undefined } : event
    );
  assert.deepEqual(comparable(now.events), comparable(then.events));
});

Deno.test("runPipeline() tells a run as events", async () => {
  const pipeline = stubPipeline([], {
    env: stubEnv({ length: 2 }),
    schedule: { iterations: 3, steps: 4, envs: 2 },
    evaluation: { every: 2, episodes: 3, states: 2 },
  });
  const { events, result } = await eventsOf(pipeline);
  assert.deepEqual(events.map(({ type }) => type), [
    "run.started",
    "evaluated",
    "ledger",
    "iteration.ended",
    "ledger",
    "iteration.ended",
    "evaluated",
    "ledger",
    "iteration.ended",
    "evaluated",
  ]);
  const ended = events.findLast((event) => event.type === "iteration.ended");
  assert.deepEqual({ ...ended, seconds: 0, cost: undefined }, {
    type: "iteration.ended",
    iteration: 3,
    envSteps: 24,
    episodes: 12,
    ended: 4,
    solved: 4,
    meanReward: 1,
    followed: 1,
    // A = 1 0 1 0 after a last 0: up, down, up, down in each of the two environments.
    verdicts: { positive: 4, negative: 4, abstained: 0 },
    metrics: { loss: 16 },
    seconds: 0,
    cost: undefined,
  });
  assert.deepEqual(result.verdicts, { positive: 12, negative: 12, abstained: 0 });
  assert.equal(result.envSteps, 24);
  assert.equal(result.episodes, 12);
  assert.deepEqual(result.metrics, { loss: 16 });
  assert.deepEqual(result.end.success.rate, 1);
});

Deno.test("runPipeline() enters environment 0 into the ledger", async () => {
  const { events } = await eventsOf(
    stubPipeline([], { env: stubEnv({ length: 2 }), schedule: { steps: 2, envs: 2 } }),
  );
  const ledger = events.find((event) => event.type === "ledger");
  assert.deepEqual(ledger?.rows, [{
    iteration: 1,
    step: 0,
    env: 0,
    mission: "wait",
    state: ["It is 0 o'clock"],
    snapshot: undefined,
    guidance: "right",
    probability: 0.75,
    right: false, // at even ticks the expert goes left
    action: "right",
    reward: 0,
    ended: false,
    advantage: 1,
    before: 0,
    verdict: "positive",
    words: "as it is",
  }, {
    iteration: 1,
    step: 1,
    env: 0,
    mission: "wait",
    state: ["It is 1 o'clock"],
    snapshot: undefined,
    guidance: "right",
    probability: 0.75,
    right: true,
    action: "right",
    reward: 1,
    ended: true,
    advantage: 0,
    before: 1,
    verdict: "negative",
    words: "as it is",
  }]);
});

Deno.test("runPipeline() enters the author of a suggestion into the ledger, if it has one", async () => {
  for (const name of ["second opinion", ""]) {
    const teacher = altered(stubTeacher(), ({ advise }) => ({
      advise: async (...asked) => {
        const guidance = await advise(...asked);
        return { ...guidance, authors: new Array(guidance.envs).fill(name) };
      },
    }));
    const { events } = await eventsOf(stubPipeline([], { teacher }));
    const [row] = events.find((event) => event.type === "ledger")!.rows;
    assert.equal(row!.author, name || undefined);
    assert.equal("author" in row!, name !== "");
  }
});

Deno.test("runPipeline() neither praises nor blames silence", async () => {
  const teacher = altered(stubTeacher(), () => ({
    advise: ({ envs }) => {
      const guidance = silence(envs, ["left", "right"]);
      guidance.choices[1] = 0;
      return guidance;
    },
  }));
  const student = altered(stubStudent(), ({ act }) => ({
    act: async (...asked) => ({ ...await act(...asked), actions: new Int32Array(asked[0].envs) }),
  }));
  const pipeline = stubPipeline([], { teacher, student, schedule: { steps: 2, envs: 2 } });
  const { events, result } = await eventsOf(pipeline);
  assert.deepEqual(result.verdicts, { positive: 2, negative: 0, abstained: 0 });
  const [row] = events.find((event) => event.type === "ledger")!.rows;
  assert.equal(row!.guidance, null);
  assert.equal(row!.words, "");
  assert.equal(events.find((event) => event.type === "iteration.ended")!.followed, 1);
});

Deno.test("runPipeline() ends after the iteration at hand when it is aborted, and keeps what was learned", async () => {
  const stop = new AbortController();
  const calls: string[] = [];
  const teacher = altered(stubTeacher(calls), (made) => ({
    save: () => ({ json: "what was learned" }),
    advise(observations, mode) {
      if (calls.filter((call) => call.startsWith("student.learn")).length === 2) stop.abort();
      return made.advise(observations, mode);
    },
  }));
  const pipeline = stubPipeline(calls, { teacher, schedule: { iterations: 1000 } });
  const { events, result } = await eventsOf(pipeline, { signal: stop.signal });
  assert.equal(result.stopped, true);
  assert.equal(result.iterations, 3);
  assert.deepEqual(result.states.teacher, { json: "what was learned" });
  assert.deepEqual(events.at(-2), { type: "run.stopped", iteration: 3 });
  assert.equal(events.at(-1)!.type, "evaluated");
  assert.equal(calls.at(-1), "env.dispose");
});

Deno.test("runPipeline() that is aborted before it starts measures once and learns nothing", async () => {
  const { events, result } = await eventsOf(stubPipeline([]), { signal: AbortSignal.abort() });
  assert.equal(result.iterations, 0);
  assert.equal(result.stopped, true);
  assert.equal(result.end, result.start);
  assert.deepEqual(events.map(({ type }) => type), ["run.started", "evaluated", "run.stopped"]);
});

const DISPOSALS = [
  "feedback.dispose",
  "advantage.dispose",
  "student.dispose",
  "teacher.dispose",
  "env.dispose", // of held-out states
  "env.dispose", // of held-out worlds
  "env.dispose",
];

Deno.test("runPipeline() disposes of the stages in reverse order", async () => {
  const calls: string[] = [];
  await eventsOf(stubPipeline(calls));
  assert.deepEqual(calls.slice(-7), DISPOSALS);
});

Deno.test("runPipeline() disposes of the stages in reverse order after one has failed, and names it", async () => {
  const calls: string[] = [];
  const failing: { [K in StageKind]?: StageSpec<K> } = {
    teacher: altered(stubTeacher(calls), () => ({
      receive: () => Promise.reject(new RangeError("out of memory")),
    })),
    student: altered(stubStudent(calls), () => ({
      learn: () => {
        throw "a text";
      },
    })),
  };
  for (const [kind, stage] of Object.entries(failing)) {
    calls.length = 0;
    const events: TandemEvent[] = [];
    const emit = (event: TandemEvent) => void events.push(event);
    const running = runPipeline(
      stubPipeline(calls, { [kind]: stage }),
      createContext({ seed: 0, emit }),
    );
    const message = kind === "teacher"
      ? 'The teacher "stub-teacher" failed: out of memory'
      : 'The student "stub-student" failed: a text';
    await assert.rejects(running, { name: "TandemError", code: "E_STAGE", message });
    assert.deepEqual(events.at(-1), { type: "stage.failed", stage: kind, message });
    assert.deepEqual(calls.slice(-7), DISPOSALS);
  }
});

Deno.test("runPipeline() keeps the code of an error that has one", async () => {
  const error = new TandemError("E_NUMERIC", "The loss is NaN.");
  const student = altered(stubStudent(), () => ({ learn: () => Promise.reject(error) }));
  await assert.rejects(eventsOf(stubPipeline([], { student })), error);
  assert.equal(error.stage, "student");
});

Deno.test("runPipeline() disposes of what was made when a later stage cannot be made", async () => {
  const calls: string[] = [];
  const student: StageSpec<"student"> = {
    ...stubStudent(),
    create: () => Promise.reject(new Error("no such device")),
  };
  await assert.rejects(eventsOf(stubPipeline(calls, { student })), {
    code: "E_STAGE",
    message: 'The student "stub-student" failed: no such device',
  });
  assert.deepEqual(calls, DISPOSALS.slice(3));
});

Deno.test("runPipeline() goes on disposing when one stage cannot be disposed of, and warns", async () => {
  const calls: string[] = [];
  const student = altered(stubStudent(calls), () => ({
    dispose: () => {
      throw new Error("busy");
    },
  }));
  const { events } = await eventsOf(stubPipeline(calls, { student }));
  assert.deepEqual(calls.slice(-6), DISPOSALS.toSpliced(2, 1));
  const message = 'The student "stub-student" failed: busy';
  assert.deepEqual(events.at(-1), { type: "warning", code: "E_STAGE", message });
});

Deno.test("runPipeline() gives each stage random streams of its own", async () => {
  const draws = async (changes: Partial<PipelineDefinition>) => {
    const drawn: number[] = [];
    const teacher = altered(stubTeacher(), ({ receive }, context) => {
      const random = context.random("teacher");
      return { receive: (feedback) => (drawn.push(random.random()), receive(feedback)) };
    });
    await eventsOf(stubPipeline([], { teacher, ...changes }));
    return drawn;
  };
  const greedy = altered(stubStudent(), ({ act }, context) => {
    const random = context.random("student");
    return { act: (...asked) => (random.random(), act(...asked)) };
  });
  const alone = await draws({});
  assert.equal(new Set(alone).size, 3);
  assert.deepEqual(await draws({ student: greedy }), alone);
});

Deno.test("runPipeline() plays training worlds of the run's seed, apart from the held-out ones", async () => {
  const seeds = async (seed: number) => {
    const calls: string[] = [];
    await runPipeline(stubPipeline(calls), createContext({ seed }));
    return calls.filter((call) => call.startsWith("env.reset")).map((call) =>
      Number(call.slice(10))
    );
  };
  const held = 1_000_000_000;
  // Training, floor, ceiling, success and guidance at the start and at the end, the end without a teacher.
  assert.deepEqual(await seeds(7), [70_000, held, held, held, held, held, held, held]);
  assert.deepEqual((await seeds(99_999))[0], 999_990_000);
});

Deno.test("runPipeline() hands the oracle to a teacher that declares it, and to no other", async () => {
  for (const usesOracle of [true, false]) {
    const given = new Set<boolean>();
    const teacher = altered(stubTeacher(), ({ advise }) => ({
      advise: (observations, mode, oracle) => {
        given.add(oracle !== undefined);
        return advise(observations, mode);
      },
    }));
    await eventsOf(stubPipeline([], { teacher: { ...teacher, usesOracle } }));
    assert.deepEqual([...given], [usesOracle]);
  }
});

Deno.test("runPipeline() records what the expert finds of guidance for a rule that declares the oracle", async () => {
  for (const usesOracle of [true, false]) {
    const rollouts: Rollout[] = [];
    await eventsOf(stubPipeline([], {
      student: learnedRollouts(rollouts),
      feedback: { ...stubFeedback(), usesOracle },
      schedule: { steps: 4 },
    }));
    // The expert's action is the tick's parity; the teacher always suggests 1.
    const expected = usesOracle ? Uint8Array.of(0, 1, 0, 1) : undefined;
    assert.deepEqual(rollouts[0]!.oracleRight, expected);
  }
});

Deno.test("runPipeline() refuses a stage that asks an expert where there is none", async () => {
  const env = altered(stubEnv(), () => ({ oracle: undefined }));
  const feedback = { ...stubFeedback(), usesOracle: true };
  await assert.rejects(eventsOf(stubPipeline([], { env, feedback })), {
    code: "E_WIRING",
    message: 'The feedback "stub-feedback" asks an expert, and "Stub-v0" has none.',
  });
  const { result } = await eventsOf(stubPipeline([], { env }));
  assert.equal(result.reference.ceiling, null);
  assert.deepEqual(result.end.guidanceAccuracy, { rate: null, states: 0, calibration: [] });
});

Deno.test("runPipeline() fails when a stage returns values of the wrong shape", async () => {
  const short = new Float32Array(1);
  const wrong: Partial<PipelineDefinition>[] = [
    { teacher: altered(stubTeacher(), () => ({ advise: () => silence(1, ["left"]) })) },
    { student: altered(stubStudent(), () => ({ values: () => short })) },
    {
      advantage: stageOf("advantage", () => ({
        estimate: ({ rewards }) => ({ advantages: short, targets: rewards }),
      })),
    },
    {
      feedback: stageOf("feedback", () => ({
        judge: () => ({ signs: new Int8Array(2), strengths: short, words: () => "" }),
      })),
    },
  ];
  const message = /^The \w+ that the stage \w+ returned have length "1"; right would be 2\.$/;
  for (const change of wrong) {
    const pipeline = stubPipeline([], {
      ...change,
      student: change.student ?? stubStudent(),
      schedule: { envs: 2 },
    });
    const [stage] = Object.keys(change);
    await assert.rejects(eventsOf(pipeline), { code: "E_SHAPE", stage, message });
  }
});

Deno.test("runPipeline() fails when an estimate is not finite", async () => {
  const advantage = stageOf("advantage", () => ({
    estimate: ({ rewards }) => ({ advantages: rewards, targets: rewards.map(() => NaN) }),
  }));
  await assert.rejects(eventsOf(stubPipeline([], { advantage })), {
    code: "E_NUMERIC",
    message: 'The targets of the stage advantage hold "NaN" at 0; all must be finite.',
  });
});

Deno.test("runPipeline() fails where a number of any stage is not finite, and names the stage", async () => {
  const broken = (...values: number[]) => Float32Array.from(values);
  const acting = (name: string, value: number) =>
    altered(stubStudent(), ({ act }) => ({
      act: (seen, guidance, mode) => {
        const decision = act(seen, guidance, mode) as Decision;
        return mode === "train" ? { ...decision, [name]: broken(value) } : decision;
      },
    }));
  const judging = (strength: number) =>
    stageOf("feedback", () => ({
      judge: () => ({ signs: Int8Array.of(1), strengths: broken(strength), words: () => "" }),
    }));
  const cases: [change: Partial<PipelineDefinition>, message: RegExp][] = [
    [{ feedback: judging(NaN) }, /^The strengths of the stage feedback hold "NaN" at 0/],
    [{ feedback: judging(Infinity) }, /^The strengths of the stage feedback hold "Infinity"/],
    [{ student: acting("values", NaN) }, /^The values of the stage student hold "NaN"/],
    [{ student: acting("qValues", Infinity) }, /^The qValues of the stage student hold "Infinity"/],
    [{ student: acting("logProbs", NaN) }, /^The logProbs of the stage student hold "NaN"/],
    [{ student: acting("targetLogProbs", NaN) }, /^The targetLogProbs of the stage student/],
    [
      { student: altered(stubStudent(), () => ({ values: () => broken(-Infinity) })) },
      /^The values of the stage student hold "-Infinity"/,
    ],
    [
      { student: altered(stubStudent(), () => ({ learn: () => ({ loss: NaN }) })) },
      /^The student reports "NaN" as its loss/,
    ],
    [
      {
        env: altered(stubEnv(), ({ step }) => ({
          step: (actions) => ({ ...step(actions), rewards: broken(NaN) }),
        })),
      },
      /^The rewards of the stage env hold "NaN"/,
    ],
    [
      {
        advantage: stageOf("advantage", () => ({
          estimate: ({ rewards }) => ({ advantages: rewards.map(() => NaN), targets: rewards }),
        })),
      },
      /^The advantages of the stage advantage hold "NaN"/,
    ],
  ];
  for (const [change, message] of cases) {
    const [stage] = Object.keys(change);
    await assert.rejects(eventsOf(stubPipeline([], change)), { code: "E_NUMERIC", stage, message });
  }
  // The policy that is learned about may give an action no chance at all.
  await eventsOf(stubPipeline([], { student: acting("targetLogProbs", -Infinity) }));
});

Deno.test("runPipeline() fails where a student's numbers break while it is measured", async () => {
  const student = altered(stubStudent(), ({ act }) => ({
    act: (seen, guidance, mode) => {
      const decision = act(seen, guidance, mode) as Decision;
      return mode === "train" ? decision : { ...decision, values: decision.values.map(() => NaN) };
    },
  }));
  await assert.rejects(eventsOf(stubPipeline([], { student })), {
    code: "E_NUMERIC",
    stage: "student",
  });
});

Deno.test("runPipeline() refuses a sign that is none", async () => {
  const feedback = stageOf("feedback", () => ({
    judge: () => ({ signs: Int8Array.of(2), strengths: Float32Array.of(1), words: () => "" }),
  }));
  await assert.rejects(eventsOf(stubPipeline([], { feedback })), {
    code: "E_SHAPE",
    message: 'The feedback rule gave the sign "2" at 0; right would be -1, 0 or 1.',
  });
});

Deno.test("runPipeline() measures the time of each stage by the context's clock", async () => {
  let time = 0;
  const clock = { now: () => time, sleep: () => Promise.resolve() };
  const student = altered(stubStudent(), ({ act, learn }) => ({
    act: (...asked) => (time += 1000, act(...asked)),
    learn: (...asked) => (time += 5000, learn(...asked)),
  }));
  const env = altered(
    stubEnv(),
    ({ step }) => ({ step: (actions) => (time += 10, step(actions)) }),
  );
  const feedback = altered(stubFeedback(), ({ judge }) => ({
    judge: (...asked) => (time += 200, judge(...asked)),
  }));
  const { events, result } = await eventsOf(stubPipeline([], { student, env, feedback }), {
    clock,
  });
  const rounded = Object.entries(result.stageSeconds).map(([kind, s]) => [kind, s.toFixed(2)]);
  assert.deepEqual(Object.fromEntries(rounded), {
    env: "0.03",
    teacher: "0.00",
    student: "8.00",
    advantage: "0.00",
    feedback: "0.60",
  });
  const iteration = events.find((event) => event.type === "iteration.ended");
  assert.equal(iteration?.seconds.toFixed(2), "8.63");
});

Deno.test("runPipeline() measures success without the teacher at the end, where it was heard", async () => {
  const heard = await eventsOf(stubPipeline([]));
  const { result: { withoutTeacher, end } } = heard;
  assert.equal(withoutTeacher?.episodes, end.success.episodes);
  const silent = await eventsOf(stubPipeline([], { teacher: noTeacher() }));
  assert.equal(silent.result.withoutTeacher, undefined);
  // A teacher that has left is not there at the end.
  const left = await eventsOf(stubPipeline([], {
    schedule: { iterations: 4, steps: 2, teacherOff: 0.5 },
  }));
  assert.deepEqual(left.result.withoutTeacher, left.result.end.success);
});

Deno.test("runPipeline() ends well though the student cannot do without its teacher", async () => {
  const dependent = altered(stubStudent(), (student) => ({
    act(observations: Observations, guidance: Guidance, ...rest: [Mode]) {
      if (guidance.choices[0]! < 0) throw new Error("what shall I do?");
      return student.act(observations, guidance, ...rest);
    },
  }));
  const { result, events } = await eventsOf(stubPipeline([], { student: dependent }));
  assert.equal(result.withoutTeacher, undefined);
  const [warning] = events.filter((event) => event.type === "warning");
  assert.match(
    warning!.message,
    /^Success without the teacher could not be measured: .*what shall I/,
  );
});

Deno.test("runPipeline() takes what an env states of chance and the expert, and measures otherwise", async () => {
  const stating = (reference: unknown) =>
    altered(stubEnv(), ({ spec }) => ({ spec: { ...spec, reference: reference as Reference } }));
  const reference = { floor: 0.25, ceiling: 0.75, worlds: 2000 };
  const { result } = await eventsOf(stubPipeline([], { env: stating(reference) }));
  assert.deepEqual(result.reference, reference);
  const measured = await eventsOf(stubPipeline([]));
  assert.equal(measured.result.reference.worlds, measured.result.end.success.episodes);
  for (
    const [wrong, message] of [
      [{ ...reference, floor: NaN }, /a floor of "NaN"; right would be a share, 0 to 1/],
      [{ ...reference, ceiling: 75 }, /a ceiling of "75"/],
      [{ ...reference, worlds: 0 }, /"0" worlds/],
    ] as const
  ) {
    await assert.rejects(eventsOf(stubPipeline([], { env: stating(wrong) })), {
      code: "E_SHAPE",
      message,
    });
  }
});
/**
 * A clock on which each answer to a question in a measurement takes 300 ms, and a stop in the first
 * measurement after so many steps of training.
 */
function slowMeasuring(calls: string[], stopAt: number) {
  const stop = new AbortController();
  let [now, trained] = [0, 0];
  const clock = {
    now: () => now,
    sleep: async () => {},
  };
  const teacher = altered(stubTeacher(calls), (made) => ({
    load() {},
    advise(observations, mode) {
      if (mode === "train") trained++;
      else {
        now += 300;
        if (trained >= stopAt) stop.abort();
      }
      return made.advise(observations, mode);
    },
  }));
  return { teacher, context: { clock, signal: stop.signal } };
}

/** Keeps the last checkpoint, as JSON would. */
function lastCheckpoint() {
  const kept: Checkpoint[] = [];
  const keeper = {
    isDue: () => false,
    keep: (checkpoint: Checkpoint) => void kept.push(structuredClone(checkpoint)),
  };
  return { kept, keeper };
}

for (const place of ["in between", "at the end"]) {
  Deno.test(`a long measurement ${place} is left out where a run is stopped, and made up for`, async () => {
    const schedule = { iterations: place === "at the end" ? 2 : 4, steps: 2 };
    const changes = (teacher: StageSpec<"teacher">) => ({
      teacher,
      env: stubEnv({ length: 3 }),
      schedule,
      evaluation: { episodes: 1, states: 1, every: 2 },
    });
    const run = async (stopAt: number, resume?: Checkpoint) => {
      const events: TandemEvent[] = [];
      const { teacher, context } = slowMeasuring([], stopAt);
      const { kept, keeper } = lastCheckpoint();
      const emit = (event: TandemEvent) => void events.push(event);
      const result = await runPipeline(
        stubPipeline([], changes(teacher)),
        createContext({ seed: 0, emit, ...context }),
        { checkpoints: keeper, resume },
      );
      const measured = events.flatMap((event) => event.type === "evaluated" ? event.iteration : []);
      return { result, kept, measured };
    };
    const whole = await run(Infinity);
    const broken = await run(4);
    assert.equal(broken.result.stopped, true);
    assert.equal(broken.result.iterations, 2);
    assert.equal(broken.result.measuredAfter, 0);
    assert.deepEqual(broken.result.end, broken.result.start);
    assert.deepEqual(broken.measured, [0]);
    assert.deepEqual(broken.kept.map(({ iteration }) => iteration), [2]);
    const resumed = await run(Infinity, broken.kept[0]);
    assert.deepEqual([...broken.measured, ...resumed.measured], whole.measured);
    assert.deepEqual(resumed.result.end, whole.result.end);
    assert.equal(resumed.result.stopped, false);
    assert.equal(resumed.result.measuredAfter, undefined);
  });
}
