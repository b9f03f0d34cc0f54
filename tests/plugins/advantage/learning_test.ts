import assert from "node:assert/strict";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import {
  gae,
  monteCarlo,
  nStep,
  ppo,
  qMinusV,
  retrace,
  tabularQ,
  tdError,
  vTrace,
} from "../../../plugins/mod.ts";
import { returnAfter } from "../student/learning.ts";

const onPolicy = ppo({ minibatch: 128, learningRate: 3e-3 });

const COURSES: Readonly<Record<string, [StageSpec<"advantage">, StageSpec<"student">]>> = {
  "q-minus-v": [qMinusV(), onPolicy],
  "td-error": [tdError(), onPolicy],
  "n-step": [nStep(), onPolicy],
  "monte-carlo": [monteCarlo(), onPolicy],
  gae: [gae(), onPolicy],
  "v-trace": [vTrace(), onPolicy],
  retrace: [retrace({ gamma: 0.9 }), tabularQ()],
};

for (const [name, [advantage, student]] of Object.entries(COURSES)) {
  Deno.test(`${name}: a student alone learns the corridor from its targets`, async () => {
    const found = await returnAfter(student, { advantage });
    assert.ok(found > 0.85, `${found}`);
  });
}
