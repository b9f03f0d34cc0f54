import assert from "node:assert/strict";
import { History, historyText } from "../../../lab/comparison/history.ts";
import { type Intent, register, registrationText } from "../../../lab/comparison/registration.ts";
import { definePlan, type Plan } from "../../../lab/plan.ts";
import { shortHash, testPlanOf } from "../../../lab/test_plan.ts";
import { findVariants } from "../../../lab/variants.ts";
import { CONFIG } from "../sample.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
const PLAN = definePlan({
  pipeline: CONFIG.pipeline,
  variants: findVariants(["alone", "one-way"]),
  levels: [],
  seeds: [0, 1, 2],
});
const INTENT: Intent = {
  plan: PLAN,
  question: { baseline: "alone", threshold: 0.9, primary: "final" },
  code: { version: "1.0.0", hash: "0123456789abcdef" },
};

async function withFolder(work: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("what departs from what was registered before the first trial is exploratory", async () => {
  await withFolder((folder) => {
    const first = register(folder, INTENT, false, NOW);
    assert.equal(
      registrationText(first),
      "Registered on 2026-11-30 12:00 UTC, before its first trial; nothing departs from it.",
    );
    const later = new Date("2026-12-01T00:00:00Z");
    assert.deepEqual(register(folder, INTENT, true, later), first, "the first word counts");
    const changed: Intent = {
      plan: { ...PLAN, seeds: [0, 1, 2, 3], levels: ["GoToObj"] },
      question: { ...INTENT.question, primary: "area", margin: 0.1 },
      code: { version: "1.0.0", hash: "fedcba9876543210" },
    };
    const drawn = (plan: Plan) => shortHash(testPlanOf(plan)!);
    assert.deepEqual(register(folder, changed, true, later).deviations, [
      'the list of levels was none and is "GoToObj"',
      'the list of seeds was "0 to 2" and is "0 to 3"',
      `the draw of test worlds was "${drawn(PLAN)}" and is "${drawn(changed.plan)}"`,
      'the primary measure was "final" and is "area"',
      'the margin was none and is "0.1"',
      'the code was "1.0.0, 01234567" and is "1.0.0, fedcba98"',
    ]);
    const other = { ...INTENT, plan: { ...PLAN, variants: findVariants(["alone", "oracle"]) } };
    assert.match(
      registrationText(register(folder, other, true, later)),
      /^Exploratory: .*, but the list of variants was "alone, one-way" and is "alone, oracle"; the draw of test worlds was /,
    );
    const more = { ...INTENT, plan: { ...PLAN, seeds: [0, 1, 2, 3] } };
    assert.deepEqual(register(folder, more, true, later).deviations, [
      'the list of seeds was "0 to 2" and is "0 to 3"',
    ], "further seeds keep the test worlds of those that there are");
  });
});

Deno.test("a comparison that is registered after its first trial stays exploratory", async () => {
  await withFolder((folder) => {
    const late = ["trials had ended before it was registered"];
    assert.deepEqual(register(folder, INTENT, true, NOW).deviations, late);
    assert.deepEqual(register(folder, INTENT, true, NOW).deviations, late);
  });
});

Deno.test("a registration that is none is refused in a sentence", async () => {
  await withFolder((folder) => {
    for (const text of ["", "{}", '{"tandem":1', JSON.stringify({ tandem: 1, plan: 3 })]) {
      Deno.writeTextFileSync(`${folder}/plan.lock.json`, text);
      assert.throws(() => register(folder, INTENT, false, NOW), {
        code: "E_FILE",
        message: /plan\.lock\.json" is no registration of a comparison\. Put back/,
      });
    }
  });
});

Deno.test("the history lists all that was begun, the abandoned too, and says which lines are damaged", async () => {
  await withFolder((folder) => {
    const history = new History(folder);
    assert.deepEqual(history.entries(assert.fail), []);
    const start = {
      kind: "comparison",
      command: "deno task compare x",
      plan: "aaaaaaaaaa",
      code: "bbbbbbbbbb",
      variants: ["alone", "one-way"],
      levels: ["GoToObj"],
      seeds: 30,
      primary: "final",
    } as const;
    const mutable = { ...start, variants: [...start.variants], levels: [...start.levels] };
    const end = history.begin(mutable, NOW);
    history.begin({ ...mutable, primary: null }, new Date("2026-12-01T09:30:00Z"));
    end("decided", 9, NOW);
    Deno.writeTextFileSync(`${folder}/history.jsonl`, '{"event":"beg', { append: true });
    const warned: string[] = [];
    const text = historyText(new History(folder).entries((sentence) => warned.push(sentence)));
    assert.deepEqual(text.split("\n"), [
      "2026-11-30 12:00  comparison of alone, one-way on GoToObj; at most 30 seeds, " +
      "primary measure final; plan aaaaaaaa, code bbbbbbbb: decided after 9 seeds",
      "2026-12-01 09:30  comparison of alone, one-way on GoToObj; at most 30 seeds, " +
      "no primary measure; plan aaaaaaaa, code bbbbbbbb: abandoned",
    ]);
    assert.match(warned.join(), /^Line 4 of ".*history\.jsonl" is damaged and left out\.$/);
  });
});
