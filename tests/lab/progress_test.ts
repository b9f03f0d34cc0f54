import assert from "node:assert/strict";
import { showProgress } from "../../lab/progress.ts";
import { RunTracker } from "../../lab/tracker.ts";
import { evaluated, iterationEnded, sampleEvents } from "./sample.ts";

/** A stream that remembers what was written to it. */
function fakeStream(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) };
}

/** What a terminal shows at last of lines that were drawn over each other. */
function lastDrawn(written: readonly string[], start: string): string | undefined {
  // deno-lint-ignore no-control-regex
  const plain = written.map((text) => text.replace(/\x1b\[[?0-9;]*[A-Za-z]/g, ""));
  return plain.findLast((text) => text.startsWith(start));
}

Deno.test("RunTracker takes success over the latest 200 episodes and no more than it needs", () => {
  const tracker = new RunTracker();
  assert.equal(tracker.training, null);
  tracker.see(iterationEnded(1, { ended: 100, solved: 0 }));
  assert.equal(tracker.training, 0);
  tracker.see(iterationEnded(2, { ended: 150, solved: 75 }));
  tracker.see(iterationEnded(3, { ended: 50, solved: 50 }));
  assert.equal(tracker.training, 125 / 200);
});

Deno.test("RunTracker measures speed and time left by the latest ten iterations", () => {
  const tracker = new RunTracker();
  tracker.see({ type: "run.started", iterations: 20, device: "cpu" });
  assert.deepEqual([tracker.framesPerSecond, tracker.secondsLeft], [null, null]);
  tracker.see(iterationEnded(1, { envSteps: 100, seconds: 50 }));
  assert.deepEqual([tracker.framesPerSecond, tracker.secondsLeft], [2, 19 * 50]);
  for (let i = 2; i <= 11; i++) tracker.see(iterationEnded(i, { envSteps: 100 * i, seconds: 4 }));
  assert.deepEqual([tracker.framesPerSecond, tracker.secondsLeft], [25, 9 * 4]);
});

Deno.test("RunTracker adds verdicts up and keeps the last measurement", () => {
  const tracker = new RunTracker();
  for (const event of sampleEvents()) tracker.see(event);
  assert.deepEqual(tracker.verdicts, { positive: 40, negative: 20, abstained: 4 });
  assert.deepEqual([tracker.heldOut, tracker.guidance, tracker.iteration], [0.75, 0.5, 4]);
});

Deno.test("showProgress() without a terminal prints about ten plain lines", async () => {
  const stream = fakeStream(false);
  const progress = await showProgress({ stream, live: stream.isTTY });
  progress.sink({ type: "run.started", iterations: 40, device: "cpu" });
  progress.sink(evaluated(0, 0.25));
  for (let i = 1; i <= 40; i++) progress.sink(iterationEnded(i));
  progress.stop();
  assert.equal(stream.written.length, 10);
  assert.equal(
    stream.written[0],
    "iteration 4/40  success 50.0 %  held-out 25.0 %  guidance 50.0 %  " +
      "verdicts +40 −20 ○4  8 frames/s  1 min 12 s left\n",
  );
  assert.ok(stream.written.at(-1)!.startsWith("iteration 40/40  "));
});

Deno.test("showProgress() without a terminal prints warnings and the last iteration of any number", async () => {
  const stream = fakeStream(false);
  const progress = await showProgress({ stream, live: stream.isTTY });
  progress.sink({ type: "warning", code: "W_NOTE", message: "No GPU." });
  progress.sink({ type: "run.started", iterations: 25, device: "cpu" });
  for (let i = 1; i <= 25; i++) progress.sink(iterationEnded(i));
  assert.equal(stream.written[0], "No GPU.\n");
  assert.ok(stream.written.at(-1)!.startsWith("iteration 25/25  "));
});

Deno.test("showProgress() that is quiet prints nothing", async () => {
  const stream = fakeStream(true);
  const progress = await showProgress({ stream, live: stream.isTTY, quiet: true });
  progress.sink({ type: "warning", code: "W_NOTE", message: "No GPU." });
  for (const event of sampleEvents()) progress.sink(event);
  progress.stop();
  assert.deepEqual(stream.written, []);
});

Deno.test("showProgress() on a terminal draws two lines that fit and takes them away", async () => {
  const stream = fakeStream(true, 80);
  const progress = await showProgress({ stream, live: stream.isTTY });
  const events = sampleEvents();
  for (const event of events) progress.sink(event);
  assert.equal(
    lastDrawn(stream.written, " success"),
    " success 50.0 %   held-out 75.0 %   guidance 50.0 %   verdicts +40 −20 ○4",
  );
  const bar = lastDrawn(stream.written, " ━")!;
  assert.match(bar, /^ ━+ {2}4\/4 {2}8 frames\/s {2}measuring the end$/);
  assert.ok(bar.length < 80);
  progress.stop();
  assert.ok(!stream.written.join("").includes("\x1b[?25l"), "the cursor was never hidden");
});

Deno.test("showProgress() leaves out what a narrow terminal has no room for", async () => {
  const stream = fakeStream(true, 40);
  const progress = await showProgress({ stream, live: stream.isTTY });
  for (const event of sampleEvents()) progress.sink(event);
  progress.stop();
  assert.equal(lastDrawn(stream.written, " success"), " success 50.0 %   held-out 75.0 %");
});
