import assert from "node:assert/strict";
import { showPlan } from "../../lab/plan_progress.ts";
import { PlanTracker } from "../../lab/plan_tracker.ts";

const trial = (kind: string, seed: number) => ({ name: `${kind} ${seed}`, kind, iterations: 10 });

Deno.test("time left is by kind, over the lanes, running trials in part", () => {
  const [a, b, c, d] = [trial("slow", 0), trial("quick", 0), trial("slow", 1), trial("quick", 1)];
  const tracker = new PlanTracker([a, b, c, d], 4, 2);
  assert.equal(tracker.secondsLeft, null);
  assert.deepEqual([tracker.total, tracker.done], [8, 4]);
  tracker.started(a, 0);
  tracker.started(b, 0);
  tracker.ended(b, true, 10_000); // 1 s an iteration
  tracker.iterated(a, 5, 20_000); // 4 s an iteration
  // 5 x 4 s of a, 10 x 4 s of c and 10 x 1 s of d, on two lanes.
  assert.equal(tracker.secondsLeft, 35);
  assert.equal(tracker.share, (5 + 0.5) / 8);
  assert.deepEqual(tracker.running, [{ trial: a, iteration: 5 }]);
  tracker.ended(a, false, 50_000);
  assert.deepEqual([tracker.done, tracker.failed], [6, 1]);
});

Deno.test("what a trial had done before it was broken off is no part of its speed", () => {
  const [a, b] = [trial("slow", 0), trial("slow", 1)];
  const tracker = new PlanTracker([a, b], 0, 1);
  tracker.started(a, 0, 6);
  assert.deepEqual(tracker.running, [{ trial: a, iteration: 6 }]);
  assert.equal(tracker.secondsLeft, null);
  tracker.iterated(a, 8, 4000); // 2 s an iteration
  assert.equal(tracker.secondsLeft, 2 * 2 + 10 * 2);
  tracker.ended(a, true, 8000);
  assert.equal(tracker.secondsLeft, 20);
});

Deno.test("a plan's progress is a line for each ended trial where there is no terminal", async () => {
  const lines: string[] = [];
  const first = trial("quick", 0);
  const tracker = new PlanTracker([first, trial("quick", 1)], 0, 1);
  const progress = await showPlan(tracker, {
    live: false,
    stream: { write: (text) => lines.push(text) },
  });
  tracker.started(first, 0);
  tracker.ended(first, true, 10_000);
  progress.update();
  progress.say("quick 0: success 90.0 % in 10 s");
  progress.stop();
  assert.deepEqual(lines, ["[1/2] quick 0: success 90.0 % in 10 s, 10 s left\n"]);
});

Deno.test("a plan's progress redraws two lines on a terminal", async () => {
  let shown = "";
  const first = trial("quick", 0);
  const tracker = new PlanTracker([first, trial("quick", 1)], 2, 1);
  const stream = { write: (text: string) => shown += text, isTTY: true, columns: 80 };
  const progress = await showPlan(tracker, { live: true, stream });
  tracker.started(first, 0);
  tracker.iterated(first, 5, 5000);
  progress.update();
  progress.stop();
  assert.match(shown, /2\/4 trials, 15 s left/);
  assert.match(shown, /quick 0 5\/10/);
  const quiet = await showPlan(tracker, { live: true, stream, quiet: true });
  const before = shown;
  quiet.say("nothing");
  assert.equal(shown, before);
});
