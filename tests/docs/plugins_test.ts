import assert from "node:assert/strict";
import * as v from "valibot";
import { builtinDocs, pluginPages, stalePages } from "../../cli/docs.ts";
import { describe, documentPlugin } from "../../cli/plugin_doc.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";
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

Deno.test("every built-in plugin has a docstring, and each of its options a comment", async () => {
  for (const { kind, name, paragraphs, options, source } of await builtinDocs()) {
    assert.ok(paragraphs.length > 0 && source !== "", `${kind} ${name}`);
    for (const option of options) assert.notEqual(option.doc, "", `${kind} ${name}.${option.name}`);
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
  [
    v.strictObject({ size: v.optional(v.number(), 3), seed: v.optional(v.string()) }),
    "an object of `size` (a number; `3`), `seed` (a text)",
  ],
  [stageOption("teacher"), "a teacher"],
];

for (const [schema, words] of WORDS) {
  Deno.test(`describe() says "${words}"`, () => assert.equal(describe(schema), words));
}

Deno.test("documentPlugin() reads docstring and comments from the source, those of spread tables too", () => {
  const plugin = definePlugin({
    kind: "advantage",
    name: "mine",
    description: "Mine.",
    options: {
      gamma: v.optional(v.number(), 0.9),
      list: v.array(v.string()),
      bare: v.number(),
      far: v.number(),
    },
    create: () => assert.fail(),
  });
  const sources = new Map([
    ["a/other.ts", `kind: "feedback",\n  name: "mine"`],
    [
      "a/mine.ts",
      `import { shared } from "./shared.ts";
/** Of no matter. */
export const unrelated = 1;

const options = {
  ...shared,
  /** Many
   * words. */
  list: v.array(v.string()),
  bare: v.number(),
};

/**
 * First {@linkcode Thing}.
 *
 * Second, in
 * two lines.
 *
 * @example nothing
 */
export default definePlugin({
  kind: "advantage",
  name: "mine",`,
    ],
    [
      "a/shared.ts",
      `import { far } from "./far.ts";
export const shared = {
  /** A discount. */
  gamma: v.optional(),
};`,
    ],
    [
      "a/far.ts",
      `export { mine } from "./mine.ts";\nexport const far = {\n  /** Far. */\n  far: v.number(),\n};`,
    ],
  ]);
  const doc = documentPlugin(plugin, sources);
  assert.equal(doc.source, "a/mine.ts");
  assert.deepEqual(doc.paragraphs, ["First `Thing`.", "Second, in\ntwo lines."]);
  assert.deepEqual(doc.options, [
    { name: "gamma", values: "a number", default: "0.9", required: false, doc: "A discount." },
    {
      name: "list",
      values: "a list: a text",
      default: undefined,
      required: true,
      doc: "Many words.",
    },
    { name: "bare", values: "a number", default: undefined, required: true, doc: "" },
    { name: "far", values: "a number", default: undefined, required: true, doc: "Far." },
  ]);
});

Deno.test("plugins lists every plugin on one line", async () => {
  const { status, stdout } = await task("plugins");
  assert.equal(status, 0);
  for (const { name, description } of await builtinDocs()) {
    assert.ok(
      stdout.split("\n").some((line) => line.trim() === `${name.padEnd(24)} ${description}`),
    );
  }
});

Deno.test("plugins NAME shows docstring and options with defaults", async () => {
  const { status, stdout } = await task("plugins", "td-error");
  assert.equal(status, 0);
  assert.match(stdout, /^advantage td-error: A = r \+ gamma V\(s'\) - V\(s\)/);
  assert.match(
    stdout,
    / {2}gamma +a number, at least 0, at most 1 \(default 0\.99\)\n +Discount of/,
  );
  assert.match(stdout, /--set advantage=td-error\n$/);
});

Deno.test("plugins NAME shows a plugin of the user's own, and names the nearest of an unknown one", async () => {
  await withFolder(async (folder) => {
    await task("new", "feedback", "my_rule", "--dir", folder);
    const own = await outcome(start("plugins", `${folder}/my_rule.ts`));
    assert.match(own.stdout, /^feedback my-rule: .*\n\nPositive where the advantage rose by more/);
    assert.match(own.stdout, / {2}margin +a number, at least 0 \(default 0\)\n +Smallest change/);
  });
  const { status, stderr } = await task("plugins", "papr");
  assert.equal(status, 2);
  assert.match(stderr, /^E_PLUGIN: There is no plugin "papr"\. Did you mean "paper"\?/);
});
