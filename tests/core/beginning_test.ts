import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { Pcg64, Pcg64State } from "../../core/kit/random.ts";
import { frozen, startingFrom } from "../../core/pipeline/beginning.ts";
import { pipelineFromJson } from "../../core/pipeline/pipeline.ts";
import { type Catalog, definePlugin, type StageSpec } from "../../core/pipeline/plugin.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { silence } from "../../core/kit/guidance.ts";
import { openTrained } from "../../core/run/trained.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type {
  EnvSpec,
  FindLearned,
  Learned,
  Observations,
  StageState,
  Student,
} from "../../core/stages/mod.ts";
import * as v from "valibot";
import { stageOf, stubEnv, stubPipeline } from "./stubs.ts";

/** A teacher that has learned one number, and what was asked of it. */
class Counting {
  readonly grain = "action";
  readonly candidates = ["left", "right"];
  readonly learnsBy = ["count"];
  count = 0;
  heard = 0;
  anew = 0;
  disposed = 0;

  constructor(readonly random: Pcg64) {}

  advise = ({ envs }: Observations) => silence(envs, this.candidates);
  receive(): void {
    this.heard++;
  }
  usage = () => ({ calls: 0, cacheHits: 0, tokens: 0 });
  save(): StageState {
    const data = Float32Array.of(this.count);
    return { json: { random: this.random.save() }, arrays: { count: { shape: [1], data } } };
  }
  load({ json, arrays }: StageState): void {
    this.random.load((json as { random: Pcg64State }).random);
    this.count = arrays!.count!.data[0]!;
  }
  startAnew(): void {
    this.anew++;
  }
  dispose(): void {
    this.disposed++;
  }
}

const made: Counting[] = [];
const counting = definePlugin({
  kind: "teacher",
  name: "counting",
  description: "Has learned a number.",
  options: { width: v.optional(v.number(), 1), pace: v.optional(v.number(), 1) },
  shapesState: ["width"],
  create(_options, context) {
    made.push(new Counting(context.random("teacher")));
    return made.at(-1)!;
  },
});
const echo = definePlugin({
  kind: "teacher",
  name: "echo",
  description: "Says what another says.",
  options: { of: stageOption("teacher") },
  create: ({ of }, context, wiring) => of.create(context, wiring),
});
const mute = definePlugin({
  kind: "teacher",
  name: "mute",
  description: "Learns nothing.",
  options: {},
  create: () => ({
    grain: "action" as const,
    candidates: ["left"],
    learnsBy: [],
    advise: () => silence(1, ["left"]),
    receive: () => {},
    usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
  }),
});

const env: EnvSpec = {
  id: "Here-v0",
  envs: 1,
  observation: {},
  actions: ["left", "right"],
  missionWords: [],
  maxSteps: 1,
  autoreset: "same-step",
};

/** A student that goes left, and counts the rollouts that it learned from. */
function walker(): { readonly stage: StageSpec<"student">; learned: number } {
  const counts = {
    learned: 0,
    stage: stageOf("student", (): Student => ({
      act: ({ envs }) => ({
        actions: new Int32Array(envs),
        logProbs: new Float32Array(envs),
        qValues: new Float32Array(envs),
        values: new Float32Array(envs),
      }),
      values: ({ envs }) => new Float32Array(envs),
      learn: () => ({ learned: ++counts.learned }),
      save: () => ({ json: counts.learned }),
      load: () => {},
    })),
  };
  return counts;
}

const pipelineOf = (teacher: StageSpec<"teacher">, student = walker().stage) =>
  stubPipeline([], { teacher, student });

/** What a counting teacher of another run, of another seed, had learned. */
function learnedOf(change: Partial<Learned> = {}): Learned {
  const teacher = new Counting(createContext({ seed: 9 }).random("teacher"));
  teacher.count = 7;
  const state = structuredClone(teacher.save());
  return { plugin: "counting", options: { width: 1, pace: 5 }, env, state, ...change };
}

async function create(stage: StageSpec<"teacher">, learned?: FindLearned): Promise<Counting> {
  await stage.create(createContext({ seed: 1, learned }), { env });
  return made.at(-1)!;
}

Deno.test("startingFrom() lets a stage begin with what was learned, with random numbers of its own run", async () => {
  const asked: unknown[] = [];
  const begun = await create(startingFrom(counting({ pace: 2 }), "runs/one"), (source) => {
    asked.push(source);
    return learnedOf();
  });
  assert.deepEqual(asked, [{ run: "runs/one", stage: "teacher" }]);
  assert.equal(begun.count, 7);
  assert.equal(begun.anew, 1);
  const anew = await create(counting());
  assert.equal(begun.random.random(), anew.random.random());
});

Deno.test("startingFrom() begins a stage within a stage, too", async () => {
  const stage = echo({ of: startingFrom(counting(), "runs/one") });
  assert.equal((await create(stage, () => learnedOf())).count, 7);
});

Deno.test("startingFrom() loads nothing where all is about to be loaded, and looks alone where nothing is learned yet", async () => {
  const stage = startingFrom(counting(), "runs/one");
  assert.equal((await create(stage, () => undefined)).count, 0);
  assert.equal((await create(stage, () => learnedOf({ state: undefined }))).count, 0);
  const other = learnedOf({ state: undefined, plugin: "other" });
  await assert.rejects(create(stage, () => other), { code: "E_WIRING" });
});

Deno.test("startingFrom() refuses what does not fit in a sentence, and frees what it made", async () => {
  const elsewhere = { ...env, id: "There-v0", actions: ["up"] };
  const cases: readonly (readonly [Learned | undefined, StageSpec<"teacher">, RegExp])[] = [
    [undefined, counting(), /: no runs can be read here\.$/],
    [learnedOf({ plugin: "bot" }), counting(), /: the teacher there is "bot"\.$/],
    [learnedOf(), counting({ width: 2 }), /: its option "width" is "1" there and "2" here\.$/],
    [learnedOf({ plugin: "mute", options: {} }), mute(), /: it learns nothing\.$/],
    [
      learnedOf({ env: elsewhere }),
      counting(),
      /: "There-v0" there has other actions than "Here-v0" here\.$/,
    ],
  ];
  for (const [learned, stage, message] of cases) {
    const found = learned && (() => learned);
    await assert.rejects(create(startingFrom(stage, "runs/one"), found), {
      code: "E_WIRING",
      message,
    });
  }
  assert.equal(made.at(-1)!.disposed, 1);
});

Deno.test("startingFrom() takes no state that is none of the plugin", async () => {
  const { state } = learnedOf();
  const count = (shape: number[], data: number[]) => ({
    ...state!,
    arrays: { count: { shape, data: Float32Array.from(data) } },
  });
  const wrong: StageState[] = [
    { json: null },
    { json: state!.json },
    count([2], [7, 8]),
    { ...state!, arrays: { ...state!.arrays, more: { shape: [0], data: new Float32Array() } } },
  ];
  for (const state of wrong) {
    await assert.rejects(
      create(startingFrom(counting(), "runs/one"), () => learnedOf({ state })),
      { code: "E_CHECKPOINT", message: /"runs\/one" had learned: .* is no state of it\.$/ },
    );
  }
});

Deno.test("a student begins in worlds that look as those where it learned", async () => {
  const student = startingFrom(walker().stage, "runs/one");
  const state = { json: 3 };
  const wiring = { env, grain: "action", candidates: ["left", "right"] } as const;
  const open = async (change: Partial<Learned>) => {
    const learned = () => ({ plugin: student.plugin, options: {}, env, state, ...change });
    await student.create(createContext({ seed: 0, learned }), wiring);
  };
  await open({ candidates: wiring.candidates });
  await assert.rejects(open({ candidates: ["left"] }), {
    code: "E_WIRING",
    message: /: what may be suggested there is "left", and here "left, right"\.$/,
  });
  await assert.rejects(open({ env: { ...env, id: "There-v0", missionWords: ["go"] } }), {
    code: "E_WIRING",
    message: /: "There-v0" there has other words of missions than "Here-v0" here\.$/,
  });
});

Deno.test("an env cannot begin from a run, nor a rule be frozen", () => {
  assert.throws(() => startingFrom(stubEnv(), "runs/one"), { code: "E_WIRING" });
  const rule = stageOf("feedback", () => ({ judge: () => ({}) as never }));
  assert.throws(() => frozen(rule as never), { code: "E_WIRING", message: /cannot be frozen/ });
});

Deno.test("frozen() keeps verdicts from a teacher and rollouts from a student", async () => {
  const student = walker();
  const pipeline = pipelineOf(counting(), student.stage);
  await runPipeline(pipeline, createContext({ seed: 0 }));
  const [heard, rollouts] = [made.at(-1)!.heard, student.learned];
  assert.ok(heard > 0 && rollouts > 0);
  const still = pipeline.with({ teacher: frozen(counting()), student: frozen(student.stage) });
  const { iterations } = await runPipeline(still, createContext({ seed: 0 }));
  assert.equal(iterations, pipeline.schedule.iterations);
  assert.equal(made.at(-1)!.heard, 0);
  assert.equal(student.learned, rollouts);
});

Deno.test("what a stage begins with is kept by with(), and goes through JSON", async () => {
  const from = { run: "runs/one", sha256: "a".repeat(64) };
  const teacher = frozen(startingFrom(counting(), from)).with({ width: 3 });
  const json = { plugin: "counting", options: { width: 3, pace: 1 }, from, frozen: true };
  assert.deepEqual(teacher.toJSON(), json);
  const pipeline = pipelineOf(teacher);
  const catalog: Catalog = {
    env: { "stub-env": pluginOf(pipeline.stages.env) },
    teacher: { counting },
    student: { "stub-student": pluginOf(pipeline.stages.student) },
    advantage: { "stub-advantage": pluginOf(pipeline.stages.advantage) },
    feedback: { "stub-feedback": pluginOf(pipeline.stages.feedback) },
    extra: {},
    channel: {},
  };
  const read = await pipelineFromJson(JSON.parse(JSON.stringify(pipeline)), catalog);
  assert.deepEqual(read.stages.teacher.toJSON(), json);
  const short = { ...pipeline.toJSON(), teacher: { plugin: "counting", from: "runs/two" } };
  assert.deepEqual((await pipelineFromJson(short, catalog)).stages.teacher.from, {
    run: "runs/two",
  });
  const wrong = { ...short, teacher: { plugin: "counting", from: { run: "" } } };
  await assert.rejects(pipelineFromJson(wrong, catalog), { code: "E_PIPELINE" });
  assert.deepEqual(startingFrom(teacher, undefined).toJSON(), {
    plugin: "counting",
    options: { width: 3, pace: 1 },
    frozen: true,
  });
});

Deno.test("an extra stage begins from the one of its name", () => {
  const bonus = stageOf("extra", () => ({}));
  const pipeline = pipelineOf(counting()).with({
    extras: { bonus: startingFrom(bonus, "runs/one") },
  });
  assert.deepEqual(pipeline.toJSON().extras!.bonus!.from, {
    run: "runs/one",
    stage: "extra.bonus",
  });
});

Deno.test("a trained student that began from a run is opened without it", async () => {
  const pipeline = pipelineOf(startingFrom(counting(), "runs/one"));
  const context = createContext({ seed: 0, learned: () => learnedOf() });
  const result = await runPipeline(pipeline, context);
  await using trained = await openTrained(pipeline, result, createContext({ seed: 0 }));
  assert.ok(trained);
  assert.equal(made.at(-1)!.count, 7);
});

/** A plugin whose stage is always this one. */
function pluginOf(stage: StageSpec) {
  return { ...definePlugin({ ...stub, kind: stage.kind as "extra" }), stage: () => stage } as never;
}

const stub = {
  name: "stub",
  description: "A stub.",
  options: {},
  create: () => ({}),
} as const;
