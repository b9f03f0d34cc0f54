import assert from "node:assert/strict";
import type { LaterVerdict } from "../../../core/stages/mod.ts";
import type { TandemEvent } from "../../../core/stages/events.ts";
import type { SuccessRate } from "../../../core/stages/evaluation.ts";
import { renderReport } from "../../../lab/report/report.ts";
import { CONFIG, evaluated, iterationEnded, row, sampleEvents, SUMMARY } from "../sample.ts";

const TAUGHT_END: SuccessRate = {
  ...{ rate: 0.75, ci95: [0.65, 0.85], episodes: 100, meanReward: 0, meanSteps: 5 },
};

const input = { summary: SUMMARY, config: CONFIG, events: sampleEvents() };

/** What a page says, its style and script left out. */
const text = (page: string) =>
  page.replace(/<(style|script)>.*?<\/\1>/gs, "").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

/** Fails, with a few words around, where a page holds what it must not. */
function assertAbsent(page: string, pattern: RegExp): void {
  const found = pattern.exec(page);
  if (!found) return;
  assert.fail(`it holds ${pattern}: ${page.slice(found.index - 60, found.index + 60)}`);
}

Deno.test("renderReport() shows what was run and what came of it", async () => {
  const page = text(await renderReport(input));
  for (
    const said of [
      "BabyAI-GoToRedBallNoDists-v0",
      "deno task run pipelines/babyai.ts --seed 3",
      "the student solves 75.0 % of 100 development worlds, up from 25.0 %",
      "right in 62.5 % of 50 held-out states, up from 50.0 %",
      "95 %: 65.0 % to 82.0 %",
      "40 positive, 20 negative, 4 abstained",
      "16 from the cache",
      "8 frames/s",
      "policy loss",
      SUMMARY.digest,
    ]
  ) {
    assert.ok(page.includes(said), `the page does not say "${said}"`);
  }
});

/** A run whose teacher leaves after iteration 2, with what advice is worth. */
function taughtEvents(): TandemEvent[] {
  const share = (rate: number): SuccessRate => ({
    ...{ rate, ci95: [rate - 0.1, rate + 0.1], episodes: 100, meanReward: 0, meanSteps: 5 },
  });
  const calibration = [{ confidence: 0.5, states: 40, right: 30 }];
  const events = sampleEvents().map((event): TandemEvent =>
    event.type === "evaluated"
      ? { ...event, guidanceAccuracy: { rate: 0.75, states: 40, calibration } }
      : event
  );
  const left = { why: "schedule", withTeacher: share(0.75), alone: share(0.5) } as const;
  events.splice(6, 0, { type: "teacher.left", iteration: 2, ...left });
  return events;
}

const EFFECT = { states: 50, mean: 0.02, deviation: 0.1, helped: 12, hurt: 3 };

Deno.test("renderReport() shows what the teacher is worth, and where it leaves", async () => {
  const worth = { withoutTeacher: { ...TAUGHT_END, rate: 0.6 }, effects: EFFECT };
  const advice = { ...worth, rightEffects: { ...EFFECT, states: 30 }, wrongEffects: null };
  const summary = { ...SUMMARY, advice };
  const whole = await renderReport({ ...input, summary, events: taughtEvents() });
  const page = text(whole);
  for (
    const said of [
      "the teacher leaves",
      "It raises the return in 12 of 50 states and lowers it in 3.",
      "The teacher left after iteration 2.",
      "with the teacher: 75.0 %",
      "without it, at once: 50.0 %",
      "without it, at the end: 75.0 %",
      "64 answers, 0 tokens of its model",
    ]
  ) {
    assert.ok(page.includes(said), `the page does not say "${said}"`);
  }
  const figures = [...whole.matchAll(/<figure id="([\w-]+)">/g)].map(([, id]) => id);
  assert.deepEqual(figures.slice(3, 7), ["calibration", "effects", "retention", "budget"]);
  // A dot at half its confidence's width, three quarters up: right in 30 of 40.
  assert.match(whole, /&quot;confidence&quot;:0.5,&quot;states&quot;:40,&quot;value&quot;:0.75/);
});

Deno.test("renderReport() without a measure of advice says how to get it, and draws no guess", async () => {
  const whole = await renderReport(input);
  assertAbsent(whole, /id="(calibration|effects|retention)"|the teacher leaves/);
  assert.ok(/id="budget"/.test(whole));
  assert.ok(text(whole).includes("With --set evaluation.advice=true a run also"));
  const events = [...sampleEvents()];
  const withoutTeacher = { ...TAUGHT_END, rate: 0.6 };
  const worth = { withoutTeacher, effects: null, rightEffects: null, wrongEffects: null };
  events.push({ type: "advice.measured", iteration: 4, worth });
  const stayed = text(
    await renderReport({ ...input, summary: { ...SUMMARY, advice: worth }, events }),
  );
  assert.ok(stayed.includes("with the teacher: 75.0 % without it, at once: 60.0 %"), "two moments");
  assert.ok(stayed.includes("Measured at the end."));
  assertAbsent(stayed, /evaluation\.advice=true/);
});

Deno.test("renderReport() shows verdicts on steps of before, though they came when the row was told", async () => {
  const rows = [0, 1, 2, 3].map((step) => row({ step, ended: step === 3, reward: 1 }));
  const later = (words: string, mission?: string): LaterVerdict => ({
    ...{ step: 3, iteration: 2, verdict: "negative", words },
    ...mission !== undefined && { mission },
  });
  const on = (step: number, ...given: LaterVerdict[]) =>
    given.map((later) => ({ iteration: 1, step, env: 0, later }));
  const amendments = [
    ...on(1, later("a detour", "go to the key"), later("b"), later("c", "d"), later("e", "f")),
    ...on(9, later("of a row that is gone")),
  ];
  const verdicts = {
    ...SUMMARY.verdicts,
    earlier: { verdicts: 4, stepsAgo: 10, farthest: 3, leftOut: 2 },
  };
  const page = text(
    await renderReport({
      ...{ ...input, summary: { ...SUMMARY, verdicts } },
      events: [
        { type: "ledger", rows },
        iterationEnded(1),
        { type: "ledger", rows: [row({ iteration: 2 })], amendments },
        iterationEnded(2),
      ],
    }),
  );
  const shown =
    "− negative “b” − negative “a detour” under “go to the key” − negative “c” under “d” " +
    "and 1 more";
  assert.ok(page.includes(shown), page.slice(page.indexOf("Verdicts later"), 200));
  assert.ok(
    page.includes("4 verdicts on steps of before, 2.5 steps back in the mean, 3 at most; 2"),
  );
  assertAbsent(page, /of a row that is gone/);
});

Deno.test("renderReport() tells of each token what was said next, and judges no silence", async () => {
  const rows = ["go left", "go right", null].map((guidance, step) =>
    row({ step, guidance, verdict: "negative", ended: step === 2 })
  );
  const page = text(
    await renderReport({ ...input, events: [{ type: "ledger", rows }, iterationEnded(1)] }),
  );
  assert.match(page, /Teacher says “go left” .*?Then says “go right” /);
  assert.match(page, /Teacher says “go right” .*?Then says nothing/);
  assert.equal(page.match(/Then says/g)?.length, 2, "nothing after the end");
});

Deno.test("renderReport() is one file that loads nothing", async () => {
  const page = await renderReport({ ...input, drawStep: () => "<svg></svg>" });
  assertAbsent(page, /(?:src|href)="(?!data:|#)/);
  assertAbsent(page, /@import|url\(|https?:\/\/(?!www\.w3\.org)/);
  assert.ok(/default-src 'none'/.test(page));
});

Deno.test("renderReport() lists an episode near the end and one from the beginning", async () => {
  const page = await renderReport(input);
  assert.equal(page.match(/<section class="episode"/g)?.length, 2);
  assert.equal(page.match(/<li class="step/g)?.length, 10);
  assert.equal(page.match(/not as told/g)?.length, 2);
  assert.match(text(page), /Near the end: “go to the red ball” Iteration 4, 5 steps, solved/);
  assert.match(text(page), /At the beginning: “go to the red ball” Iteration 1, 5 steps, solved/);
});

Deno.test("renderReport() embeds pictures of the steps as images, from rows or from drawStep", async () => {
  const drawn = await renderReport({
    ...input,
    drawStep: ({ step }) => `<svg id="s${step}"></svg>`,
  });
  assert.equal(drawn.match(/<img alt="The world at step \d" src="data:image\/svg/g)?.length, 10);
  const carried = sampleEvents().map((event) =>
    event.type === "ledger"
      ? { ...event, rows: event.rows.map((row) => ({ ...row, svg: "<svg></svg>" })) }
      : event
  );
  const page = await renderReport({ ...input, events: carried });
  assert.equal(page.match(/<img /g)?.length, 10);
  assertAbsent(page, /&quot;svg&quot;/);
});

Deno.test("renderReport() lets no text become markup", async () => {
  const evil = `"'></pre><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const rows = sampleEvents().flatMap((event) => event.type === "ledger" ? event.rows : []);
  const poisoned = rows.map((row) => ({
    ...row,
    mission: evil,
    state: [evil],
    guidance: evil,
    action: evil,
    words: evil,
    svg: `<svg onload="alert(1)">${evil}</svg>`,
  }));
  const page = await renderReport({
    summary: { ...SUMMARY, level: evil, control: evil, digest: evil },
    config: {
      ...CONFIG,
      command: evil,
      pipeline: {
        ...CONFIG.pipeline,
        name: evil,
        description: evil,
        teacher: { plugin: evil, options: { [evil]: evil } },
      },
    },
    events: [
      { type: "ledger", rows: poisoned },
      { type: "warning", code: "W_NOTE", message: evil },
      iterationEnded(1, { metrics: { [evil]: 1 } }),
      iterationEnded(2, { metrics: { [evil]: 2 } }),
    ],
  });
  assert.equal(page.match(/<script/g)?.length, 1);
  assertAbsent(page, /<img src=x|<[^>]+ onload=/);
});

Deno.test("renderReport() of a run that was stopped at once has nothing to chart and says so", async () => {
  const page = await renderReport({
    summary: {
      ...SUMMARY,
      iterations: 0,
      stopped: true,
      floor: null,
      ceiling: null,
      normalised: null,
      guidanceAccuracy: { start: null, end: null, states: 0 },
      verdicts: { positive: 0, negative: 0, abstained: 0 },
      stageSeconds: { env: 0, teacher: 0, student: 0, advantage: 0, feedback: 0 },
      wallSeconds: 0,
    },
    config: CONFIG,
    events: [{ type: "run.started", iterations: 4, device: "wasm" }, evaluated(0, 0.25)],
  });
  assert.ok(/Stopped before its end/.test(page));
  assert.ok(/It ended before its first iteration/.test(page));
  assertAbsent(text(page), /NaN|undefined|null|Infinity/);
});

Deno.test("renderReport() of a single iteration has charts without a hole in them", async () => {
  const events = sampleEvents().slice(0, 4);
  const page = await renderReport({ ...input, events });
  assert.ok(/id="learning-curve"/.test(page));
  assertAbsent(page.replace(/<style>.*?<\/style>/s, ""), /NaN|undefined|Infinity/);
});

Deno.test("renderReport() without guidance shows no chart of it", async () => {
  const silent = { guidance: null, probability: 0, verdict: "abstain", words: "" } as const;
  const events = sampleEvents().map((event): TandemEvent =>
    event.type === "ledger"
      ? { ...event, rows: event.rows.map((step) => row({ ...step, ...silent })) }
      : event.type === "iteration.ended"
      ? { ...event, followed: null, verdicts: { positive: 0, negative: 0, abstained: 0 } }
      : event.type === "evaluated"
      ? { ...event, guidanceAccuracy: { rate: null, states: 0, calibration: [] } }
      : event
  );
  const page = await renderReport({ ...input, events });
  assertAbsent(page, /id="guidance"|id="verdicts"|as told/);
  assert.ok(/id="learning-curve"/.test(page));
});

Deno.test("renderReport() of a long run stays small, and its data whole", async () => {
  const events = [
    evaluated(0, 0.2),
    ...Array.from({ length: 2100 }, (_, i) => iterationEnded(i + 1)),
    evaluated(2100, 0.9),
  ];
  const page = await renderReport({ ...input, events });
  assert.ok(page.length < 1_500_000, `${page.length} characters`);
  assert.ok(/&quot;iteration&quot;:2100,/.test(page));
});

Deno.test("renderReport() tells success without the teacher, and why there is no score", async () => {
  const page = text(
    await renderReport({
      summary: {
        ...SUMMARY,
        withoutTeacher: 0.375,
        ceiling: 0.1,
        normalised: null,
        noScore: "the expert is no better than chance (10.0 % against 25.0 %)",
      },
      config: CONFIG,
      events: sampleEvents(),
    }),
  );
  assert.match(page, /up from 25\.0\s%; without the teacher, 37\.5\s%\./);
  assert.match(page, /37\.5\s% without the teacher/);
  assert.match(page, /no score: the expert is no better than chance/);
  assertAbsent(page, /normalised/);
});
