import assert from "node:assert/strict";
import { builtins } from "../../plugins/mod.ts";
import { type StageSpec } from "../../core/pipeline/plugin.ts";
import { stagesWithin } from "../../core/pipeline/nested.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { recordedPipelines } from "./runs.ts";

/** Plugins that no recorded run can have, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "env/gymnasium": "it needs Python",
  "teacher/chat": "it needs a server",
  "teacher/cassette": "it writes a file; a test of its own holds it to the bit",
};

Deno.test("the recorded runs touch every built-in plugin but those that say why not", () => {
  const touched = new Set<string>();
  const touch = (stage: StageSpec) => {
    touched.add(`${stage.kind}/${stage.plugin}`);
    stagesWithin(stage.options).forEach(touch);
  };
  for (const { stages, extras } of Object.values(recordedPipelines())) {
    [...Object.values(stages), ...Object.values(extras)].forEach((stage) =>
      touch(stage as StageSpec)
    );
  }
  const all = PLUGIN_KINDS.flatMap((kind) =>
    Object.keys(builtins[kind]).map((name) => `${kind}/${name}`)
  );
  assert.deepEqual(all.filter((name) => !touched.has(name)).sort(), Object.keys(LEFT_OUT).sort());
});

Deno.test("every recorded run and comparison has a digest", async () => {
  const record = new URL("./recorded.json", import.meta.url);
  const recorded: Record<string, string> = JSON.parse(await Deno.readTextFile(record));
  for (const name of Object.keys(recordedPipelines())) {
    assert.match(recorded[name] ?? "", /^[0-9a-f]{16}$/, name);
  }
});
