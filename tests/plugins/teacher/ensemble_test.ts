import assert from "node:assert/strict";
import { decodeGuidance, type EncodedGuidance } from "../../../core/kit/codec.ts";
import { parseExactJson } from "../../../core/kit/packing.ts";
import { authorOf, silenceWhere, suggestionOf, tokensOf } from "../../../core/kit/guidance.ts";
import { createContext } from "../../../core/kit/context.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import type {
  Feedback,
  Guidance,
  MaybePromise,
  Oracle,
  Teacher,
  Verdicts,
} from "../../../core/stages/mod.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { ensemble } from "../../../plugins/teacher/ensemble.ts";
import { none } from "../../../plugins/teacher/none.ts";
import { Ticks } from "../../core/stubs.ts";
import { rolloutOf, spec } from "../moments.ts";
import { speaker } from "./speakers.ts";

type Rule = "lot" | "vote" | "surest";

const open = async (of: StageSpec<"teacher">[], rule: Rule, seed = 0) =>
  await ensemble({ of, rule }).create(createContext({ seed }), { env: spec });
/** A teacher that says the same in every environment. */
const firm = (choice: number, confidence: number) => speaker({ say: () => [choice, confidence] });
const ask = async (of: StageSpec<"teacher">[], rule: Rule) =>
  await (await open(of, rule)).advise(new Ticks(1), "train");
const close = (found: ArrayLike<number>, expected: readonly number[]) => {
  for (const [k, value] of expected.entries()) assert.ok(Math.abs(found[k]! - value) < 1e-6);
};

Deno.test("ensemble: a vote goes to the first of the largest party", async () => {
  const three = await ask([firm(0, 0.9), firm(1, 0.6), firm(1, 0.8)], "vote");
  assert.deepEqual([...three.choices], [1]);
  assert.equal(authorOf(three, 0), "2 speaker");
  close(three.distribution, [1.5 / 3, 1.5 / 3]);
  assert.equal(three.logProbs[0], Math.fround(Math.log(0.6)));
  assert.equal(suggestionOf(three, 0), "right");
  assert.deepEqual(tokensOf(three, 0), [1, 7]);
  const tie = await ask([firm(0, 0.6), firm(1, 0.9)], "vote");
  assert.equal(authorOf(tie, 0), "1 speaker");
});

Deno.test("ensemble: the surest teacher speaks", async () => {
  const guidance = await ask([firm(0, 0.6), firm(1, 0.9), firm(0, 0.7)], "surest");
  assert.deepEqual([...guidance.choices], [1]);
  assert.equal(authorOf(guidance, 0), "2 speaker");
  close(guidance.distribution, [1.4 / 3, 1.6 / 3]);
});

Deno.test("ensemble: a lot falls on each teacher alike, and on the likeliest when measured", async () => {
  const teacher = await open([firm(0, 0.6), firm(1, 0.9)], "lot");
  const { choices } = await teacher.advise(new Ticks(2000), "train");
  const right = choices.filter((choice) => choice === 1).length;
  assert.ok(Math.abs(right - 1000) < 90, `${right}`);
  const measured = await teacher.advise(new Ticks(5), "evaluate");
  assert.deepEqual([...measured.choices], [1, 1, 1, 1, 1]);
});

Deno.test("ensemble: silence has no voice, and silence of all is silence", async () => {
  for (const rule of ["lot", "vote", "surest"] as const) {
    const one = await ask([none(), firm(1, 0.75), none()], rule);
    assert.deepEqual([...one.choices], [1]);
    assert.deepEqual([...one.distribution], [0.25, 0.75]);
    const silence = await ask([none(), none()], rule);
    assert.deepEqual([...silence.choices], [-1]);
    assert.deepEqual([...silence.distribution], [0, 0]);
    assert.equal(authorOf(silence, 0), "");
    assert.equal(suggestionOf(silence, 0), "");
    assert.equal(tokensOf(silence, 0).length, 0);
  }
});

/** What each of two teachers hears of verdicts on guidance of theirs, made or kept. */
async function heardBy(
  guidance: (teacher: Teacher) => MaybePromise<Guidance>,
  more: Partial<Feedback & Verdicts> = {},
) {
  const [left, right]: Feedback[][] = [[], []];
  const teacher = await open([
    speaker({ say: () => [0, 0.9], heard: left }),
    // Says right in environment 0 and agrees in environment 1.
    speaker({ say: (i) => [i === 0 ? 1 : 0, 0.6], heard: right }),
  ], "surest");
  const said = await guidance(teacher);
  const rollout = rolloutOf({ envs: 2, rewards: new Float32Array(2), guidance: [said] });
  const verdict = {
    signs: Int8Array.of(1, -1),
    strengths: Float32Array.of(2, 3),
    words: (i: number) => `verdict ${i}`,
    ...more.right && { right: more.right },
  };
  const past = more.past && { past: more.past };
  await teacher.receive({ rollout, verdicts: [verdict], ...past });
  return { left: left![0]!, right: right![0]!, said };
}

Deno.test("ensemble: what is right in a state of before is told to all who speak of it", async () => {
  const advise = (teacher: Teacher) => teacher.advise(new Ticks(2), "train");
  const more = { right: [[0], [1]], past: { stepsAgo: [4] } };
  const { left, right } = await heardBy(advise, more);
  assert.deepEqual([...left.verdicts[0]!.signs], [1, -1]);
  assert.deepEqual([...right.verdicts[0]!.signs], [-1, -1]);
  assert.deepEqual([left.past, right.past], [more.past, more.past]);
});

Deno.test("ensemble: verdicts reach those who said the word, about their own guidance", async () => {
  const { left, right, said } = await heardBy((teacher) => teacher.advise(new Ticks(2), "train"));
  assert.deepEqual([...said.choices], [0, 0]);
  assert.deepEqual([...left.verdicts[0]!.signs], [1, -1]);
  assert.deepEqual([...right.verdicts[0]!.signs], [0, -1]);
  assert.equal(right.verdicts[0]!.words(1), "verdict 1");
  assert.deepEqual([...right.rollout.guidance[0]!.choices], [1, 0]);
  assert.deepEqual(tokensOf(right.rollout.guidance[0]!, 0), [1, 7]);
});

Deno.test("ensemble: verdicts on what was silenced since reach nobody", async () => {
  const { left, right, said } = await heardBy(async (teacher) =>
    silenceWhere(await teacher.advise(new Ticks(2), "train"), (i) => i === 1)
  );
  assert.deepEqual([suggestionOf(said, 1), authorOf(said, 1)], ["", ""]);
  assert.deepEqual([...left.verdicts[0]!.signs], [1, 0]);
  assert.deepEqual([...right.verdicts[0]!.signs], [0, 0]);
});

Deno.test("ensemble: verdicts on guidance in a checkpoint of before reach who said the word", async () => {
  const file = new URL("../../fixtures/guidance/kept.json", import.meta.url);
  const kept = parseExactJson(await Deno.readTextFile(file)) as { ensemble: EncodedGuidance };
  const { left, right } = await heardBy(() => decodeGuidance(kept.ensemble, spec.actions));
  assert.deepEqual([...left.verdicts[0]!.signs], [1, -1]);
  assert.deepEqual([...right.verdicts[0]!.signs], [0, -1]);
  assert.deepEqual([...right.rollout.guidance[0]!.choices], [1, 0, -1]);
});

Deno.test("ensemble: its teachers have draws of their own, and the oracle if they declare it", async () => {
  const log: string[] = [];
  const say = () => [0, 1] as const;
  const of = [
    speaker({ name: "plain", say, log }),
    speaker({ name: "expert", say, log, usesOracle: true }),
  ];
  assert.equal(ensemble({ of }).usesOracle, true);
  assert.equal(ensemble({ of: [none(), none()] }).usesOracle, false);
  assert.equal(ensemble({ of: [none(), bot()] }).usesOracle, true);
  const oracle: Oracle = { action: () => 0, isRight: () => true };
  const teacher = await open(of, "vote");
  await teacher.advise(new Ticks(1), "train", oracle);
  const [plain, expert] = log.slice(0, 2).map((line) => line.split(" ").at(-1));
  assert.notEqual(plain, expert);
  assert.deepEqual(log.slice(2), ["expert sees the oracle"]);
});

Deno.test("ensemble: adds up usage, and passes state and disposal on", async () => {
  const log: string[] = [];
  const of = ["a", "b"].map((name) => speaker({ name, say: (i, n) => [(i + n) % 2, 1], log }));
  const [one, other] = [await open(of, "lot"), await open(of, "lot")];
  await one.advise(new Ticks(8), "train");
  assert.deepEqual(one.usage(), { calls: 2, cacheHits: 2, tokens: 20 });
  assert.deepEqual(one.learnsBy, ["memory"]);
  await other.load!(structuredClone(await one.save!()));
  const next = async (teacher: typeof one) => {
    const guidance = await teacher.advise(new Ticks(8), "train");
    return [...guidance.choices].map((choice, i) => `${choice} ${authorOf(guidance, i)}`);
  };
  assert.deepEqual(await next(one), await next(other));
  await one.dispose!();
  assert.deepEqual(log.slice(-2), ["b is disposed of", "a is disposed of"]);
});

Deno.test("ensemble: refuses teachers that suggest different things, and disposes of them", async () => {
  const log: string[] = [];
  const say = () => [0, 1] as const;
  const of = [
    speaker({ name: "a", say, log }),
    speaker({ name: "b", say, log, change: { candidates: ["up", "down"] } }),
  ];
  await assert.rejects(open(of, "vote"), {
    code: "E_WIRING",
    message: 'The teachers of an ensemble must suggest the same things: "1 a" suggests ' +
      '"action: left, right", and "2 b" "action: up, down".',
  });
  assert.deepEqual(log.slice(-2), ["b is disposed of", "a is disposed of"]);
  assert.throws(() => ensemble({ of: [none()] }), { code: "E_OPTION" });
});
