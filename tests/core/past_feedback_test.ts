import assert from "node:assert/strict";
import {
  decodeFeedback,
  decodeJudgedStep,
  encodeFeedback,
  encodeJudgedStep,
} from "../../core/kit/codec.ts";
import { exactJson, parseExactJson } from "../../core/kit/packing.ts";
import { Past } from "../../core/run/parts/past.ts";
import { RolloutBuffer } from "../../core/kit/rollout_buffer.ts";
import type { AnsweredStep, DecidedStep, Feedback } from "../../core/stages/mod.ts";
import { judgedStepOf, rolloutOf, said, spec } from "../plugins/moments.ts";
import { bytes } from "./tensors.ts";

const throughJson = (value: unknown) => parseExactJson(exactJson(value)) as never;

Deno.test("feedback on steps of before comes back from a checkpoint whole", () => {
  const feedback: Feedback = {
    rollout: rolloutOf({ envs: 2 }),
    verdicts: [{
      ...{ signs: Int8Array.of(1, -1), strengths: Float32Array.of(0.9, 0) },
      words: (i) => ["well", "badly"][i]!,
      right: [[0, 1], undefined],
      missions: [undefined, "go back"],
    }],
    past: { stepsAgo: [7], texts: [["a door", "a key"], []] },
  };
  const back = decodeFeedback(throughJson(encodeFeedback(feedback)), spec.actions, spec);
  assert.deepEqual(back.past, feedback.past);
  const [verdict] = back.verdicts;
  assert.deepEqual([verdict!.right, verdict!.missions], [[[0, 1], undefined], [
    undefined,
    "go back",
  ]]);
  assert.deepEqual([verdict!.words(0), [...verdict!.signs]], ["well", [1, -1]]);
});

Deno.test("a judged step comes back with what it achieved", () => {
  const judged = { ...judgedStepOf([1, 2]), achieved: (i: number) => [["found"], []][i]! };
  const back = decodeJudgedStep(throughJson(encodeJudgedStep(judged)), spec.actions, spec);
  assert.deepEqual([back.achieved!(0), back.achieved!(1)], [["found"], []]);
  assert.ok(!("achieved" in encodeJudgedStep(judgedStepOf([1, 2]))));
});

/** Puts step t before a past, in environments that see the numbers t and t + 1. */
function step(past: Past, buffer: RolloutBuffer, t: number, at: number) {
  const seen = {
    envs: 2,
    tensors: bytes("cell", Uint8Array.of(t, t + 1), [2]),
    mission: () => "go",
    text: (i: number) => [`${at + i}`],
    key: () => 0,
  };
  const zeros = new Float32Array(2);
  const decision = { actions: Int32Array.of(0, 1), logProbs: zeros, qValues: zeros, values: zeros };
  buffer.decide(t, seen, said([t % 2, -1]), decision);
  past.decide({ t, observations: seen } as Partial<DecidedStep> as DecidedStep);
  const terminated = new Uint8Array(2);
  const answered = { t, step: { terminated }, achieved: (i: number) => [`${at} ${i}`] };
  past.answer(answered as unknown as AnsweredStep);
  past.keep(buffer, t, at);
}

Deno.test("the past holds so many steps before the one at hand, through a checkpoint too", () => {
  const past = new Past({ past: 2, achievements: true }, spec, spec.actions);
  const buffer = new RolloutBuffer(spec, 2, false);
  for (let at = 0; at < 5; at++) step(past, buffer, at % 2, at);
  assert.equal(past.from, 2);
  assert.deepEqual(past.achieved(0), [["4 0"], ["4 1"]]);
  const back = new Past({ past: 2 }, spec, spec.actions);
  back.load(throughJson({ json: past.save().json }));
  for (const each of [past, back]) {
    assert.deepEqual([2, 3, 4].map((at) => each.step(at).texts[1]), [["3"], ["4"], ["5"]]);
    assert.deepEqual([...each.step(3).rollout.observations.cell!.data], [1, 2]);
    assert.deepEqual([...each.step(3).rollout.guidance[0]!.choices], [1, -1]);
  }
  step(back, buffer, 1, 5);
  assert.deepEqual([back.from, back.step(5).texts[0]], [3, ["5"]]);
});

Deno.test("the past begins anew where steps do not follow one another", () => {
  const past = new Past({ past: 9 }, spec, spec.actions);
  const buffer = new RolloutBuffer(spec, 2, false);
  for (const at of [0, 1, 4]) step(past, buffer, at % 2, at);
  assert.equal(past.from, 4);
  assert.equal(past.achieved(0), undefined, "nobody asks for achievements");
});
