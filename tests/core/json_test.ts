import assert from "node:assert/strict";
import { parseJson } from "../../core/kit/json.ts";
import { pipelineFromJson } from "../../core/pipeline/pipeline.ts";
import { readJson } from "../../cli/load.ts";
import { builtins } from "../../plugins/mod.ts";
import { parsePythonJson } from "../../runtimes/files/python_json.ts";
import { withFolder } from "../cli/command.ts";
import corridor from "../cli/corridor.ts";

/** A teacher within so many others. */
const nested = (depth: number) =>
  '{"plugin":"shuffled","options":{"of":'.repeat(depth) + '"random"' + "}}".repeat(depth);

Deno.test("parseJson() refuses what is nested too deeply, and brackets in strings do not count", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.doesNotThrow(() => parseJson(deep(200)));
  assert.throws(() => parseJson(deep(201)), /^RangeError: it is nested deeper than 200 levels/);
  assert.deepEqual(parseJson(`["${"[".repeat(1000)}\\"[[["]`), [`${"[".repeat(1000)}"[[[`]);
  const objects = '{"a":'.repeat(300) + "NaN" + "}".repeat(300);
  assert.throws(() => parsePythonJson(objects), RangeError);
});

Deno.test("a document whose stages are nested without end is refused in a sentence, before it is walked through", () =>
  withFolder(async (folder) => {
    const path = `${folder}/deep.json`;
    const write = (teacher: string) =>
      Deno.writeTextFile(
        path,
        JSON.stringify({ ...corridor.toJSON(), teacher: "@" }).replace('"@"', teacher),
      );
    for (const depth of [2000, 50_000]) {
      await write(nested(depth));
      await assert.rejects(readJson(path), {
        code: "E_PIPELINE",
        message: /deep\.json" cannot be read: it is nested deeper than 200 levels/,
      });
    }
    await write(nested(40));
    const { stages } = await pipelineFromJson(await readJson(path), builtins);
    assert.equal(stages.teacher.plugin, "shuffled");
  }));
