import assert from "node:assert/strict";
import { addTallies, MOST_SPANS, tallyAdvice, TrialRecorder } from "../../lab/trial.ts";
import { evaluated, iterationEnded, row, sampleEvents, SUMMARY } from "./sample.ts";

Deno.test("a recorder keeps measurements with what had been spent by then", () => {
  const recorder = new TrialRecorder();
  for (const event of sampleEvents()) recorder.see(event);
  const { evaluations, training, episode, summary } = recorder.finish(SUMMARY);
  assert.equal(summary, SUMMARY);
  assert.deepEqual(
    evaluations.map((
      { iteration, envSteps, episodes, success, guidance, teacher },
    ) => [iteration, envSteps, episodes, success, guidance, teacher.calls]),
    [[0, 0, 0, 0.25, 0.5, 0], [4, 64, 8, 0.75, 0.5, 64]],
  );
  assert.deepEqual(training.map(({ iteration, advice }) => [iteration, advice.advised]), [
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 5],
  ]);
  assert.equal(episode?.length, 5);
});

Deno.test("a recorder joins iterations so that a long run stays small", () => {
  const recorder = new TrialRecorder();
  recorder.see(evaluated(0, 0.2));
  const iterations = 2 * MOST_SPANS + 3;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    recorder.see({ type: "ledger", rows: [row({ iteration }), row({ iteration })] });
    recorder.see(iterationEnded(iteration, {
      ended: 2,
      solved: iteration % 2,
      meanReward: iteration % 2,
      followed: 0.25,
    }));
  }
  const { training } = recorder.finish(SUMMARY);
  assert.ok(training.length <= MOST_SPANS, `${training.length}`);
  const sum = (of: (span: typeof training[number]) => number) =>
    training.reduce((all, span) => all + of(span), 0);
  assert.equal(sum(({ ended }) => ended), 2 * iterations);
  assert.equal(sum(({ solved }) => solved), Math.ceil(iterations / 2));
  assert.equal(sum(({ verdicts }) => verdicts.positive), 10 * iterations);
  assert.equal(sum(({ advice }) => advice.advised), 2 * iterations);
  assert.equal(training.at(-1)!.iteration, iterations);
  assert.equal(training[0]!.iteration, 4, "four iterations to a span");
  assert.equal(training[0]!.meanReward, 0.5);
  assert.equal(training[0]!.followed, 0.25);
});

Deno.test("a recorder keeps each warning once, and not without end", () => {
  const recorder = new TrialRecorder();
  const warn = (message: string) => recorder.see({ type: "warning", code: "W_NOTE", message });
  warn("The budget is spent.");
  warn("The budget is spent.");
  assert.deepEqual(recorder.finish(SUMMARY).warnings, ["The budget is spent."]);
  for (let i = 0; i < 1000; i++) warn(`Warning ${i}.`);
  assert.equal(recorder.finish(SUMMARY).warnings?.length, 20);
});

Deno.test("a recorder goes on from what it saved as if nothing had happened", () => {
  const events = [
    { type: "warning", code: "W_NOTE", message: "early" } as const,
    ...sampleEvents(),
    { type: "warning", code: "W_NOTE", message: "late" } as const,
  ];
  const whole = new TrialRecorder();
  for (const event of events) whole.see(event);
  for (let cut = 0; cut <= events.length; cut++) {
    if (events[cut - 1]?.type === "ledger") continue; // cuts are between iterations
    const [before, after] = [new TrialRecorder(), new TrialRecorder()];
    for (const event of events.slice(0, cut)) before.see(event);
    after.load(structuredClone(before.save()));
    for (const event of events.slice(cut)) after.see(event);
    assert.deepEqual(after.finish(SUMMARY), whole.finish(SUMMARY), `cut after ${cut} events`);
  }
});

Deno.test("advice is tallied by whether it was right, followed and praised", () => {
  const tally = tallyAdvice([
    row({ right: true, action: "go forward", verdict: "positive", probability: 0.5 }),
    row({ right: true, action: "turn left", verdict: "negative", probability: 0.25 }),
    row({ right: false, action: "go forward", verdict: "abstain", probability: 0.75 }),
    row({ right: null, probability: 1 }),
    row({ guidance: null, right: null, probability: 0 }),
  ]);
  assert.deepEqual(tally, {
    advised: 4,
    confidence: 2.5,
    right: { given: 2, followed: 1, praised: 1, blamed: 1 },
    wrong: { given: 1, followed: 1, praised: 0, blamed: 0 },
  });
  assert.deepEqual(addTallies(tally, tally).right, {
    given: 4,
    followed: 2,
    praised: 2,
    blamed: 2,
  });
});
