import assert from "node:assert/strict";
import { checkTeacher } from "../../../core/testing/mod.ts";
import { suggestionOf, tokensOf } from "../../../core/kit/guidance.ts";
import { createContext } from "../../../core/kit/context.ts";
import type { TandemEvent } from "../../../core/stages/events.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { Feedback, Teacher } from "../../../core/stages/mod.ts";
import { corridor } from "../../../plugins/env/corridor.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { cassette } from "../../../plugins/teacher/cassette/mod.ts";
import { random } from "../../../plugins/teacher/random.ts";
import { stubEnv, stubPipeline, Ticks } from "../../core/stubs.ts";
import { rolloutOf, spec } from "../moments.ts";
import { speaker } from "./speakers.ts";

type Options = Omit<Parameters<typeof cassette>[0] & object, "file">;

async function withFile(test: (file: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(`${dir}/tape.jsonl`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const open = async (file: string, options: Options = {}, context = createContext({ seed: 0 })) =>
  await cassette({ file, ...options }).create(context, { env: spec });

/** Observations of these ticks. */
function at(...ticks: number[]): Ticks {
  const observations = new Ticks(ticks.length);
  observations.data.set(ticks);
  return observations;
}

/** An answer with all its words written out. */
const ask = async (teacher: Teacher, ...asked: Parameters<Teacher["advise"]>) => {
  const guidance = await teacher.advise(...asked);
  const { choices, distribution, logProbs } = guidance;
  return {
    ...{ choices, distribution, logProbs },
    texts: Array.from(choices, (_, i) => suggestionOf(guidance, i)),
    tokens: Array.from(choices, (_, i) => tokensOf(guidance, i)),
  };
};

Deno.test("cassette: replays what it recorded bit for bit, without the teacher", () =>
  withFile(async (file) => {
    // A fickle teacher: what it says of a state changes from asking to asking.
    const of = speaker({ say: (i, n) => [(i + n) % 3 - 1, 0.1 + 0.07 * n] });
    const recorder = await open(file, { of });
    const asked = [at(1, 2, 3), at(3, 1, 2), at(1, 1, 1), at(2, 3, 1)];
    const recorded = [];
    for (const observations of asked) recorded.push(await ask(recorder, observations, "train"));
    await recorder.dispose!();
    const player = await open(file);
    for (const [t, observations] of asked.entries()) {
      assert.deepEqual(await ask(player, observations, "train"), recorded[t]);
    }
    assert.deepEqual(player.usage(), { calls: 12, cacheHits: 12, tokens: 0 });
    assert.deepEqual(player.candidates, spec.actions);
    assert.equal(player.grain, "action");
    assert.deepEqual(player.learnsBy, []);
  }));

Deno.test("cassette: keeps measurements apart from training", () =>
  withFile(async (file) => {
    const of = speaker({ say: (_i, _n, mode) => [mode === "train" ? 0 : 1, 1] });
    const recorder = await open(file, { of });
    await recorder.advise(at(1), "train");
    await recorder.advise(at(1), "evaluate");
    await recorder.dispose!();
    const player = await open(file);
    assert.deepEqual([...(await player.advise(at(1), "evaluate")).choices], [1]);
    assert.deepEqual([...(await player.advise(at(1), "train")).choices], [0]);
  }));

Deno.test("cassette: a teacher that answers alike takes one line a state", () =>
  withFile(async (file) => {
    const recorder = await open(file, { of: speaker({ say: () => [1, 0.75] }) });
    for (let t = 0; t < 10; t++) await recorder.advise(at(1, 2), "train");
    await recorder.dispose!();
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    assert.deepEqual(JSON.parse(lines[0]!), {
      tandem: "cassette",
      version: 1,
      env: "Tests-v0",
      oracle: false,
      grain: "action",
      candidates: ["left", "right"],
    });
    assert.equal(lines.length, 3);
    assert.deepEqual({ ...JSON.parse(lines[1]!), content: "" }, {
      content: "",
      n: 0,
      choice: 1,
      p: [0.25, 0.75],
      logProb: Math.fround(Math.log(0.75)),
      text: "right",
      tokens: [1, 7],
    });
  }));

Deno.test("cassette: says the last known answer when asked more often than recorded", () =>
  withFile(async (file) => {
    const recorder = await open(file, { of: speaker({ say: (_, n) => [n % 2, 1] }) });
    for (let t = 0; t < 2; t++) await recorder.advise(at(1), "train");
    await recorder.dispose!();
    const player = await open(file);
    const said = [];
    for (let t = 0; t < 4; t++) said.push((await player.advise(at(1), "train")).choices[0]);
    assert.deepEqual(said, [0, 1, 1, 1]);
  }));

Deno.test("cassette: fails on a state it does not know, or is silent if told so", () =>
  withFile(async (file) => {
    const recorder = await open(file, { of: speaker({ say: () => [1, 1] }) });
    await recorder.advise(at(1), "train");
    await recorder.dispose!();
    const player = await open(file);
    assert.throws(() => player.advise(at(1, 9), "train"), {
      code: "E_FILE",
      message:
        `The cassette "${file}" has no answer to "wait; It is 9 o'clock": record it again, ` +
        'or set missing to "silence".',
    });
    const lenient = await open(file, { missing: "silence" });
    const guidance = await ask(lenient, at(1, 9), "train");
    assert.deepEqual([...guidance.choices], [1, -1]);
    assert.deepEqual(guidance.texts, ["right", ""]);
    assert.deepEqual([...guidance.distribution], [0, 1, 0, 0]);
    assert.equal(lenient.usage().calls, 1);
  }));

Deno.test("cassette: silence and impossible words survive", () =>
  withFile(async (file) => {
    const recorder = await open(file, { of: speaker({ say: (i) => [i - 1, i === 1 ? 0 : 0.3] }) });
    const recorded = await ask(recorder, at(1, 2, 3), "train");
    await recorder.dispose!();
    assert.equal(recorded.logProbs[1], -Infinity);
    assert.deepEqual(await ask(await open(file), at(1, 2, 3), "train"), recorded);
  }));

Deno.test("cassette: the teacher hears verdicts and is accounted for while it is recorded", () =>
  withFile(async (file) => {
    const heard: Feedback[] = [];
    const log: string[] = [];
    const recorder = await open(file, { of: speaker({ say: () => [1, 1], heard, log }) });
    await recorder.advise(at(1), "train");
    await recorder.receive({ rollout: rolloutOf({ envs: 1 }), verdicts: [] });
    assert.equal(heard.length, 1);
    assert.deepEqual(recorder.learnsBy, ["memory"]);
    assert.deepEqual(recorder.usage(), { calls: 1, cacheHits: 1, tokens: 10 });
    await recorder.dispose!();
    assert.equal(log.at(-1), "speaker is disposed of");
  }));

Deno.test("cassette: goes on exactly from a saved state, recording or replaying", () =>
  withFile(async (file) => {
    const of = speaker({ say: (_, n) => [n % 2, 1] });
    const recorder = await open(file, { of });
    for (let t = 0; t < 3; t++) await recorder.advise(at(1), "train");
    const state = structuredClone(await recorder.save!());
    await recorder.dispose!();
    const player = await open(file);
    await player.advise(at(1), "train");
    const other = await open(file);
    await other.load!(structuredClone(await player.save!()));
    assert.deepEqual([...(await other.advise(at(1), "train")).choices], [1]);
    const second = await open(`${file}.second`, { of });
    await second.load!(state);
    assert.deepEqual([...(await second.advise(at(1), "train")).choices], [1]);
    await second.dispose!();
    const [, line] = (await Deno.readTextFile(`${file}.second`)).split("\n");
    assert.equal(JSON.parse(line!).n, 3);
  }));

Deno.test("cassette: a whole run goes the same way again", () =>
  withFile(async (file) => {
    const run = async (options: Options) => {
      const events: TandemEvent[] = [];
      const pipeline = stubPipeline([], {
        env: stubEnv({ length: 4, end: "truncated" }),
        teacher: cassette({ file, ...options }),
        schedule: { iterations: 2, envs: 4, steps: 16 },
        evaluation: { episodes: 4, states: 8 },
      });
      const emit = (event: TandemEvent) => void events.push(event);
      await runPipeline(pipeline, createContext({ seed: 5, emit }));
      return events.filter(({ type }) => type === "ledger" || type === "evaluated");
    };
    const recorded = await run({ of: bot({ accuracy: 0.6 }) });
    assert.deepEqual(await run({ mode: "replay" }), recorded);
  }));

Deno.test("cassette: an expert's recording stays labelled", () =>
  withFile(async (file) => {
    assert.equal(cassette({ file, of: bot() }).usesOracle, true);
    const recorder = await open(file, { of: bot() });
    await recorder.dispose!();
    const events: TandemEvent[] = [];
    await open(file, {}, createContext({ seed: 0, emit: (event) => void events.push(event) }));
    assert.deepEqual(events, [{
      type: "warning",
      code: "W_NOTE",
      message: `The cassette "${file}" holds the expert's knowledge: this run is a control.`,
    }]);
    events.length = 0;
    await open(file, { of: bot() });
    assert.deepEqual(events, []);
  }));

Deno.test("cassette: says what is missing", () =>
  withFile(async (file) => {
    await assert.rejects(open(file), {
      code: "E_OPTION",
      message:
        `The cassette "${file}" does not exist, and the option "of" names no teacher to record.`,
    });
    await assert.rejects(open(file, { mode: "record" }), /is to be recorded, and the option "of"/);
    await assert.rejects(open(file, { mode: "replay" }), {
      code: "E_FILE",
      message: /cannot be read: no such file/,
    });
    const of = speaker({ say: () => [0, 1] });
    await assert.rejects(open(`${file}/nowhere`, { of }), {
      code: "E_FILE",
      message: /cannot be written: no such file/,
    });
  }));

Deno.test("cassette: refuses a recording of another environment", () =>
  withFile(async (file) => {
    await (await open(file, { of: speaker({ say: () => [0, 1] }) })).dispose!();
    const other = { env: { ...spec, id: "Other-v0" } };
    const opening = cassette({ file }).create(createContext({ seed: 0 }), other);
    await assert.rejects(Promise.resolve(opening), {
      code: "E_WIRING",
      message: `The cassette "${file}" was recorded in "Tests-v0" and cannot teach in "Other-v0".`,
    });
  }));

Deno.test("cassette: one that was recorded long ago says the same today", async () => {
  const file = new URL("../../fixtures/guidance/cassette.jsonl", import.meta.url).pathname;
  const guidance = await (await open(file)).advise(at(1, 2, 3), "train");
  assert.deepEqual([...guidance.choices], [0, 0, 0]);
  const distribution = [0.65, 0.35, 0.75, 0.25, 0.9, 0.1];
  assert.deepEqual([...guidance.distribution].map((p) => Number(p.toFixed(6))), distribution);
  assert.deepEqual([0, 1, 2].map((i) => suggestionOf(guidance, i)), ["left", "left", "left"]);
  assert.deepEqual(guidance.tokens, [[0, 7], [0, 7], [0, 7]]);
  assert.deepEqual(guidance.authors, ["1 left", "1 left", "1 left"]);
});

Deno.test("cassette: reads up to a torn last line, and refuses anything else that is broken", () =>
  withFile(async (file) => {
    const recorder = await open(file, { of: speaker({ say: (_, n) => [n % 2, 1] }) });
    for (const tick of [1, 2]) await recorder.advise(at(tick), "train");
    await recorder.dispose!();
    const text = await Deno.readTextFile(file);
    const [header, first] = text.split("\n");
    await Deno.writeTextFile(file, text.slice(0, -5));
    const player = await open(file, { missing: "silence" });
    assert.deepEqual([...(await player.advise(at(1, 2), "train")).choices], [0, -1]);
    const broken: [text: string, message: RegExp][] = [
      ["", /broken at line 1: it is no JSON/],
      ["{}\n", /broken at line 1: /],
      [`${header}\nnonsense\n`, /broken at line 2: it is no JSON/],
      [`${header}\n{"content":"a"}\n`, /broken at line 2: Invalid key: Expected "n"/],
      [
        `${header}\n${first!.replace('"p":[1,0]', '"p":[1]')}\n`,
        /it does not fit the 2 candidates/,
      ],
      [`${header}\n${first!.replace('"choice":0', '"choice":2')}\n`, /line 2: it does not fit/],
      ...["-5", "1e999", "1.1"].map((p): [string, RegExp] => [
        `${header}\n${first!.replace('"p":[1,0]', `"p":[${p},0]`)}\n`,
        /broken at line 2: Invalid value/,
      ]),
      [`${header!.replace('"version":1', '"version":2')}\n`, /broken at line 1: Invalid type/],
    ];
    for (const [content, message] of broken) {
      await Deno.writeTextFile(file, content);
      await assert.rejects(open(file), { code: "E_FILE", message });
    }
  }));

Deno.test("cassette: keeps a teacher's contract, recording and replaying", () =>
  withFile(async (file) => {
    const [world, of] = [corridor(), random()];
    const recording = cassette({ file: `${file}.other`, of, mode: "record" });
    assert.deepEqual(await checkTeacher(recording, { world }), []);
    const context = createContext({ seed: 0 });
    const env = await world.create(context, { envs: 20 });
    const recorder = await cassette({ file, of }).create(context, { env: env.spec });
    await recorder.advise(env.reset(Array.from({ length: 20 }, (_, i) => i)), "train");
    await recorder.dispose!();
    const replaying = cassette({ file, missing: "silence" });
    assert.deepEqual(await checkTeacher(replaying, { world }), []);
  }));
