import assert from "node:assert/strict";
import {
  CHECKPOINT_VERSION,
  restoreCheckpoint,
  takeCheckpoint,
} from "../../core/run/checkpoint.ts";
import { AdviceEdge } from "../../core/run/parts/advice_edge.ts";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { candidatesAt } from "../../core/pipeline/fitting.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { stateDict } from "../../core/kit/state_dict.ts";
import { exactJson, pack, parseExactJson, unpack } from "../../core/kit/packing.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { RunState } from "../../core/run/run_state.ts";
import { trainingSeeds } from "../../core/run/measure/world_seeds.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type {
  AnsweredStep,
  EnvSpec,
  EnvStep,
  Guidance,
  Observations,
  Stateful,
  Student,
  Teacher,
} from "../../core/stages/mod.ts";
import { CumulativeUsage } from "../../core/run/parts/usage.ts";
import { bot, corridor, ellm, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";
import { bytes } from "./tensors.ts";

const CUT = { iteration: 3, success: 0.5 };

/** Something that remembers numbers. */
class Counter implements Stateful {
  constructor(public value = 0) {}

  save() {
    const data = Float32Array.of(this.value);
    return { json: { value: this.value }, arrays: { value: { shape: [1], data } } };
  }

  load({ json }: { json: unknown }): void {
    this.value = (json as { value: number }).value;
  }
}

Deno.test("a checkpoint holds its parts side by side and gives each its own", async () => {
  const checkpoint = await takeCheckpoint({ a: new Counter(1), "a.b": new Counter(2), c: {} }, CUT);
  assert.deepEqual([checkpoint.version, checkpoint.iteration, checkpoint.success], [
    CHECKPOINT_VERSION,
    3,
    0.5,
  ]);
  assert.deepEqual(Object.keys(checkpoint.arrays), ["a/value", "a.b/value"]);
  const [a, b] = [new Counter(), new Counter()];
  await restoreCheckpoint(checkpoint, { a, "a.b": b, c: {} });
  assert.deepEqual([a.value, b.value], [1, 2]);
});

Deno.test("a checkpoint of other parts or another version is refused in a sentence", async () => {
  const checkpoint = await takeCheckpoint({ a: new Counter(1) }, CUT);
  const refused = (
    parts: Record<string, Stateful>,
    message: RegExp,
    version = CHECKPOINT_VERSION,
  ) =>
    assert.rejects(restoreCheckpoint({ ...checkpoint, version }, parts), {
      code: "E_CHECKPOINT",
      message,
    });
  await refused({ a: new Counter(), b: new Counter() }, /fit the b .*: the checkpoint holds none/);
  await refused({ a: {} }, /does not fit the a of this run: it takes no state\. /);
  const broken = { load: () => Promise.reject(new RangeError("offset is out of bounds.")) };
  await refused({ a: broken }, /fit the a of this run: offset is out of bounds\. Was a plugin/);
  await refused({ a: { load: () => Promise.reject("no") } }, /of this run: no\. /);
  await refused(
    { a: new Counter() },
    /of version "1"; this Tandem reads version 2\. Go on with/,
    1,
  );
});

Deno.test("stateDict() passes over parts without a state and states without a part", async () => {
  const [a, other] = [new Counter(4), new Counter()];
  const { save } = stateDict({ a, b: {} });
  const state = await save();
  await stateDict({ a: other, b: {}, c: new Counter() }).load(state);
  await stateDict({ a: {} }).load({ json: { a: 1 } });
  assert.equal(other.value, 4);
});

Deno.test("exactJson() keeps what JSON cannot write", () => {
  const value = { numbers: [NaN, Infinity, -Infinity, -0, 0, 1.5], text: "$number", none: null };
  const back = parseExactJson(exactJson({ ...value, gone: undefined }));
  assert.deepStrictEqual(back, value);
  assert.ok(Object.is((back as typeof value).numbers[3], -0));
  assert.equal(exactJson(undefined), "null");
});

Deno.test("pack() keeps the bits of a view, and unpack() gives a copy", () => {
  const whole = Float32Array.of(1, 2, 3, 4);
  const view = whole.subarray(1, 3);
  const back = unpack("f32", pack("f32", view));
  assert.deepEqual(back, Float32Array.of(2, 3));
  view[0] = 9;
  assert.equal(back[0], 2);
  assert.deepEqual(unpack("f64", pack("f64", Float64Array.of(2 ** 52 + 1)))[0], 2 ** 52 + 1);
  assert.deepEqual(unpack("i8", pack("i8", Int8Array.of(-1, 1))), Int8Array.of(-1, 1));
  assert.deepEqual(unpack("i32", pack("i32", Int32Array.of(-7))), Int32Array.of(-7));
});

const SEEN: Observations = {
  envs: 2,
  tensors: bytes("cells", Uint8Array.of(1, 2, 3, 4), [2]),
  mission: (i) => `mission ${i}`,
  text: (i) => [`text ${i}`],
  key: (i) => 2 ** 52 + i,
};

Deno.test("RunState keeps observations beyond their time, and refuses those of other envs", () => {
  const state = new RunState(SEEN);
  Object.assign(state, {
    iteration: 2,
    envSteps: 12,
    episodes: 3,
    resets: 1,
    metrics: { loss: -0 },
  });
  state.counts = { ended: 2, solved: 1 };
  const saved = parseExactJson(exactJson(state.save())) as { json: Record<string, unknown> };
  const next = new RunState(SEEN);
  next.load(saved);
  assert.deepEqual(next.progress(5), { iteration: 2, iterations: 5, ended: 2, solved: 1 });
  assert.deepEqual([next.envSteps, next.episodes, next.resets], [12, 3, 1]);
  const { observations } = next;
  assert.deepEqual([observations.mission(1), observations.text(0)], ["mission 1", ["text 0"]]);
  assert.deepEqual([observations.key(1), observations.tensors], [2 ** 52 + 1, SEEN.tensors]);
  const other = new RunState({
    ...SEEN,
    envs: 1,
    tensors: bytes("cells", Uint8Array.of(1, 2), [1]),
  });
  assert.throws(() => other.load(saved), { code: "E_SHAPE" });
  for (const iteration of ["2", -1, 0.5, NaN]) {
    const wrong = { json: { ...saved.json, iteration } };
    assert.throws(() => next.load(wrong), { code: "E_CHECKPOINT", message: /Its iteration are/ });
  }
});

Deno.test("trainingSeeds() are a block of their own for each seed, and never held-out ones", () => {
  assert.deepEqual(trainingSeeds(3, 3, 0), [30_000, 30_001, 30_002]);
  assert.deepEqual(trainingSeeds(3, 3, 2), [30_006, 30_007, 30_008]);
  assert.deepEqual(trainingSeeds(0, 3, 3333), [9999, 0, 1]);
  assert.ok(Math.max(...trainingSeeds(199_999, 3, 3332)) < 1_000_000_000);
});

Deno.test("CumulativeUsage adds what was spent before to what the teacher counts now", () => {
  let usage: ReturnType<Teacher["usage"]> = { calls: 5, cacheHits: 1, tokens: 9 };
  const bill = new CumulativeUsage(() => ({ usage: () => usage }) as Teacher);
  const saved = bill.save();
  usage = { calls: 0, cacheHits: 0, tokens: 0 };
  const next = new CumulativeUsage(() => ({ usage: () => usage }) as Teacher);
  next.load(saved);
  usage = { calls: 2, cacheHits: 2, tokens: 1 };
  assert.deepEqual(next.total, { calls: 7, cacheHits: 3, tokens: 10 });
  usage = { ...usage, unanswered: 4 };
  assert.deepEqual(next.total, { calls: 7, cacheHits: 3, tokens: 10, unanswered: 4 });
});

Deno.test("an extra stage's name can be that of a file, and leads nowhere else", () => {
  const pipeline = (name: string) =>
    definePipeline({
      name: "named",
      env: corridor(),
      teacher: bot(),
      student: tabularQ(),
      advantage: qMinusV(),
      feedback: paper(),
      extras: { [name]: ellm() },
    });
  assert.deepEqual(Object.keys(pipeline("goals-2").extras), ["goals-2"]);
  for (const name of ["../evil", "a/b", "", "a.b", "x".repeat(65)]) {
    assert.throws(() => pipeline(name), { code: "E_PIPELINE", message: /An extra stage is named/ });
  }
});

Deno.test("candidatesAt() names the grains for which an env has words", () => {
  const env = { id: "Here", actions: ["left"], guidance: { plan: ["go left"] } } as Partial<
    EnvSpec
  >;
  assert.deepEqual(candidatesAt(env as EnvSpec, "plan"), ["go left"]);
  assert.throws(() => candidatesAt(env as EnvSpec, "subgoal"), {
    code: "E_WIRING",
    message: /at the grain "subgoal", for which "Here" has no words; .*"action" and "plan"\./,
  });
});

Deno.test("a run that is stopped keeps a checkpoint though none is due", async () => {
  const stop = new AbortController();
  const kept: number[] = [];
  const pipeline = definePipeline({
    name: "stopped",
    env: corridor(),
    teacher: bot(),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: paper(),
    schedule: { iterations: 9, envs: 2, steps: 2 },
    evaluation: { episodes: 2, states: 2 },
  });
  const emit = ({ type }: TandemEvent) => type === "iteration.ended" && stop.abort();
  const context = createContext({ seed: 0, device: "cpu", emit, signal: stop.signal });
  const { stopped } = await runPipeline(pipeline, context, {
    checkpoints: { isDue: () => false, keep: ({ iteration }) => void kept.push(iteration) },
  });
  assert.equal(stopped, true);
  assert.deepEqual(kept, [1]);
});

Deno.test("advice that comes after its episode ended is silence in all that it says", () => {
  const given: Guidance[] = [];
  const teacher = {
    candidates: ["a", "b"],
    advise: () => {
      const guidance = silence(2, ["a", "b"]);
      for (const i of [0, 1]) suggest(guidance, i, 1, 0.75);
      given.push({ ...guidance, texts: ["B!", "B!"], authors: ["x", "y"] });
      return given.at(-1);
    },
  } as unknown as Teacher;
  const schedule = { iterations: 1, steps: 1, adviceEvery: 1, adviceDelay: 1, teacherOff: 1 };
  const stages = { teacher, student: {} as Student };
  const edge = new AdviceEdge(stages, schedule, 2, createContext({ seed: 0 }));
  const [going, ended] = [Uint8Array.of(0, 0), Uint8Array.of(0, 1)];
  edge.advise(SEEN, undefined);
  edge.answer({ step: { terminated: ended, truncated: going } as EnvStep } as AnsweredStep);
  const late = edge.advise(SEEN, undefined) as Guidance;
  assert.deepEqual([...late.choices], [1, -1]);
  assert.deepEqual([...late.distribution], [0.25, 0.75, 0, 0]);
  assert.deepEqual([...late.logProbs].map((p) => p.toFixed(2)), ["-0.29", "0.00"]);
  assert.deepEqual([late.texts, late.authors], [["B!", ""], ["x", ""]]);
  assert.deepEqual([...given[0]!.choices], [1, 1], "the teacher's own stays as it was");
});
