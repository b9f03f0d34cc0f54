import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { abstentions } from "../../core/kit/verdicts.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { LedgerAmendment, LedgerRow, TandemEvent } from "../../core/stages/events.ts";
import type {
  EarlierVerdict,
  EvidenceRequest,
  Feedback,
  JudgedStep,
} from "../../core/stages/mod.ts";
import { stageOf, stubEnv, stubPipeline } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";

/** Verdicts that a rule gives at a step of the run, counted from 0. */
type Rule = (step: number, now: JudgedStep) => readonly EarlierVerdict[];

interface Setting {
  readonly needs?: EvidenceRequest;
  readonly schedule?: object;
  /** A step at which the teacher says nothing. */
  readonly silentAt?: number;
}

/** A run of two iterations of three steps in two environments; what is seen is the hour, 0 to 4. */
async function runWith(rule: Rule, { needs, schedule, silentAt }: Setting = {}) {
  const heard: Feedback[] = [];
  let [asked, judged] = [0, 0];
  const teacher = stageOf("teacher", () => ({
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: ["memory"],
    advise({ envs }, mode) {
      const guidance = silence(envs, ["left", "right"]);
      if (mode === "train" && asked++ === silentAt) return guidance;
      for (let i = 0; i < envs; i++) suggest(guidance, i, i % 2, 0.75);
      return guidance;
    },
    receive: (feedback) => void heard.push(feedback),
    usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
  }));
  const feedback = stageOf("feedback", () => ({
    ...needs && { needs },
    judge: (now) => {
      const earlier = rule(judged++, now);
      return { ...abstentions(now.advantages.length), ...earlier.length > 0 && { earlier } };
    },
  }));
  const rows: LedgerRow[] = [];
  const amendments: LedgerAmendment[] = [];
  const emit = (event: TandemEvent) => {
    if (event.type !== "ledger") return;
    rows.push(...event.rows);
    amendments.push(...event.amendments ?? []);
  };
  const pipeline = stubPipeline([], {
    ...{ env: stubEnv({ length: 5 }), teacher, feedback },
    schedule: { iterations: 2, envs: 2, steps: 3, feedbackEvery: 1, ...schedule },
  });
  const { verdicts } = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  return { rows, amendments, verdicts, past: heard.filter(({ past }) => past), heard };
}

const good: EarlierVerdict = { stepsAgo: 2, env: 0, sign: 1, strength: 0.5, words: "it paid off" };
const bad: EarlierVerdict = { stepsAgo: 2, env: 1, sign: -1, strength: 2, words: "it did not" };
const late: EarlierVerdict = { stepsAgo: 1, env: 1, sign: 1, strength: 1, words: "well" };

/** The same verdicts at the last step of each iteration. */
const atEnds = (...given: EarlierVerdict[]): Rule => (step) => step % 3 === 2 ? given : [];

/** The hours that feedback is about. */
const hoursOf = ({ rollout }: Feedback) => [...bytesIn(rollout.observations)];

const signsOf = ({ verdicts }: Feedback) => verdicts.map(({ signs }) => [...signs]);

Deno.test("verdicts on steps of before reach the teacher as feedback on those steps", async () => {
  for (const feedbackDelay of [0, 1]) {
    const rule = atEnds(late, good, bad);
    const { past, heard, verdicts } = await runWith(rule, { schedule: { feedbackDelay } });
    assert.equal(past.length, feedbackDelay === 0 ? 2 : 1, "the last are under way at the end");
    const [first] = past;
    assert.equal(heard.indexOf(first!), 3, "with what was judged last");
    assert.deepEqual(hoursOf(first!), [0, 0, 1, 1]);
    assert.deepEqual(signsOf(first!), [[1, -1], [0, 1]]);
    assert.deepEqual(first!.verdicts.map(({ strengths }) => [...strengths]), [[0.5, 2], [0, 1]]);
    const words = first!.verdicts.map(({ words }) => [words(0), words(1)]);
    assert.deepEqual(words, [["it paid off", "it did not"], ["", "well"]]);
    assert.deepEqual(first!.past, { stepsAgo: [2, 1] });
    assert.deepEqual([verdicts.positive, verdicts.negative, verdicts.abstained], [4, 2, 12]);
    assert.deepEqual(verdicts.earlier, { verdicts: 6, stepsAgo: 10, farthest: 2, leftOut: 0 });
  }
});

Deno.test("a step of before may get several verdicts at once, under missions of their own", async () => {
  const rule = atEnds({ ...good, right: [0, 1] }, { ...good, mission: "wait longer", right: [1] }, {
    ...late,
    mission: "hurry",
  });
  const { past: [first] } = await runWith(rule);
  assert.deepEqual(hoursOf(first!), [0, 0, 0, 0, 1, 1]);
  assert.deepEqual(first!.verdicts.map(({ right }) => right), [
    [[0, 1], undefined],
    [[1], undefined],
    undefined,
  ]);
  assert.deepEqual(first!.verdicts.map(({ missions }) => missions), [
    undefined,
    ["wait longer", undefined],
    [undefined, "hurry"],
  ]);
});

Deno.test("verdicts reach into earlier rollouts where the rule asks for the past", async () => {
  const rule: Rule = (step) =>
    step === 4 ? [{ ...good, stepsAgo: 3 }, { ...bad, stepsAgo: 4 }] : [];
  for (const feedbackEvery of [1, 3]) {
    const setting = { needs: { past: 4 }, schedule: { feedbackEvery }, silentAt: 1 };
    const { past: [first], amendments, rows, verdicts } = await runWith(rule, setting);
    assert.deepEqual(hoursOf(first!), [0, 0, 1, 1]);
    assert.deepEqual(signsOf(first!), [[0, -1], [1, 0]]);
    const at = feedbackEvery === 1 ? 4 : 5; // the last of those judged together
    assert.deepEqual(first!.past, {
      stepsAgo: [at, at - 1],
      texts: [["It is 0 o'clock"], ["It is 0 o'clock"], ["It is 1 o'clock"], ["It is 1 o'clock"]],
    });
    const choices = first!.rollout.guidance.map(({ choices }) => [...choices]);
    assert.deepEqual(choices, [[0, 1], [-1, -1]], "what was said then");
    assert.deepEqual(amendments, [{
      ...{ iteration: 1, step: 1, env: 0 },
      later: { step: 1, iteration: 2, verdict: "positive", words: "it paid off" },
    }]);
    assert.ok(rows.every(({ later }) => later === undefined));
    assert.deepEqual(verdicts.earlier, { verdicts: 2, stepsAgo: 7, farthest: 4, leftOut: 0 });
    assert.equal(verdicts.positive, 0, "what judges silence is no praise");
  }
});

Deno.test("verdicts on what the run no longer knows are left out and counted", async () => {
  const rule: Rule = (step) =>
    [1, 2, 3, 5].filter((ago) => ago <= step).map((stepsAgo) => ({
      ...good,
      stepsAgo,
    }));
  const { verdicts, past } = await runWith(rule, { needs: { past: 2 } });
  // Steps 1 to 5: one of 1 step ago each, from step 2 on one of 2, from 3 on one of 3, and one of 5.
  assert.deepEqual(verdicts.earlier, { verdicts: 9, stepsAgo: 13, farthest: 2, leftOut: 4 });
  assert.equal(past.flatMap(signsOf).length, 9);
});

Deno.test("the ledger shows a later verdict beside the step that it is about", async () => {
  const { rows, amendments } = await runWith(
    atEnds(late, { ...good, right: [1], mission: "hurry" }, bad),
  );
  const later = rows.map(({ iteration, step, later }) => [iteration, step, later]);
  const shown = {
    ...{ step: 2, verdict: "positive", words: "it paid off" },
    ...{ right: ["right"], mission: "hurry" },
  };
  assert.deepEqual(later.filter(([, , verdicts]) => verdicts), [[1, 0, [shown]], [2, 0, [shown]]]);
  assert.deepEqual(amendments, []);
});

Deno.test("a rule that asks for achievements is told what each step achieved", async () => {
  const told: unknown[] = [];
  const rule: Rule = (_step, now) => (told.push([now.achieved?.(0), now.achieved?.(1)]), []);
  await runWith(rule, { needs: { achievements: true } });
  assert.deepEqual(told, new Array(6).fill([[], []]), "the env says nothing");
  told.length = 0;
  await runWith(rule);
  assert.deepEqual(told, new Array(6).fill([undefined, undefined]));
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
    [{ mission: 3 as never }, /under the mission "3"; right would be a text\./],
    [{ right: [] }, /names "" as right; right would be at least one of the candidates 0 to 1\./],
    [{ right: [0, 2] }, /names "0,2" as right/],
  ];
  for (const [change, message] of wrong) {
    await assert.rejects(runWith(atEnds({ ...good, ...change })), { code: "E_SHAPE", message });
  }
  const beforeTheRun = runWith(atEnds({ ...good, stepsAgo: 3 }), { needs: { past: 1 } });
  await assert.rejects(beforeTheRun, /of "3" steps ago; the run goes back 2\./);
});

Deno.test("verdicts on the step at hand may name what is right, of the candidates there are", async () => {
  const run = (right: unknown) => {
    const feedback = stageOf("feedback", () => ({
      judge: ({ advantages }) => ({
        ...abstentions(advantages.length),
        right: right as number[][],
      }),
    }));
    const pipeline = stubPipeline([], { feedback, schedule: { envs: 2 } });
    return runPipeline(pipeline, createContext({ seed: 0 }));
  };
  await run([[0, 1], undefined]);
  await assert.rejects(run([[0]]), /The right that the stage feedback returned have length "1"/);
  await assert.rejects(run([[0], [2]]), /names "2" as right; right would be at least one of/);
  await assert.rejects(run([[], [0]]), { code: "E_SHAPE", message: /names "" as right/ });
});
