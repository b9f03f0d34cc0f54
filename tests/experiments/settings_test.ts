import assert from "node:assert/strict";
import { applySettings } from "../../experiments/settings.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import type { Catalog, StageJson } from "../../core/pipeline/plugin.ts";
import { tdError } from "../../plugins/advantage/td_error.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { curriculum } from "../../plugins/extra/curriculum.ts";
import { ellm } from "../../plugins/extra/ellm.ts";
import { none as noFeedback } from "../../plugins/feedback/none.ts";
import { paper } from "../../plugins/feedback/paper.ts";
import { bot } from "../../plugins/teacher/bot.ts";
import { none as noTeacher } from "../../plugins/teacher/none.ts";
import { shuffled } from "../../plugins/teacher/shuffled.ts";
import { stubStudent } from "../core/stubs.ts";

const catalog: Catalog = {
  env: { corridor },
  teacher: { bot, none: noTeacher, shuffled },
  student: {},
  advantage: { "td-error": tdError },
  feedback: { none: noFeedback, paper },
  extra: { curriculum, ellm },
  channel: {},
};
const pipeline = definePipeline({
  name: "x",
  env: corridor(),
  teacher: noTeacher(),
  student: stubStudent(),
  advantage: tdError(),
  feedback: noFeedback(),
});
const apply = (...settings: string[]) => applySettings(pipeline, settings, catalog);

Deno.test("applySettings() replaces stages and sets options, in whatever order they come", async () => {
  const { stages, schedule, evaluation } = await apply(
    "teacher.accuracy=0.5",
    "schedule.envs=16",
    "teacher=bot",
    "evaluation.every=3",
    "feedback=paper",
  );
  assert.deepEqual(stages.teacher.toJSON(), {
    plugin: "bot",
    options: { accuracy: 0.5, grain: "action" },
  });
  assert.equal(stages.feedback.plugin, "paper");
  assert.equal(schedule.envs, 16);
  assert.equal(evaluation.every, 3);
});

Deno.test("applySettings() takes a stage within a stage by name or with its options", async () => {
  const byName = await apply("teacher=shuffled", "teacher.of=bot");
  assert.equal(byName.stages.teacher.usesOracle, true);
  const inner = '{"plugin":"bot","options":{"accuracy":0.6}}';
  const { stages } = await applySettings(byName, [`teacher.of=${inner}`], catalog);
  assert.deepEqual(stages.teacher.toJSON().options, {
    of: { plugin: "bot", options: { accuracy: 0.6, grain: "action" } },
  });
});

Deno.test("applySettings() adds, sets, replaces and takes away extra stages", async () => {
  const first = await apply("extra.goals=ellm", "extra.goals.weight=0.5", "extra.b=ellm");
  assert.deepEqual(first.extras.goals?.options.weight, 0.5);
  const settings = ["extra.goals.weight=1", "extra.b=none", "extra.way=curriculum"];
  const levels = 'extra.way.levels=["a","b"]';
  const second = await applySettings(first, [...settings, levels], catalog);
  assert.deepEqual(Object.keys(second.extras), ["goals", "way"]);
  assert.equal(second.extras.goals?.options.weight, 1);
  assert.deepEqual(second.extras.way?.options.levels, ["a", "b"]);
});

Deno.test("applySettings() refuses what it does not understand and says what would be right", async () => {
  const cases: [setting: string, code: string, message: RegExp][] = [
    ["teacher", "E_ARGUMENT", /is not KEY=VALUE/],
    ["extra.a.weight=1", "E_ARGUMENT", /has no extra stage "a"; add one, as --set extra\.a=PLUGIN/],
    ["extra.a=elm", "E_PLUGIN", /no extra plugin "elm"\. Did you mean "ellm"\?/],
    ["extra.a=paper", "E_SLOT", /"paper" is a plugin of the stage feedback/],
    ["techer=bot", "E_ARGUMENT", /names no stage "techer"\. Did you mean "teacher"\?/],
    ["schedule=fast", "E_ARGUMENT", /"schedule" is no stage; set an option/],
    ["teacher=bott", "E_PLUGIN", /Did you mean "bot"\?/],
    ["teacher=paper", "E_SLOT", /cannot stand in teacher/],
    ["env.lenght=3", "E_OPTION", /Did you mean "length"\?/],
    ["schedule.env=3", "E_OPTION", /Did you mean "envs"\?/],
    ["env.length=long", "E_OPTION", /"length" of env.corridor is "long"/],
    ["teacher=shuffled", "E_OPTION", /"of" of teacher.shuffled/],
  ];
  for (const [setting, code, message] of cases) {
    await assert.rejects(apply(setting), { code, message }, setting);
  }
});

Deno.test("settings say what a stage begins with, and whether it learns on", async () => {
  const begun = await applySettings(
    pipeline,
    ["teacher=bot", "teacher.from=runs/one", "teacher.frozen=true", "teacher.accuracy=0.5"],
    catalog,
  );
  assert.deepEqual(begun.stages.teacher.from, { run: "runs/one" });
  assert.equal(begun.stages.teacher.frozen, true);
  assert.equal(begun.stages.teacher.options.accuracy, 0.5);
  const { teacher } = (await applySettings(begun, ["teacher.from=null"], catalog)).stages;
  assert.equal(teacher.from, undefined);
  assert.equal(teacher.frozen, true);
  const other = await applySettings(begun, ["teacher=none"], catalog);
  assert.equal(other.stages.teacher.from, undefined);
  const named = await applySettings(
    pipeline,
    ["teacher.from=runs/two", "teacher=bot"],
    catalog,
  );
  assert.deepEqual(named.stages.teacher.from, { run: "runs/two" });
  const within = await applySettings(
    pipeline,
    ["teacher=shuffled", 'teacher.of={"plugin":"bot","from":"runs/three"}'],
    catalog,
  );
  assert.deepEqual((within.toJSON().teacher.options.of as StageJson).from, { run: "runs/three" });
});

Deno.test("settings answer a beginning that is none in a sentence", async () => {
  const cases = [
    ["teacher.from=3", "E_OPTION", /^"from" of the teacher is "3"; right would be a run's folder/],
    [
      "student.frozen=maybe",
      "E_OPTION",
      /^"frozen" of the student is "maybe"; right would be true/,
    ],
    ["env.from=runs/one", "E_WIRING", /its worlds are the run's own\.$/],
    ["feedback.frozen=true", "E_WIRING", /cannot be frozen/],
    ["schedule.from=runs/one", "E_OPTION", /^schedule has no option "from"/],
  ] as const;
  for (const [setting, code, message] of cases) {
    await assert.rejects(applySettings(pipeline, [setting], catalog), { code, message });
  }
});
