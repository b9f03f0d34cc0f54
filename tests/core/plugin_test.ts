import assert from "node:assert/strict";
import * as v from "valibot";
import { createContext } from "../../core/kit/context.ts";
import {
  type Catalog,
  definePlugin,
  isModule,
  isPlugin,
  pluginOf,
  reload,
  use,
} from "../../core/pipeline/plugin.ts";

const gae = definePlugin({
  kind: "advantage",
  name: "gae",
  description: "Generalised advantage estimates.",
  options: { lambda: v.optional(v.number(), 0.95), gamma: v.optional(v.number(), 0.99) },
  usesOracle: ({ lambda }) => lambda === 0,
  create: ({ lambda }, { seed }, { env }) => ({
    estimate: () => ({
      advantages: Float32Array.of(lambda, seed, env.envs),
      targets: new Float32Array(),
    }),
  }),
});

const none = definePlugin({
  kind: "feedback",
  name: "none",
  description: "No verdicts.",
  options: {},
  usesOracle: true,
  create: () => ({
    judge: () => ({ signs: new Int8Array(), strengths: new Float32Array(), words: () => "" }),
  }),
});

const catalog: Catalog = {
  env: {},
  teacher: {},
  student: {},
  advantage: { gae },
  feedback: { none },
  extra: {},
  channel: {},
};

Deno.test("definePlugin() gives a function that chooses a stage", () => {
  const stage = gae({ lambda: 0.5 });
  assert.equal(stage.kind, "advantage");
  assert.equal(stage.plugin, "gae");
  assert.equal(stage.description, "Generalised advantage estimates.");
  assert.deepEqual(stage.options, { lambda: 0.5, gamma: 0.99 });
  assert.equal(stage.usesOracle, false);
  assert.deepEqual(gae().options, { lambda: 0.95, gamma: 0.99 });
});

Deno.test("a stage's with() replaces some options and keeps the rest", () => {
  const stage = gae({ lambda: 0.5 }).with({ gamma: 1 });
  assert.deepEqual(stage.options, { lambda: 0.5, gamma: 1 });
  assert.throws(() => stage.with({ gama: 1 }), {
    code: "E_OPTION",
    message: 'advantage.gae has no option "gama". Did you mean "gamma"?',
  });
});

Deno.test("a stage says whether it asks the expert, by its options too", () => {
  assert.equal(gae({ lambda: 0 }).usesOracle, true);
  assert.equal(gae().with({ lambda: 0 }).usesOracle, true);
  assert.equal(none().usesOracle, true);
});

Deno.test("a stage is made with its options, the context and the wiring", async () => {
  const env = {
    id: "x",
    envs: 4,
    observation: {},
    actions: [],
    missionWords: [],
    maxSteps: 1,
    autoreset: "same-step",
  } as const;
  const made = await gae({ lambda: 0.5 }).create(createContext({ seed: 3 }), { env });
  assert.deepEqual([...made.estimate({} as never).advantages], [0.5, 3, 4]);
});

Deno.test("isPlugin() knows a plugin from anything else", () => {
  assert.ok(isPlugin(gae));
  for (const other of [gae(), () => {}, null, "gae", Object.assign(() => {}, { kind: "gae" })]) {
    assert.equal(isPlugin(other), false);
  }
});

Deno.test("isModule() tells modules from built-in names", () => {
  const modules = ["./a.ts", "../a.ts", "/a.ts", "a.ts", "a.mjs", "C:\\a.ts", "file:///a", "npm:a"];
  for (const name of modules) assert.ok(isModule(name), name);
  for (const name of ["gae", "td-error", "a.b"]) assert.equal(isModule(name), false, name);
});

Deno.test("use() finds a built-in plugin", async () => {
  const stage = await use("advantage", "gae", { lambda: 0.5 }, catalog);
  assert.deepEqual(stage.options, { lambda: 0.5, gamma: 0.99 });
  assert.equal(stage.plugin, "gae");
});

Deno.test("use() refuses an unknown name and helps", async () => {
  await assert.rejects(use("advantage", "gea", {}, catalog), {
    code: "E_PLUGIN",
    message: 'There is no advantage plugin "gea". Did you mean "gae"?',
  });
  await assert.rejects(use("feedback", "toString", {}, catalog), {
    code: "E_PLUGIN",
    message: 'There is no feedback plugin "toString". Built in: none; a module starts with "./".',
  });
});

Deno.test("use() refuses a plugin of another stage, built in or from a module", async () => {
  await assert.rejects(use("teacher", "gae", {}, catalog), {
    code: "E_SLOT",
    message: '"gae" is a plugin of the stage advantage and cannot stand in teacher.',
  });
  await assert.rejects(use("teacher", fixture("praise.ts"), {}, catalog), { code: "E_SLOT" });
});

Deno.test("use() loads a module's default export, the plugin it exports, or its definition", async () => {
  for (const file of ["praise.ts", "default.ts", "definition.ts"]) {
    const stage = await use("feedback", fixture(file), {}, catalog);
    assert.equal(stage.plugin, fixture(file));
    assert.equal(stage.description, "Every token is good.");
  }
  const relative = "./tests/fixtures/plugins/praise.ts";
  assert.equal((await use("feedback", relative, {}, catalog)).plugin, relative);
});

Deno.test("use() says why a module cannot be loaded, in one line", async () => {
  await assert.rejects(use("feedback", fixture("throws.ts"), {}, catalog), {
    code: "E_PLUGIN",
    message: `The plugin "${
      fixture("throws.ts")
    }" cannot be loaded: first line (at tests/fixtures/plugins/throws.ts:1)`,
  });
  await assert.rejects(use("feedback", fixture("missing.ts"), {}, catalog), { code: "E_PLUGIN" });
  await assert.rejects(use("feedback", fixture("no_plugin.ts"), {}, catalog), {
    code: "E_PLUGIN",
    message: `The module "${
      fixture("no_plugin.ts")
    }" exports no plugin; export one made by definePlugin as its default.`,
  });
});

Deno.test("use() and reload() leave feedback rules from modules to the sandbox, and nothing else", async () => {
  const asked: unknown[] = [];
  const sandboxed: Catalog = {
    ...catalog,
    sandbox: (...call) => (asked.push(call), Promise.resolve(none())),
  };
  const rule = { ...none(), plugin: "./rule.ts", options: { margin: 1 } };
  assert.equal((await use("feedback", "./rule.ts", { margin: 1 }, sandboxed)).plugin, "none");
  assert.equal((await reload(rule, "2", sandboxed)).plugin, "none");
  assert.deepEqual(asked, [["./rule.ts", { margin: 1 }], ["./rule.ts", { margin: 1 }]]);
  assert.equal((await use("feedback", "none", {}, sandboxed)).plugin, "none");
  await assert.rejects(use("teacher", fixture("praise.ts"), {}, sandboxed), { code: "E_SLOT" });
  assert.equal(asked.length, 2);
});

Deno.test("reload() reads the module anew and keeps the options that are still there", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-test-" });
  try {
    const path = `${folder}/rule.ts`;
    const write = (description: string, option: string) =>
      Deno.writeTextFile(
        path,
        `import { number, optional } from "valibot";
        export default { kind: "feedback", name: "rule", description: "${description}",
          options: { ${option}: optional(number(), 0) }, create() {} };`,
      );
    const stage = { ...none(), plugin: path, options: { margin: 1, gone: 2 } };
    await write("first", "margin");
    const first = await reload(stage, "1", catalog);
    assert.deepEqual([first.description, first.plugin, first.options], [
      "first",
      path,
      { margin: 1 },
    ]);
    await write("second", "other");
    assert.equal((await reload(stage, "1", catalog)).description, "first");
    const second = await reload(stage, "2", catalog);
    assert.deepEqual([second.description, second.options], ["second", { other: 0 }]);
    await assert.rejects(reload({ ...gae(), plugin: path }, "2", catalog), {
      code: "E_SLOT",
      message: `"${path}" is a plugin of the stage feedback and cannot stand in advantage.`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("pluginOf() takes a definition only where all of it is there", () => {
  const definition = {
    kind: "feedback",
    name: "own",
    description: "Own.",
    options: {},
    create: () => ({}),
  };
  assert.equal(pluginOf({ own: definition })?.pluginName, "own");
  for (const part of Object.keys(definition)) {
    assert.equal(pluginOf({ own: { ...definition, [part]: undefined } }), undefined, part);
  }
  assert.equal(pluginOf({ own: { ...definition, kind: "sixth" } }), undefined);
  assert.equal(pluginOf({ own: { ...definition, options: null } }), undefined);
  assert.equal(pluginOf({ a: null, b: "text", c: () => {} }), undefined);
});

function fixture(name: string): string {
  return new URL(`../fixtures/plugins/${name}`, import.meta.url).href;
}

Deno.test("use() waits for no pipe or device that is named as a module", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    const pipe = `${folder}/rule.ts`;
    assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    for (const name of [pipe, "/dev/zero", folder]) {
      await assert.rejects(use("feedback", name, {}, catalog), {
        code: "E_PLUGIN",
        message: /cannot be loaded: it is no file\.$/,
      });
    }
    await Deno.writeTextFile(`${folder}/long.ts`, "");
    await Deno.truncate(`${folder}/long.ts`, 2 ** 40);
    await assert.rejects(use("feedback", `${folder}/long.ts`, {}, catalog), {
      message: /it has more than 67108864 bytes\.$/,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
