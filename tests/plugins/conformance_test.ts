import assert from "node:assert/strict";
import { checkStage } from "../../core/conformance/mod.ts";
import type { AnyPlugin } from "../../core/plugin.ts";
import { STAGE_KINDS, type StageKind } from "../../core/stages.ts";
import { bot, builtins, corridor, random } from "../../plugins/mod.ts";

/** Options of those that need some. */
const OPTIONS: Readonly<Record<string, object>> = {
  "teacher/shuffled": { of: bot({ accuracy: 0.5 }) },
  "teacher/ensemble": { of: [bot({ accuracy: 0.5 }), random()], rule: "lot" },
};

/** Those that are held to their contract elsewhere, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "teacher/language-model": "it needs a model's files",
  "teacher/chat": "it needs a server",
  "teacher/cassette": "it needs a file",
};

for (const kind of STAGE_KINDS) {
  for (const [name, plugin] of Object.entries<AnyPlugin<StageKind>>(builtins[kind])) {
    const reason = ELSEWHERE[`${kind}/${name}`];
    Deno.test({
      name: `${kind} "${name}" keeps its contract${reason ? `: skipped, ${reason}` : ""}`,
      ignore: reason !== undefined,
      async fn() {
        const stage = plugin.stage(OPTIONS[`${kind}/${name}`] ?? {});
        assert.deepEqual(await checkStage(stage, { world: corridor() }), []);
      },
    });
  }
}
