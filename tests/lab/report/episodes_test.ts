import assert from "node:assert/strict";
import type { LedgerRow } from "../../../core/stages/events.ts";
import { EpisodePicker } from "../../../lab/report/episodes.ts";
import { row } from "../sample.ts";

/** An episode of so many steps in an iteration; `part` changes its third step. */
function episode(iteration: number, length: number, part: Partial<LedgerRow> = {}): LedgerRow[] {
  return Array.from({ length }, (_, step) => {
    const ended = step === length - 1;
    return row({ iteration, step, ended, reward: ended ? 1 : 0, ...(step === 2 ? part : {}) });
  });
}

function picker(...episodes: readonly LedgerRow[][]): EpisodePicker {
  const picker = new EpisodePicker();
  for (const rows of episodes) picker.see(rows);
  return picker;
}

Deno.test("EpisodePicker prefers an episode in which the student disagrees", () => {
  const telling = episode(2, 6, { action: "turn left", verdict: "negative" });
  const found = picker(episode(1, 6), telling, episode(3, 6)).nearTheEnd;
  assert.deepEqual(found, telling);
});

Deno.test("EpisodePicker takes the last of equals near the end, the first at the beginning", () => {
  const { nearTheEnd, fromTheBeginning } = picker(episode(1, 6), episode(2, 6), episode(3, 6));
  assert.equal(nearTheEnd?.[0]?.iteration, 3);
  assert.equal(fromTheBeginning?.[0]?.iteration, 1);
});

Deno.test("EpisodePicker prefers a length that is pleasant to read", () => {
  const found = picker(episode(1, 5), episode(2, 40, { verdict: "negative" }), episode(3, 1));
  assert.equal(found.nearTheEnd?.length, 5);
});

Deno.test("EpisodePicker joins an episode that two rollouts share and leaves out an unfinished one", () => {
  const whole = episode(1, 6);
  const found = picker(whole.slice(0, 3), whole.slice(3), episode(2, 8).slice(0, 7));
  assert.deepEqual(found.nearTheEnd, whole);
  assert.equal(found.fromTheBeginning, undefined);
});

Deno.test("EpisodePicker reads environment 0 alone", () => {
  assert.equal(picker([row({ env: 1, ended: true })]).nearTheEnd, undefined);
});

Deno.test("EpisodePicker knows whether guidance names actions", () => {
  const plans = episode(1, 4).map((step) => ({ ...step, guidance: "find the ball" }));
  assert.equal(picker(episode(1, 4)).guidanceIsAction, true);
  assert.equal(picker(plans).guidanceIsAction, false);
});

Deno.test("EpisodePicker holds little of a long run", () => {
  const found = new EpisodePicker();
  for (let i = 1; i <= 500; i++) found.see(episode(i, 6));
  assert.equal(found.nearTheEnd?.[0]?.iteration, 500);
  assert.equal(found.fromTheBeginning?.[0]?.iteration, 1);
});
