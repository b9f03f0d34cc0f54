import assert from "node:assert/strict";
import { allowing } from "../../core/pipeline/effects.ts";
import { type Catalog, definePlugin, use } from "../../core/pipeline/plugin.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { builtins } from "../../plugins/mod.ts";

const writer = definePlugin({
  kind: "teacher",
  name: "writer",
  description: "Writes.",
  options: {},
  effects: ["write"],
  create: () => {
    throw new Error("never made");
  },
});
const outer = definePlugin({
  kind: "teacher",
  name: "outer",
  description: "Holds another.",
  options: { of: stageOption("teacher") },
  create: () => {
    throw new Error("never made");
  },
});
const catalog: Catalog = {
  ...builtins,
  teacher: { ...builtins.teacher, writer, outer },
  permit: allowing([], "Say --allow."),
};

Deno.test("a stage has the effects of the stages within it", () => {
  assert.deepEqual(outer({ of: writer() }).effects, ["write"]);
  assert.deepEqual(outer({ of: outer({ of: writer() }) }).effects, ["write"]);
});

Deno.test("use() asks before it gives a stage with an effect, at any depth", async () => {
  const refused = { code: "E_PERMISSION" };
  await assert.rejects(use("teacher", "writer", {}, catalog), refused);
  const nested = { of: { plugin: "outer", options: { of: "writer" } } };
  await assert.rejects(use("teacher", "outer", nested, catalog), refused);
  const allowed = { ...catalog, permit: allowing(["write"], "") };
  assert.equal((await use("teacher", "outer", nested, allowed)).plugin, "outer");
});

Deno.test("use() asks before it imports a module, and never takes code from a URL itself", async () => {
  await assert.rejects(use("teacher", "./nothing_here.ts", {}, catalog), { code: "E_PERMISSION" });
  for (const url of ["data:text/javascript,0", "DATA:text/javascript,0", "blob:null/1"]) {
    await assert.rejects(use("teacher", url, {}, builtins), { code: "E_PLUGIN" });
  }
});
