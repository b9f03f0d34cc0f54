import assert from "node:assert/strict";
import * as v from "valibot";
import { builtinDocs, pluginPages, stalePages } from "../../cli/docs.ts";
import { optionTypeFiles } from "../../cli/option_types.ts";
import { documentOptions, documentPlugin, type OptionDoc, valuesOf } from "../../cli/plugin_doc.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { described, option, parseOptions } from "../../core/pipeline/options.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";
import { EVALUATION, SCHEDULE } from "../../core/pipeline/schedule.ts";
import { outcome, start, task, withFolder } from "../cli/command.ts";

Deno.test("docs/plugins/ is what `deno task docs:plugins` writes", async () => {
  const pages = await pluginPages();
  assert.deepEqual(await stalePages(pages), []);
  for (const [name, text] of pages) {
    const url = new URL(`../../docs/plugins/${name}`, import.meta.url);
    const found = await Deno.readTextFile(url).catch(() => "");
    assert.equal(found, text, `${name} is not current: run deno task docs:plugins`);
  }
});

Deno.test("the types of options are what `deno task docs:plugins` writes", async () => {
  for (const [path, text] of optionTypeFiles()) {
    const found = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assert.equal(found, text, `${path} is not current: run deno task docs:plugins`);
  }
});

Deno.test("a built-in plugin's docstring is its description", async () => {
  const pages = await pluginPages();
  for (const { kind, name, description } of builtinDocs()) {
    const [, file] = pages.get(`${name}.md`)!.match(
      new RegExp(`${kind}[^]*? is in \\[(plugins/[^\\]]+)\\]`),
    )!;
    const text = await Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
    assert.ok(text.includes(`/** ${description} */\nexport const `), `${kind} ${name}`);
  }
});

Deno.test("every built-in plugin has details, and each of its options a description", () => {
  const bare = (owner: string, options: readonly OptionDoc[]): string[] =>
    options.flatMap(({ name, description, parts }) => [
      ...(description === "" ? [`${owner}.${name}`] : []),
      ...bare(`${owner}.${name}`, parts),
    ]);
  for (const { kind, name, details, options } of builtinDocs()) {
    assert.notEqual(details, "", `${kind} ${name}`);
    assert.deepEqual(bare(`${kind}.${name}`, options), []);
  }
  assert.deepEqual(bare("schedule", documentOptions(SCHEDULE)), []);
  assert.deepEqual(bare("evaluation", documentOptions(EVALUATION)), []);
});

Deno.test("every page names the file that defines its plugin", async () => {
  const pages = await pluginPages();
  for (const { kind, name } of builtinDocs()) {
    const files = pages.get(`${name}.md`)!.matchAll(/ is in \[(plugins\/[^\]]+)\]/g);
    const texts = [...files].map(([, file]) =>
      Deno.readTextFileSync(new URL(`../../${file}`, import.meta.url))
    );
    assert.ok(
      texts.some((text) => text.includes(`kind: "${kind}"`) && text.includes(`name: "${name}"`)),
      `${kind} ${name}`,
    );
  }
});

const WORDS: readonly [schema: v.GenericSchema, words: string][] = [
  [v.number(), "a number"],
  [
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
    "a number, at least 0, at most 1",
  ],
  [v.pipe(v.number(), v.integer(), v.gtValue(2)), "a whole number, above 2"],
  [v.pipe(v.pipe(v.number(), v.minValue(0)), v.maxValue(1)), "a number, at least 0, at most 1"],
  [v.optional(v.picklist(["sum", "mean"]), "sum"), '`"sum"`, `"mean"`'],
  [
    v.pipe(v.array(v.union([v.string(), v.number()])), v.minLength(1)),
    "a list: a text or a number, at least 1",
  ],
  [v.boolean(), "`true` or `false`"],
  [v.union([v.literal("auto"), v.number()]), '`"auto"` or a number'],
  [v.strictObject({ size: v.optional(v.number(), 3) }), "an object"],
  [stageOption("teacher"), "a teacher"],
];

for (const [schema, words] of WORDS) {
  Deno.test(`valuesOf() says "${words}"`, () => assert.equal(valuesOf(schema), words));
}

Deno.test("documentPlugin() reads all that a plugin says of itself", () => {
  const inner = v.strictObject({
    size: option("How large.", v.number(), 3),
    seed: v.optional(v.string()),
  });
  const doc = documentPlugin(definePlugin({
    kind: "advantage",
    name: "mine",
    description: "Mine.",
    details: `
      First, with a formula:

          A = 1

      Second.`,
    options: {
      gamma: option(
        `A discount,
        in two lines.`,
        v.number(),
        0.9,
      ),
      list: described("Many words.", v.array(v.string())),
      own: v.optional(v.pipe(v.boolean(), v.description("In Valibot's way.")), true),
      bare: v.number(),
      inner: option("More.", inner, {}),
    },
    create: () => assert.fail(),
  }));
  assert.equal(doc.details, "First, with a formula:\n\n    A = 1\n\nSecond.");
  const plain = { default: undefined, required: false, description: "", parts: [] };
  const size = { ...plain, name: "size", values: "a number", type: "number", default: "3" };
  const seed = { ...plain, name: "seed", values: "a text", type: "string" };
  assert.deepEqual(doc.options, [
    {
      ...plain,
      ...{ name: "gamma", values: "a number", type: "number", default: "0.9" },
      description: "A discount, in two lines.",
    },
    {
      ...plain,
      ...{ name: "list", values: "a list: a text", type: "string[]", required: true },
      description: "Many words.",
    },
    {
      ...plain,
      ...{ name: "own", values: "`true` or `false`", type: "boolean", default: "true" },
      description: "In Valibot's way.",
    },
    { ...plain, name: "bare", values: "a number", type: "number", required: true },
    {
      ...plain,
      ...{
        name: "inner",
        values: "an object",
        type: "object",
        default: "{}",
        description: "More.",
      },
      parts: [{ ...size, description: "How large." }, seed],
    },
  ]);
});

Deno.test("an option with a description is parsed as one without", () => {
  const schema = {
    left: option("May be left out.", v.number()),
    level: option("Has a default.", v.picklist(["low", "high"]), "low"),
    given: described("Must be given.", v.string()),
  };
  const parsed: { left?: number; level: "low" | "high"; given: string } = parseOptions(
    schema,
    { given: "x" },
    "mine",
  );
  assert.deepEqual(parsed, { level: "low", given: "x" });
  assert.throws(() => parseOptions(schema, {}, "mine"), { code: "E_OPTION" });
  assert.throws(() => parseOptions(schema, { given: "x", level: "off" }, "mine"), {
    code: "E_OPTION",
  });
});

Deno.test("plugins lists every plugin on one line", async () => {
  const { status, stdout } = await task("plugins");
  assert.equal(status, 0);
  for (const { name, description } of builtinDocs()) {
    assert.ok(
      stdout.split("\n").some((line) => line.trim() === `${name.padEnd(24)} ${description}`),
    );
  }
});

Deno.test("plugins NAME shows details and options with defaults", async () => {
  const { status, stdout } = await task("plugins", "td-error");
  assert.equal(status, 0);
  assert.match(stdout, /^advantage td-error: A = r \+ gamma V\(s'\) - V\(s\)/);
  assert.match(
    stdout,
    / {2}gamma +a number, at least 0, at most 1 \(default 0\.99\)\n +Discount of/,
  );
  assert.match(stdout, /--set advantage=td-error\n$/);
});

Deno.test("plugins NAME shows the options within an option below it", async () => {
  const { stdout } = await task("plugins", "language-model");
  assert.match(
    stdout,
    /^ {2}memory +an object \(default \{\}\)\n +How "memory" remembers\.\n {4}size +a whole number, [^\n]* \(default 2048\)\n {4}/m,
  );
});

Deno.test("plugins NAME shows a plugin of the user's own, and names the nearest of an unknown one", async () => {
  await withFolder(async (folder) => {
    await task("new", "feedback", "my_rule", "--dir", folder);
    const own = await outcome(start("plugins", `${folder}/my_rule.ts`));
    assert.match(own.stdout, /^feedback my-rule: .*\n\nPositive where the advantage rose by more/);
    assert.match(own.stdout, / {2}margin +a number, at least 0 \(default 0\)\n +Smallest change/);
    // By a module that re-exports it, so that no source beside the one named can be read.
    await Deno.writeTextFile(`${folder}/again.ts`, 'export { default } from "./my_rule.ts";\n');
    const again = await outcome(start("plugins", `${folder}/again.ts`));
    assert.equal(again.stdout, own.stdout);
    const base = new URL("../cli/corridor.ts", import.meta.url);
    await Deno.writeTextFile(
      `${folder}/pipeline.ts`,
      `import base from "${base}";\nimport rule from "./again.ts";\n` +
        "export default base.with({ feedback: rule() });\n",
    );
    const help = await outcome(start("run", `${folder}/pipeline.ts`, "--help"));
    assert.match(
      help.stdout,
      / {2}feedback\.margin +a number[^\n]*\n +Smallest change that counts/,
    );
  });
  const { status, stderr } = await task("plugins", "papr");
  assert.equal(status, 2);
  assert.match(stderr, /^E_PLUGIN: There is no plugin "papr"\. Did you mean "paper"\?/);
});
