import assert from "node:assert/strict";
import * as v from "valibot";
import { definePipeline, isPipeline, pipelineFromJson } from "../../core/pipeline/pipeline.ts";
import { type Catalog, definePlugin } from "../../core/pipeline/plugin.ts";
import { tdError } from "../../plugins/advantage/td_error.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { none as noFeedback } from "../../plugins/feedback/none.ts";
import type { Trait } from "../../core/stages/mod.ts";
import { paper } from "../../plugins/feedback/paper.ts";
import { none as noTeacher } from "../../plugins/teacher/none.ts";

const lazy = definePlugin({
  kind: "student",
  name: "lazy",
  description: "Never made.",
  options: { hidden: v.optional(v.number(), 64) },
  create: () => {
    throw new Error("A pipeline that is only defined makes no stage.");
  },
});

const silent = definePlugin({
  kind: "extra",
  name: "silent",
  description: "Does nothing.",
  options: { weight: v.optional(v.number(), 1) },
  create: () => ({}),
});

const catalog: Catalog = {
  env: { corridor },
  teacher: { none: noTeacher },
  student: { lazy },
  advantage: { "td-error": tdError },
  feedback: { none: noFeedback, paper },
  extra: { silent },
  channel: {},
};

const parts = {
  name: "one-way",
  env: corridor({ length: 5 }),
  teacher: noTeacher(),
  student: lazy({ hidden: 8 }),
  advantage: tdError(),
  feedback: noFeedback(),
};

Deno.test("definePipeline() fills in schedule and evaluation", () => {
  const { name, description, schedule, evaluation } = definePipeline({
    ...parts,
    schedule: { steps: 8 },
  });
  assert.equal(name, "one-way");
  assert.equal(description, "");
  assert.deepEqual(schedule, {
    iterations: 40,
    envs: 64,
    steps: 8,
    feedbackEvery: 1,
    feedbackDelay: 0,
    warmUp: 0,
    adviceEvery: 1,
    adviceDelay: 0,
    teacherOff: 1,
  });
  assert.deepEqual(evaluation, { episodes: 200, states: 256, every: 0, advice: false });
});

Deno.test("definePipeline() refuses a missing stage, one not called and one in the wrong place", () => {
  assert.throws(() => definePipeline({ ...parts, student: undefined as never }), {
    code: "E_PIPELINE",
    message: 'The pipeline has no stage "student".',
  });
  assert.throws(() => definePipeline({ ...parts, student: lazy as never }), {
    code: "E_PIPELINE",
    message: 'The stage "student" is a plugin that was not called: write student: plugin().',
  });
  assert.throws(() => definePipeline({ ...parts, teacher: paper() as never }), {
    code: "E_SLOT",
    message: '"paper" is a plugin of the stage feedback and cannot stand in teacher.',
  });
});

Deno.test("definePipeline() refuses bad options", () => {
  assert.throws(() => definePipeline({ ...parts, schedule: { envs: 0 } }), { code: "E_OPTION" });
  const evaluation = { evry: 1 } as never;
  assert.throws(() => definePipeline({ ...parts, evaluation }), /Did you mean "every"\?/);
});

Deno.test("a pipeline's with() replaces what it is given and keeps the rest", () => {
  const first = definePipeline({ ...parts, description: "d", schedule: { steps: 8 } });
  const second = first.with({ name: "b", feedback: paper(), schedule: { envs: 2 } });
  assert.equal(second.name, "b");
  assert.equal(second.description, "d");
  assert.equal(second.stages.feedback.plugin, "paper");
  assert.equal(second.stages.student, first.stages.student);
  assert.deepEqual(second.schedule, { ...first.schedule, envs: 2 });
  assert.equal(first.stages.feedback.plugin, "none");
  assert.deepEqual(first.with({}).toJSON(), first.toJSON());
  assert.throws(() => first.with({ feedback: noTeacher() as never }), { code: "E_SLOT" });
});

Deno.test("a pipeline's with() adds, replaces and takes away extra stages", () => {
  const first = definePipeline({ ...parts, extras: { a: silent(), b: silent() } });
  const second = first.with({ extras: { b: undefined, c: silent() } }).with({ name: "other" });
  assert.deepEqual(Object.keys(second.extras), ["a", "c"]);
  assert.deepEqual(Object.keys(first.extras), ["a", "b"]);
  assert.throws(() => first.with({ extras: { d: paper() as never } }), {
    code: "E_SLOT",
    message: '"paper" is a plugin of the stage feedback and cannot stand in extra.',
  });
});

Deno.test("definePipeline() refuses a student that does not fit, where all have declared how", () => {
  const picky = (fits: readonly Trait[]) =>
    definePlugin({
      kind: "student",
      name: "picky",
      description: "Never made.",
      options: {},
      fits,
      create: () => assert.fail(),
    })();
  const planner = definePlugin({
    kind: "teacher",
    name: "planner",
    description: "Never made.",
    options: { grain: v.optional(v.picklist(["action", "plan"]), "plan") },
    fits: ({ grain }) => [grain],
    create: () => assert.fail(),
  });
  assert.throws(() => definePipeline({ ...parts, student: picky(["grid"]) }), {
    code: "E_WIRING",
    message: 'The student "picky" takes observations of the kind "grid", and the env "corridor" ' +
      'gives "vector".',
  });
  const student = picky(["vector", "action", "subgoal"]);
  assert.throws(() => definePipeline({ ...parts, student, teacher: planner() }), {
    code: "E_WIRING",
    message: 'The student "picky" takes guidance of the grain "action" or "subgoal", and the ' +
      'teacher "planner" gives "plan".',
  });
  definePipeline({ ...parts, student, teacher: planner({ grain: "action" }) });
  definePipeline({ ...parts, student: picky(["plan"]) });
});

Deno.test("a pipeline round-trips through JSON", async () => {
  const extras = { calm: silent({ weight: 2 }) };
  const evaluation = { every: 3 };
  const pipeline = definePipeline({ ...parts, description: "d", extras, evaluation });
  const json = JSON.parse(JSON.stringify(pipeline));
  assert.deepEqual(json.extras, { calm: { plugin: "silent", options: { weight: 2 } } });
  assert.equal(JSON.stringify(definePipeline(parts)).includes("extras"), false);
  assert.equal(json.tandem, 1);
  assert.deepEqual(json.env, { plugin: "corridor", options: { length: 5 } });
  assert.deepEqual((await pipelineFromJson(json, catalog)).toJSON(), pipeline.toJSON());
});

Deno.test("pipelineFromJson() takes defaults where parts of the document are left out", async () => {
  const json = Object.fromEntries(
    ["env", "teacher", "student", "advantage", "feedback"].map((kind) => [
      kind,
      { plugin: definePipeline(parts).toJSON()[kind as "env"].plugin },
    ]),
  );
  const pipeline = await pipelineFromJson({ tandem: 1, name: "small", ...json }, catalog);
  assert.deepEqual(pipeline.stages.env.options, { length: 7 });
  assert.equal(pipeline.description, "");
});

Deno.test("pipelineFromJson() refuses a malformed document and says where", async () => {
  const json = JSON.parse(JSON.stringify(definePipeline(parts)));
  const cases: [document: unknown, code: string, message: RegExp][] = [
    [null, "E_PIPELINE", /^The pipeline's "document" is "null"/],
    [{ ...json, tandem: 2 }, "E_PIPELINE", /^The pipeline's "tandem" is "2"/],
    [{ ...json, name: 3 }, "E_PIPELINE", /^The pipeline's "name" is "3"/],
    [
      { ...json, extra: 1 },
      "E_PIPELINE",
      /^A pipeline has no part "extra"\. Did you mean "extras"\?$/,
    ],
    [{ ...json, teacher: undefined }, "E_PIPELINE", /^The pipeline's "teacher" is "undefined"/],
    [{ ...json, teacher: { plugin: 1 } }, "E_PIPELINE", /^The pipeline's "teacher.plugin" is "1"/],
    [{ ...json, teacher: { plugin: "nome" } }, "E_PLUGIN", /Did you mean "none"\?/],
    [{ ...json, teacher: { plugin: "none", options: { a: 1 } } }, "E_OPTION", /no option "a"/],
    [{ ...json, schedule: { steps: "8" } }, "E_OPTION", /^The option "steps" of schedule is "8"/],
  ];
  for (const [document, code, message] of cases) {
    await assert.rejects(pipelineFromJson(document, catalog), { code, message });
  }
});

Deno.test("isPipeline() knows a pipeline from anything else", () => {
  assert.ok(isPipeline(definePipeline(parts)));
  for (const other of [null, {}, "pipeline", parts, definePipeline(parts).toJSON()]) {
    assert.equal(isPipeline(other), false);
  }
});
