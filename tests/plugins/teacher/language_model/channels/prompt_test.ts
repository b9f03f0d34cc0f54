import assert from "node:assert/strict";
import type { VerdictEvent } from "../../../../../core/stages/mod.ts";
import { PromptChannel } from "../../../../../plugins/teacher/language_model/channels/prompt.ts";
import { KEY } from "./examples.ts";

const verdict = (
  said: string,
  sign: number,
  strength: number,
  more: Partial<VerdictEvent> = {},
) => ({
  ...{ env: 0, said, sign, strength, ended: false },
  words: () => `It was ${sign}.`,
  ...more,
});

Deno.test("prompt: the last verdicts of an episode, the strongest first and of equals the latest", () => {
  const channel = new PromptChannel({ verdictWords: "short", verdicts: 3 });
  const told = (env = 0) => channel.promptFields(KEY!, env, "train").feedback;
  assert.equal(told(), "none");
  channel.onVerdict(verdict("left", 1, 0.5));
  channel.onVerdict(verdict("right", -1, 2));
  channel.onVerdict(verdict("on", 1, 0.5));
  assert.equal(told(), "right: bad; on: good; left: good");
  channel.onVerdict(verdict("left", -1, 1));
  assert.equal(told(), "right: bad; left: bad; on: good");
  channel.onVerdict(verdict("on", 0, 0));
  assert.equal(told(), "right: bad; left: bad; on: good");
  assert.equal(told(1), "none");
  assert.equal(channel.promptFields(KEY!, 0, "evaluate").feedback, "none");
  channel.onVerdict(verdict("left", 1, 1, { ended: true }));
  assert.equal(told(), "none");
});

Deno.test("prompt: verdicts in the rule's words go on from a saved state", () => {
  const make = () => new PromptChannel({ verdictWords: "rule", verdicts: 2 });
  const [one, other] = [make(), make()];
  one.onVerdict(verdict("left", -1, 1, { env: 1 }));
  other.load(structuredClone(one.save()));
  assert.equal(other.promptFields(KEY!, 1, "train").feedback, "left: It was -1.");
  assert.deepEqual(other.save(), one.save());
});
