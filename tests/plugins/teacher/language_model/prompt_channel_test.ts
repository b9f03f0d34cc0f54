import assert from "node:assert/strict";
import type { Hearing } from "../../../../plugins/teacher/language_model/channels.ts";
import { PromptChannel } from "../../../../plugins/teacher/language_model/prompt_channel.ts";
import { KEY } from "./lessons.ts";

const hearing = (said: string, sign: number, strength: number, more: Partial<Hearing> = {}) => ({
  ...{ env: 0, said, sign, strength, ended: false },
  words: () => `It was ${sign}.`,
  ...more,
});

Deno.test("prompt: the last verdicts of an episode, the strongest first and of equals the latest", () => {
  const channel = new PromptChannel({ verdictWords: "short", verdicts: 3 });
  const told = (env = 0) => channel.tell(KEY!, env, "train").feedback;
  assert.equal(told(), "none");
  channel.hear(hearing("left", 1, 0.5));
  channel.hear(hearing("right", -1, 2));
  channel.hear(hearing("on", 1, 0.5));
  assert.equal(told(), "right: bad; on: good; left: good");
  channel.hear(hearing("left", -1, 1));
  assert.equal(told(), "right: bad; left: bad; on: good");
  channel.hear(hearing("on", 0, 0));
  assert.equal(told(), "right: bad; left: bad; on: good");
  assert.equal(told(1), "none");
  assert.equal(channel.tell(KEY!, 0, "evaluate").feedback, "none");
  channel.hear(hearing("left", 1, 1, { ended: true }));
  assert.equal(told(), "none");
});

Deno.test("prompt: verdicts in the rule's words go on from a saved state", () => {
  const make = () => new PromptChannel({ verdictWords: "rule", verdicts: 2 });
  const [one, other] = [make(), make()];
  one.hear(hearing("left", -1, 1, { env: 1 }));
  other.load(structuredClone(one.save()));
  assert.equal(other.tell(KEY!, 1, "train").feedback, "left: It was -1.");
  assert.deepEqual(other.save(), one.save());
});
