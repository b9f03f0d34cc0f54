import assert from "node:assert/strict";
import { checkStage } from "../../core/testing/mod.ts";
import type { AnyPlugin, StageSpec } from "../../core/pipeline/plugin.ts";
import { PLUGIN_KINDS, type PluginKind } from "../../core/stages/mod.ts";
import { babyai, bot, builtins, corridor, random } from "../../plugins/mod.ts";

/** Options of those that need some, or would take a minute. */
const OPTIONS: Readonly<Record<string, object>> = {
  "student/dqn": { updates: 5 },
  "extra/curriculum": { levels: [3, 5], option: "length" },
  "teacher/shuffled": { of: bot({ accuracy: 0.5 }) },
  "teacher/imperfect": { of: random(), missing: 0.2, wrong: 0.2, stale: 0.2 },
  "teacher/ensemble": { of: [bot({ accuracy: 0.5 }), random()], rule: "lot" },
};

/** The worlds of those that do not fit a corridor. */
const WORLDS: Readonly<Record<string, StageSpec<"env">>> = {
  "student/match": babyai({ level: "GoToLocal" }),
};

/** Those whose contract is checked elsewhere, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "env/gymnasium": "its own tests do so where there is Python",
  "teacher/chat": "it needs a server",
  "teacher/cassette": "it needs a file",
  "student/lamorel": "its own tests do so with a smaller model",
  "student/language-model-cloning": "its own tests do so with a smaller model",
};

for (const kind of PLUGIN_KINDS) {
  for (const [name, plugin] of Object.entries<AnyPlugin<PluginKind>>(builtins[kind])) {
    const reason = ELSEWHERE[`${kind}/${name}`];
    Deno.test({
      name: `${kind} "${name}" keeps its contract${reason ? `: skipped, ${reason}` : ""}`,
      ignore: reason !== undefined,
      async fn() {
        const stage = plugin.stage(OPTIONS[`${kind}/${name}`] ?? {});
        assert.deepEqual(
          await checkStage(stage, { world: WORLDS[`${kind}/${name}`] ?? corridor() }),
          [],
        );
      },
    });
  }
}
