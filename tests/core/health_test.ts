import assert from "node:assert/strict";
import type { Checkpoint } from "../../core/run/checkpoint.ts";
import { type Clock, createContext } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";
import { withTimeout } from "../../core/run/with_timeout.ts";
import { type RunHooks, runPipeline } from "../../core/run/scheduler.ts";
import type {
  Decision,
  Guidance,
  Metrics,
  Observations,
  StageState,
  Student,
  Teacher,
} from "../../core/stages/mod.ts";
import { bot, corridor, noTeacher, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";

const OPTIONS = {} as const;

/** Learns well until its third rollout, in which its numbers break unless it takes small steps. */
function fragile(bearable: number) {
  return definePlugin({
    kind: "student",
    name: "fragile",
    description: "Breaks.",
    options: OPTIONS,
    async create(_options, context, wiring): Promise<Student> {
      const inner = await tabularQ().create(context, wiring);
      let [pace, rollouts] = [1, 0];
      return {
        act: (...asked) => inner.act(...asked),
        values: (seen) => inner.values(seen),
        learn(rollout, estimate) {
          if (++rollouts === 3 && pace > bearable) {
            throw new TandemError("E_NUMERIC", 'The loss became "NaN".');
          }
          return { ...inner.learn(rollout, estimate) as object, pace };
        },
        scaleLearningRate: (factor) => void (pace *= factor),
        save: () => ({
          ...inner.save!() as StageState,
          json: { pace, rollouts, inner: inner.save!() },
        }),
        load({ json }) {
          const saved = json as { pace: number; rollouts: number; inner: StageState };
          [pace, rollouts] = [saved.pace, saved.rollouts];
          return inner.load!(saved.inner);
        },
      };
    },
  });
}

type Hooks = "with checkpoints" | "with checkpoints, no fall" | "without";

async function run(bearable: number, hooks: Hooks, resume?: Checkpoint) {
  const events: TandemEvent[] = [];
  const kept: Checkpoint[] = [];
  const pipeline = definePipeline({
    name: "fragile",
    env: corridor(),
    teacher: bot(),
    student: fragile(bearable)(),
    advantage: qMinusV(),
    feedback: paper(),
    schedule: { iterations: 5, envs: 2, steps: 4 },
    evaluation: { episodes: 2, states: 2 },
  });
  const checkpoints: RunHooks["checkpoints"] = {
    isDue: () => true,
    keep: (checkpoint) => void kept.push(structuredClone(checkpoint)),
  };
  const context = createContext({ seed: 1, device: "cpu", emit: (event) => events.push(event) });
  const result = await runPipeline(
    pipeline,
    context,
    hooks === "without" ? {} : { checkpoints, resume, fallsBack: hooks === "with checkpoints" },
  );
  const falls = events.flatMap((event) => event.type === "run.fell-back" ? [event.iteration] : []);
  return { result, falls, kept, events };
}

Deno.test("a run whose numbers break falls back to its checkpoint and goes on in smaller steps", async () => {
  const { result, falls, events } = await run(0.3, "with checkpoints");
  assert.deepEqual(falls, [2, 2]);
  assert.equal(result.iterations, 5);
  assert.equal(result.metrics.pace, 0.25);
  const iterations = events.flatMap((event) => {
    return event.type === "iteration.ended" ? [event.iteration] : [];
  });
  assert.deepEqual(iterations, [1, 2, 3, 4, 5]);
  assert.equal(result.envSteps, 5 * 2 * 4);
});

Deno.test("a run that fell back and was broken off is the same run", async () => {
  const whole = await run(0.3, "with checkpoints");
  for (const checkpoint of whole.kept) {
    const { result } = await run(0.3, "with checkpoints", checkpoint);
    assert.deepEqual(result.states, whole.result.states, `after ${checkpoint.iteration}`);
  }
});

Deno.test("a run falls back three times and no more, and not at all without a checkpoint", async () => {
  await assert.rejects(run(0.01, "with checkpoints"), { code: "E_NUMERIC" });
  assert.equal((await run(0.125, "with checkpoints")).falls.length, 3);
  await assert.rejects(run(0.3, "without"), { code: "E_NUMERIC" });
});

Deno.test("a run that shall not fall back breaks, wherever it goes on from", async () => {
  await assert.rejects(run(0.3, "with checkpoints, no fall"), { code: "E_NUMERIC" });
  const { kept } = await run(0.3, "with checkpoints");
  const begun = kept.find(({ iteration }) => iteration === 1)!;
  await assert.rejects(run(0.3, "with checkpoints, no fall", begun), { code: "E_NUMERIC" });
});

Deno.test("a rule's strength, a value and a loss that are no numbers bring the run back as well", async () => {
  const breaks = (paced: () => boolean) => (bad: number) => paced() ? bad : undefined;
  for (const what of ["strength", "value", "loss", "measured value"] as const) {
    let [pace, rollouts] = [1, 0];
    const bad = breaks(() => rollouts >= 2 && pace === 1);
    const student = definePlugin({
      kind: "student",
      name: "paced",
      description: "Breaks in its third rollout.",
      options: OPTIONS,
      async create(_options, context, wiring): Promise<Student> {
        const inner = await tabularQ().create(context, wiring);
        return {
          ...{ save: () => inner.save!(), load: (state) => inner.load!(state) },
          act: (seen, guidance, mode) => {
            const decision = inner.act(seen, guidance, mode) as Decision;
            const wrong = what === "value" && mode === "train" ||
              what === "measured value" && mode === "evaluate";
            const value = wrong ? bad(NaN) : undefined;
            return value === undefined
              ? decision
              : { ...decision, values: decision.values.map(() => value) };
          },
          values: (seen) => inner.values(seen),
          learn: (...asked) => {
            const metrics = inner.learn(...asked) as Metrics;
            const loss = what === "loss" ? bad(Infinity) : undefined;
            rollouts++;
            return loss === undefined ? metrics : { ...metrics, loss };
          },
          scaleLearningRate: (factor) => void (pace *= factor),
        };
      },
    });
    const feedback = definePlugin({
      kind: "feedback",
      name: "judges",
      description: "Praises.",
      options: OPTIONS,
      create: () => ({
        judge: ({ advantages: { length } }) => ({
          signs: new Int8Array(length).fill(1),
          strengths: new Float32Array(length).fill(
            (what === "strength" ? bad(NaN) : undefined) ?? 1,
          ),
          words: () => "",
        }),
      }),
    });
    const falls: string[] = [];
    const context = createContext({
      ...{ seed: 1, device: "cpu" as const },
      emit: (event) => event.type === "run.fell-back" && falls.push(event.message),
    });
    const pipeline = definePipeline({
      ...{ name: "numbers", env: corridor(), teacher: bot(), advantage: qMinusV() },
      ...{ student: student(), feedback: feedback() },
      schedule: { iterations: 4, envs: 2, steps: 4 },
      evaluation: { episodes: 2, states: 2, every: 1 },
    });
    const checkpoints = { isDue: () => true, keep: () => {} };
    const { iterations } = await runPipeline(pipeline, context, { checkpoints });
    assert.deepEqual([iterations, falls.length, pace], [4, 1, 0.5], what);
  }
});

// ------------------------------------------------------------------------------- late teachers

/** A clock that goes on when it is told to. */
class ManualClock implements Clock {
  #now = 0;
  readonly #waiting: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      this.#waiting.push({ at: this.#now + milliseconds, wake });
      signal?.addEventListener("abort", () => wake());
    });
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const { at, wake } of this.#waiting) if (at <= this.#now) wake();
  }
}

const SEEN = { envs: 2 } as Observations;
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A teacher whose answers come when the test says so. */
function slowTeacher() {
  const asked: { answer: (guidance: Guidance) => void; fail: (error: unknown) => void }[] = [];
  const teacher = {
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: [],
    advise: () => new Promise<Guidance>((answer, fail) => asked.push({ answer, fail })),
    receive: () => {},
    usage: () => ({ calls: asked.length, cacheHits: 0, tokens: 0 }),
  } as Teacher;
  const clock = new ManualClock();
  const warnings: string[] = [];
  const emit = (event: TandemEvent) => {
    if (event.type === "warning") warnings.push(event.message);
  };
  return { teacher: withTimeout(teacher, 2, { clock, emit }), asked, clock, warnings };
}

function spoken(): Guidance {
  const guidance = silence(2, ["left", "right"]);
  suggest(guidance, 0, 1);
  return guidance;
}

Deno.test("an answer in time is the teacher's own", async () => {
  const { teacher, asked, clock } = slowTeacher();
  const answer = teacher.advise(SEEN, "train");
  clock.pass(1999);
  const guidance = spoken();
  asked[0]!.answer(guidance);
  assert.equal(await answer, guidance);
  assert.deepEqual(teacher.usage(), { calls: 1, cacheHits: 0, tokens: 0, unanswered: 0 });
});

Deno.test("a stalled teacher is waited for once: silence until it has answered, and counted", async () => {
  const { teacher, asked, clock, warnings } = slowTeacher();
  const first = teacher.advise(SEEN, "train");
  clock.pass(2000);
  assert.deepEqual([...(await first).choices], [-1, -1]);
  const second = teacher.advise(SEEN, "train");
  assert.ok(!(second instanceof Promise), "it is not waited for again");
  assert.deepEqual([...second.choices], [-1, -1]);
  assert.equal(asked.length, 1, "and not asked again");
  assert.equal(teacher.usage().unanswered, 4);
  assert.equal(warnings.length, 1);
  asked[0]!.answer(spoken());
  await turn();
  const third = teacher.advise(SEEN, "train");
  asked[1]!.answer(spoken());
  assert.deepEqual([...(await third).choices], [1, -1]);
});

Deno.test("a failure that comes late is told when the teacher is asked next", async () => {
  const { teacher, asked, clock } = slowTeacher();
  const first = teacher.advise(SEEN, "train");
  clock.pass(2000);
  await first;
  asked[0]!.fail(new TandemError("E_STAGE", "The server is gone."));
  await turn();
  assert.throws(() => teacher.advise(SEEN, "train"), { code: "E_STAGE" });
});

Deno.test("schedule.adviceTimeout bounds the wait in training and measuring alike", async () => {
  const stalled = definePlugin({
    kind: "teacher",
    name: "stalled",
    description: "Never answers.",
    options: OPTIONS,
    create: async (_options, context, wiring): Promise<Teacher> => ({
      ...await noTeacher().create(context, wiring),
      advise: () => new Promise(() => {}),
    }),
  });
  const pipeline = definePipeline({
    name: "stalled",
    env: corridor(),
    teacher: stalled(),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: paper(),
    schedule: { iterations: 2, envs: 2, steps: 4, adviceTimeout: 0.01 },
    evaluation: { episodes: 2, states: 2 },
  });
  const { iterations, teacher } = await runPipeline(pipeline, createContext({ seed: 0 }));
  assert.equal(iterations, 2);
  assert.ok(teacher.unanswered! >= 2 * 2 * 4);
});
