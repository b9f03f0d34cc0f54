import assert from "node:assert/strict";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { Ledger } from "../../core/run/parts/ledger.ts";
import { RolloutBuffer } from "../../core/kit/rollout_buffer.ts";
import type {
  DecidedStep,
  Env,
  EnvSpec,
  EnvStep,
  JudgedStep,
  Oracle,
  Verdicts,
} from "../../core/stages/mod.ts";
import { Ticks } from "./stubs.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const spec: EnvSpec = {
  id: "x",
  envs: 2,
  observation: { hour: multiDiscrete([256]) },
  actions: ["left", "right"],
  missionWords: [],
  maxSteps: 9,
  autoreset: "same-step",
};

interface Scene {
  readonly choice: number;
  readonly ends?: "terminated" | "truncated";
  readonly sign?: number;
  readonly expert?: number;
}

/** The row of step 1 of two; environment 1 is always told the contrary of what 0 is told. */
function rowOf({ choice, ends, sign = 0, expert = 0 }: Scene) {
  const oracle: Oracle = { action: () => expert, isRight: (i, action) => action === i };
  const ledger = new Ledger(
    () => ({ spec, oracle, snapshot: (i) => `snapshot ${i}` }) as Env,
    Int32Array.of(0, 1, -1),
  );
  const buffer = new RolloutBuffer(spec, 2, false);
  for (const t of [0, 1]) {
    const seen = new Ticks(2);
    seen.data.set([t + 1, t + 5]);
    const guidance = silence(2, ["left", "right", "sing"]);
    if (choice >= 0) suggest(guidance, 0, t === 0 ? 1 : choice, 0.75);
    suggest(guidance, 1, 1, 0.5);
    const values = Float32Array.of(t, 9);
    buffer.decide(t, seen, { ...guidance, authors: ["author 0", "author 1"] }, {
      actions: Int32Array.of(t, 0),
      ...{ logProbs: values, qValues: values, values },
    });
    ledger.decide({ t, observations: seen, guidance } as Partial<DecidedStep> as DecidedStep);
    const none = new Uint8Array(2);
    buffer.answer(t, {
      ...{ observations: seen, finals: seen, terminated: none, truncated: none },
      rewards: Float32Array.of(t / 2, 7),
      ...(ends && t === 1 && { [ends]: Uint8Array.of(1, 0) }),
    } as EnvStep);
  }
  const judged = (step: number): JudgedStep => ({
    advantages: Float32Array.of(step + 0.5, 8),
    firsts: new Uint8Array(2),
    rollout: buffer,
    step,
  });
  const verdict: Verdicts = {
    signs: Int8Array.of(sign, -sign),
    strengths: new Float32Array(2),
    words: (i) => `words ${i}`,
  };
  ledger.enter(3, 1, judged(1), judged(0), verdict);
  const { rows: [row, ...more] } = ledger.take();
  assert.deepEqual([more, ledger.take()], [[], { rows: [] }]);
  return row!;
}

Deno.test("a ledger row tells what environment 0 saw, was told, did and got at its step", () => {
  assert.deepEqual(rowOf({ choice: 0, ends: "terminated", sign: 1 }), {
    iteration: 3,
    step: 1,
    env: 0,
    mission: "wait",
    state: ["It is 2 o'clock"],
    snapshot: "snapshot 0",
    guidance: "left",
    author: "author 0",
    probability: 0.75,
    right: true,
    action: "right",
    reward: 0.5,
    ended: true,
    advantage: 1.5,
    before: 0.5,
    verdict: "positive",
    words: "words 0",
  });
});

Deno.test("a ledger row of silence has neither words nor an author", () => {
  const row = rowOf({ choice: -1 });
  const { guidance, probability, right, verdict, words, ended } = row;
  assert.deepEqual([guidance, probability, right], [null, 0, null]);
  assert.deepEqual([verdict, words, ended], ["abstain", "", false]);
  assert.ok(!("author" in row));
});

Deno.test("a ledger row says who was right where there is somebody to tell", () => {
  assert.equal(rowOf({ choice: 1 }).right, false);
  assert.equal(rowOf({ choice: 2 }).right, null, "no action");
  assert.equal(rowOf({ choice: 0, expert: -1 }).right, null, "the expert has given up");
  assert.equal(rowOf({ choice: 0, expert: 0 }).right, true);
  assert.equal(rowOf({ choice: 0, ends: "truncated", sign: -1 }).ended, true);
  assert.equal(rowOf({ choice: 0, sign: -1 }).verdict, "negative");
});
