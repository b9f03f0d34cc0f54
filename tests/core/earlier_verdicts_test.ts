import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { abstentions } from "../../core/kit/verdicts.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { LedgerRow, TandemEvent } from "../../core/stages/events.ts";
import type { EarlierVerdict, Feedback } from "../../core/stages/mod.ts";
import { stageOf, stubPipeline } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";

/** A run of three steps in two environments whose rule gives these verdicts at its last step. */
async function runWith(earlier: readonly EarlierVerdict[], feedbackDelay = 0) {
  const heard: Feedback[] = [];
  const teacher = stageOf("teacher", () => ({
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: ["memory"],
    advise({ envs }) {
      const guidance = silence(envs, ["left", "right"]);
      for (let i = 0; i < envs; i++) suggest(guidance, i, i % 2, 0.75);
      return guidance;
    },
    receive: (feedback) => void heard.push(feedback),
    usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
  }));
  let step = 0;
  const feedback = stageOf("feedback", () => ({
    judge: ({ advantages }) => ({
      ...abstentions(advantages.length),
      ...step++ % 3 === 2 && { earlier },
    }),
  }));
  const rows: LedgerRow[] = [];
  const emit = (event: TandemEvent) => {
    if (event.type === "ledger") rows.push(...event.rows);
  };
  const schedule = { iterations: 2, envs: 2, steps: 3, feedbackEvery: 1, feedbackDelay };
  const pipeline = stubPipeline([], { teacher, feedback, schedule });
  const { verdicts } = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  const told = heard.filter(({ verdicts }) => verdicts.some(({ signs }) => signs.some(Boolean)));
  return { rows, verdicts, told };
}

const good: EarlierVerdict = { stepsAgo: 2, env: 0, sign: 1, strength: 0.5, words: "it paid off" };
const bad: EarlierVerdict = { stepsAgo: 2, env: 1, sign: -1, strength: 2, words: "it did not" };
const late: EarlierVerdict = { stepsAgo: 1, env: 1, sign: 1, strength: 1, words: "well" };

Deno.test("verdicts on steps of before reach the teacher as feedback on those steps", async () => {
  for (const delay of [0, 1]) {
    const { told, verdicts } = await runWith([late, good, bad], delay);
    const [first, second] = told;
    assert.deepEqual([...bytesIn(first!.rollout.observations)], [0, 0]);
    assert.deepEqual([...first!.verdicts[0]!.signs], [1, -1]);
    assert.deepEqual([...first!.verdicts[0]!.strengths], [0.5, 2]);
    assert.deepEqual([0, 1].map((i) => first!.verdicts[0]!.words(i)), [
      "it paid off",
      "it did not",
    ]);
    assert.deepEqual([...bytesIn(second!.rollout.observations)], [1, 1]);
    assert.deepEqual([...second!.verdicts[0]!.signs], [0, 1]);
    assert.deepEqual([verdicts.positive, verdicts.negative, verdicts.abstained], [4, 2, 12]);
    assert.equal(told.length, delay === 0 ? 4 : 2, "what is under way at the end is not delivered");
  }
});

Deno.test("the ledger shows a later verdict beside the step that it is about", async () => {
  const { rows } = await runWith([late, good, bad]);
  const later = rows.map(({ iteration, step, later }) => [iteration, step, later]);
  const shown = [{ step: 2, verdict: "positive", words: "it paid off" }];
  assert.deepEqual(later.filter(([, , verdicts]) => verdicts), [[1, 0, shown], [2, 0, shown]]);
});

Deno.test("a verdict on what the ledger does not hold is refused in a sentence", async () => {
  const wrong: [Partial<EarlierVerdict>, RegExp][] = [
    [{ stepsAgo: 3 }, /a verdict of "3" steps ago; the ledger goes back 2\./],
    [{ stepsAgo: -1 }, /"-1" steps ago/],
    [{ stepsAgo: 0.5 }, /"0\.5" steps ago/],
    [{ env: 2 }, /on the environment "2"; right would be 0 to 1\./],
    [{ sign: 2 as 1 }, /of the sign "2"; right would be -1, 0 or 1\./],
    [{ strength: NaN }, /of the strength "NaN"; right would be 0 or more\./],
    [{ strength: -1 }, /of the strength "-1"/],
  ];
  for (const [change, message] of wrong) {
    await assert.rejects(runWith([{ ...good, ...change }]), { code: "E_SHAPE", message });
  }
});
