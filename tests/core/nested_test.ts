import assert from "node:assert/strict";
import * as v from "valibot";
import { createContext } from "../../core/kit/context.ts";
import { stateDict } from "../../core/kit/state_dict.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { type Catalog, definePlugin, nameStages, use } from "../../core/pipeline/plugin.ts";
import type { Teacher } from "../../core/stages/mod.ts";
import { paper } from "../../plugins/feedback/paper.ts";
import { bot } from "../../plugins/teacher/bot.ts";
import { none } from "../../plugins/teacher/none.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const echo = definePlugin({
  kind: "teacher",
  name: "echo",
  description: "Says what another teacher says.",
  options: {
    of: stageOption("teacher"),
    others: v.optional(v.array(stageOption("teacher")), []),
    times: v.optional(v.number(), 1),
  },
  usesOracle: ({ of }) => of.usesOracle,
  create: ({ of }, context, wiring): Promise<Teacher> =>
    Promise.resolve(of.create(context, wiring)),
});

const catalog: Catalog = {
  env: {},
  teacher: { bot, none, echo },
  student: {},
  advantage: {},
  feedback: { paper },
  extra: {},
  channel: {},
};

Deno.test("stageOption() holds a stage of its kind", async () => {
  const stage = echo({ of: bot({ accuracy: 0.5 }) });
  assert.equal(stage.usesOracle, true);
  assert.equal(echo({ of: none() }).usesOracle, false);
  const env = {
    id: "x",
    envs: 1,
    observation: { side: multiDiscrete([2]) },
    actions: ["go"],
    missionWords: [],
    maxSteps: 1,
    autoreset: "same-step",
  } as const;
  const teacher = await stage.create(createContext({ seed: 0 }), { env });
  assert.deepEqual(teacher.candidates, ["go"]);
});

Deno.test("stageOption() refuses anything else in a sentence", () => {
  for (const wrong of [paper(), "bot", null, 3]) {
    assert.throws(() => echo({ of: wrong as never }), {
      code: "E_OPTION",
      message:
        /^The option "of" of teacher.echo is ".*": expected a plugin of the stage teacher\.$/,
    });
  }
  assert.throws(() => echo({} as never), { code: "E_OPTION", message: /"of" of teacher.echo/ });
});

Deno.test("a stage within a stage is written as JSON by name, and found again", async () => {
  const stage = echo({ of: echo({ of: bot({ accuracy: 0.5 }), times: 2 }), others: [none()] });
  const json = JSON.parse(JSON.stringify(stage));
  assert.deepEqual(json, {
    plugin: "echo",
    options: {
      of: {
        plugin: "echo",
        options: {
          of: { plugin: "bot", options: { grain: "action", accuracy: 0.5 } },
          others: [],
          times: 2,
        },
      },
      others: [{ plugin: "none", options: {} }],
      times: 1,
    },
  });
  const found = await use("teacher", json.plugin, json.options, catalog);
  assert.deepEqual(found.toJSON(), stage.toJSON());
  assert.equal(found.usesOracle, true);
});

Deno.test("use() finds a stage within a stage by name alone, or in a list", async () => {
  const found = await use("teacher", "echo", { of: "bot", others: ["none", bot()] }, catalog);
  assert.deepEqual(found.toJSON().options, {
    of: { plugin: "bot", options: { grain: "action", accuracy: 1 } },
    others: [{ plugin: "none", options: {} }, {
      plugin: "bot",
      options: { grain: "action", accuracy: 1 },
    }],
    times: 1,
  });
});

Deno.test("use() helps with a stage within a stage as with any other", async () => {
  const cases: [options: unknown, code: string, message: RegExp][] = [
    [{ of: "bott" }, "E_PLUGIN", /Did you mean "bot"\?/],
    [{ of: "paper" }, "E_SLOT", /cannot stand in teacher/],
    [{ of: { plugin: "bot", options: { acuracy: 1 } } }, "E_OPTION", /Did you mean "accuracy"\?/],
    [{ of: { plugin: "bot", option: {} } }, "E_OPTION", /expected a plugin of the stage teacher/],
    [{ of: "bot", others: "none" }, "E_OPTION", /"others"/],
    [{ off: "bot", times: 1 }, "E_OPTION", /no option "off"/],
    [null, "E_OPTION", /not an object/],
  ];
  for (const [options, code, message] of cases) {
    await assert.rejects(use("teacher", "echo", options, catalog), { code, message });
  }
});

Deno.test("nameStages() serves to change the options of a chosen stage", async () => {
  const stage = echo({ of: none(), times: 3 });
  const changed = stage.with(
    await nameStages(stage.schema, { of: "bot" }, catalog),
  );
  assert.equal(changed.usesOracle, true);
  assert.equal(changed.options.times, 3);
});

Deno.test("stateDict() keeps the states of parts apart and passes over parts without state", async () => {
  const arrays = (n: number) => ({ n: { shape: [1], data: Int32Array.of(n) } });
  const loaded: unknown[] = [];
  const part = (n: number) => ({
    save: () => ({ json: n, arrays: arrays(n) }),
    load: (state: unknown) => void loaded.push(state),
  });
  const joint = stateDict({ a: part(1), ab: part(2), nothing: {} });
  const state = await joint.save();
  assert.deepEqual(state.json, { a: 1, ab: 2 });
  assert.deepEqual(Object.keys(state.arrays!), ["a/n", "ab/n"]);
  await joint.load(state);
  assert.deepEqual(loaded, [{ json: 1, arrays: arrays(1) }, { json: 2, arrays: arrays(2) }]);
  await joint.load({ json: {} });
  assert.equal(loaded.length, 2);
});
