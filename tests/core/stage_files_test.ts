import assert from "node:assert/strict";
import { filesOf } from "../../core/run/stage_files.ts";
import type { StageFiles, Stages } from "../../core/stages/mod.ts";

Deno.test("filesOf() gathers what stages have made, at once or later", async () => {
  const bytes = Uint8Array.of(1);
  const making = (files: () => StageFiles | undefined | Promise<StageFiles>) => ({ files });
  const stages = {
    env: {},
    teacher: making(() => Promise.resolve({ "model.safetensors": bytes })),
    student: making(() => ({ "policy.bin": bytes })),
    advantage: making(() => undefined),
    feedback: {},
  } as unknown as Stages;
  assert.deepEqual(await filesOf(stages), {
    teacher: { "model.safetensors": bytes },
    student: { "policy.bin": bytes },
  });
});
