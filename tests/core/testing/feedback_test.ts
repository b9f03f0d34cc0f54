import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import type {
  EarlierVerdict,
  FeedbackRule,
  JudgedStep,
  Verdicts,
} from "../../../core/stages/mod.ts";
import { margin } from "../../../plugins/feedback/margin.ts";
import { paper } from "../../../plugins/feedback/paper.ts";
import { perState } from "../../../plugins/feedback/per_state.ts";
import { synthetic } from "../../../plugins/feedback/synthetic.ts";
import { assertFound, assertSound, broken } from "./broken.ts";

const good = margin({ margin: 0.25 });

/** Changes verdicts. */
function judging(change: (verdicts: Verdicts, now: JudgedStep, before: JudgedStep) => unknown) {
  return broken(good, (rule: FeedbackRule) => ({
    judge: (now: JudgedStep, before: JudgedStep) => {
      const verdicts = rule.judge(now, before);
      return Object.assign({ ...verdicts }, change(verdicts, now, before));
    },
  }));
}

Deno.test("checkFeedback() finds nothing wrong with good ones", async () => {
  for (const stage of [good, paper(), perState(), synthetic({ source: "oracle" })]) {
    await assertSound(stage);
  }
});

Deno.test("checkFeedback() looks at verdicts", async () => {
  await assertFound(
    judging(() => ({ signs: new Int8Array(1) })),
    /^judge\(\)'s signs have length "1"/,
  );
  await assertFound(
    judging(() => ({ strengths: undefined })),
    /^judge\(\)'s strengths are "undefined"/,
  );
  await assertFound(judging(({ signs }) => void signs.fill(2)), /^judge\(\)'s signs hold "2"/);
  await assertFound(judging(({ signs }) => void signs.fill(-2)), /^judge\(\)'s signs hold "-2"/);
  const endless = judging(({ strengths }) => void strengths.fill(Infinity));
  await assertFound(endless, /^judge\(\)'s strengths hold "Infinity"/);
  const last = judging(({ words }) => ({ words: (i: number) => i === 3 ? 3 : words(i) }));
  await assertFound(last, /^words\(\) gives something that is no text/);
  const negative = judging(({ strengths }) => void strengths.fill(-1));
  await assertFound(negative, /^judge\(\)'s strengths hold "-1"/);
  await assertFound(
    judging(() => ({ words: () => 3 })),
    /^words\(\) gives something that is no text/,
  );
});

Deno.test("checkFeedback() wants verdicts, at once and with words", async () => {
  const giving = (answer: (verdicts: Verdicts) => unknown) =>
    broken(good, (rule) => ({
      judge: (now: JudgedStep, before: JudgedStep) => answer(rule.judge(now, before)),
    }));
  await assertFound(giving(() => undefined), /^judge\(\) gives "undefined"; right would be/);
  await assertFound(giving(() => null), /^judge\(\) gives "null"; right would be/);
  await assertFound(giving(() => 1), /^judge\(\) gives "1"; right would be/);
  await assertFound(giving((found) => Promise.resolve(found)), /^judge\(\) answers with a promise/);
  await assertFound(giving((found) => ({ ...found, words: undefined })), /gives no words\(\)/);
});

Deno.test("checkFeedback() wants judged steps and earlier verdicts left alone", async () => {
  const shameless = judging((_, { advantages }) => void advantages.fill(0));
  await assertFound(shameless, /^judge\(\) changes the step/);
  const signs = new Int8Array(4);
  const reused = judging((verdicts) => (signs.set(verdicts.signs), { signs }));
  await assertFound(reused, /^judge\(\) overwrites the verdicts it gave before/);
});

Deno.test("checkFeedback() wants NaN abstained from or told", async () => {
  const strong = judging(({ strengths }, now, before) => ({
    strengths: strengths.map((_, i) => Math.abs(now.advantages[i]! - before.advantages[i]!)),
  }));
  await assertFound(strong, /gets a verdict of strength NaN/);
  const failing = (error: Error) =>
    judging((_, { advantages }) => {
      if (advantages.some(Number.isNaN)) throw error;
    });
  await assertFound(failing(new Error("no")), /makes judge\(\) fail without a code/);
  await assertSound(failing(new TandemError("E_NUMERIC", "The advantage is NaN.")));
});

Deno.test("checkFeedback() sees what NaN does to later verdicts", async () => {
  const poisoned = {
    ...good,
    create: () => {
      let sum = 0;
      return {
        judge: ({ advantages }: JudgedStep) => {
          sum += advantages[0]!;
          const { length } = advantages;
          const strengths = new Float32Array(length).fill(Math.abs(sum));
          if (Number.isNaN(advantages[0])) strengths.fill(0);
          return { signs: new Int8Array(length), strengths, words: () => "" };
        },
      };
    },
  };
  await assertFound(poisoned, /^judge\(\)'s strengths hold "NaN"/);
  await assertFound(poisoned, /^It remembers something from step to step and has no save/);
});

Deno.test("checkFeedback() asks the same twice and resumes what was saved", async () => {
  let n = 0;
  const moody = judging(({ strengths }) => void strengths.fill(n++));
  await assertFound(moody, /^Two instances under one seed do not answer the same/);
  await assertFound(broken(perState(), () => ({ load: () => {} })), /^Loaded from what it saved/);
  const spent = broken(synthetic(), (rule) => ({
    save: () => {
      const saved = rule.save!();
      rule.judge({ advantages: new Float32Array(1), rollout: {} } as JudgedStep, {} as JudgedStep);
      return saved;
    },
  }));
  await assertFound(spent, /^Saving it changes what it does afterwards/);
});

Deno.test("checkFeedback() shows judged steps as a run would", async () => {
  const seen: string[] = [];
  await assertSound(judging((_, now, before) => {
    const { oracleRight } = now.rollout;
    seen.push(`${before.step} ${before.firsts} -> ${now.step} ${now.firsts} ${oracleRight}`);
  }));
  assert.equal(seen[1], "0 1,1,1,1 -> 0 1,1,1,1 undefined");
  assert.equal(seen[2], "0 1,1,1,1 -> 1 0,0,0,1 undefined");
  assert.equal(seen[3], "1 0,0,0,1 -> 2 0,0,0,0 undefined");
  const right = new Set<number>();
  const asking = judging((_, { rollout }) => rollout.oracleRight!.forEach((one) => right.add(one)));
  await assertSound({ ...asking, usesOracle: true });
  assert.deepEqual([...right].sort(), [0, 1]);
});

Deno.test("checkFeedback() tells what fails on the way", async () => {
  const failing = (reads: (now: JudgedStep, before: JudgedStep) => unknown) =>
    judging((_, now, before) => void reads(now, before));
  await assertFound(
    failing((_, before) => before.rollout.guidance[before.step]!.choices),
    /^The rule fails: Cannot read properties of undefined/,
  );
});

Deno.test("checkFeedback() looks at verdicts on steps of before", async () => {
  const step: EarlierVerdict = { stepsAgo: 0, env: 0, sign: 1, strength: 1, words: "well" };
  const giving = (change: (now: JudgedStep) => Partial<EarlierVerdict>) =>
    judging((_, now) => ({ earlier: [{ ...step, ...change(now) }] }));
  await assertSound(giving(() => ({})));
  const said = ({ rollout, step }: JudgedStep) => rollout.guidance[step]!.choices[0]!;
  await assertSound(giving((now) => said(now) < 0 ? {} : { right: [said(now)] }));
  await assertFound(giving(() => ({ stepsAgo: 99 })), /of "99" steps ago; the run goes back/);
  await assertFound(giving(() => ({ right: [] })), /names "" as right/);
  await assertFound(
    giving((now) => ({ right: [said(now) === 0 ? 1 : 0] })),
    /gives the sign "1" to a suggestion that is not among those that it names as right/,
  );
});
