import assert from "node:assert/strict";
import { featuresOf } from "../../../../../plugins/teacher/language_model/features.ts";
import { MemoryChannel } from "../../../../../plugins/teacher/language_model/channels/memory.ts";
import { best, BOX, KEY, Pupil } from "./examples.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "../stub_model.ts";

const NAMES = ["left", "right", "on"];
const memory = (change: object = {}) =>
  new Pupil(
    new MemoryChannel(NAMES, { size: 100, neighbours: 16, gain: 17, tells: true, ...change }),
  );

function near(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `${actual} is not ${expected}`);
  }
}

// At distance 0 k = 1: (1 - 0) / (1 + 16), times 17. A state that shares one thing of two is 1 / 2 away:
// k = 0.1 / 0.6 = 1 / 6, so 17 (1 / 6) / (1 / 6 + 16) = 17 / 97.
Deno.test("memory: a state corrects itself and, by likeness, others; by hand", () => {
  const channel = memory();
  channel.learn(KEY!, 0, 1);
  channel.learn(KEY!, 1, -1);
  near(channel.corrections(KEY!), [1, -1, 0]);
  near(channel.corrections(featuresOf("go", ["a key", "a box"])), [17 / 97, -17 / 97, 0]);
  near(channel.corrections(BOX!), [0, 0, 0]);
  near(memory({ gain: 0 }).corrections(KEY!), [0, 0, 0]);
});

// G(key, 0) = 1, so the box's verdicts are worth 1 + 1 = 2 and -1 + 1 = 0 about their mean of 1.
Deno.test("memory: a verdict that compares adds the worth of what it compares with", () => {
  const channel = memory();
  const before = { features: KEY!, candidate: 0 };
  channel.learn(KEY!, 0, 1);
  channel.learn(BOX!, 1, 1, { comparesWith: before });
  channel.learn(BOX!, 2, -1, { comparesWith: before });
  near(channel.corrections(BOX!), [0, 1, -1]);
});

Deno.test("memory: asks the nearest alone, and forgets what was not judged for longest", () => {
  const wide = featuresOf("go", ["a key", "a box"]);
  const judge = (channel: Pupil<MemoryChannel>, state = KEY!, good = 0) => {
    channel.learn(state, good, 1);
    channel.learn(state, 1 - good, -1);
  };
  const one = memory({ neighbours: 1 });
  judge(one, wide, 0);
  judge(one, KEY!, 1);
  assert.equal(best(one.corrections(KEY!)), 1);
  assert.equal(best(one.corrections(BOX!)), 0);
  const small = memory({ size: 2 });
  judge(small, KEY!);
  judge(small, BOX!);
  judge(small, KEY!); // the box is the oldest now
  judge(small, featuresOf("go", ["a door"]));
  near(small.corrections(BOX!), [0, 0, 0]);
  assert.notDeepEqual(small.corrections(KEY!), [0, 0, 0]);
});

Deno.test("memory: save and load go on exactly", async () => {
  const [one, other] = [memory({ size: 3 }), memory({ size: 3 })];
  const judge = (channel: Pupil<MemoryChannel>, from: number, to: number) => {
    for (let k = from; k < to; k++) {
      const state = featuresOf("go", [`a key ${k % 5}`, `a wall ${k % 2}`]);
      channel.learn(state, k % 3, k % 4 ? 1 : -1, { strength: 1 / (k + 1) });
    }
  };
  judge(one, 0, 20);
  judge(other, 3, 9); // is forgotten
  await other.follow(one);
  for (const each of [one, other]) judge(each, 20, 31);
  assert.deepEqual(other.channel.save(), one.channel.save());
  assert.deepEqual(other.corrections(KEY!), one.corrections(KEY!));
});

Deno.test("memory: tells a model that reads what went well and what did not", () => {
  const pupil = memory();
  assert.deepEqual(pupil.channel.promptFields(KEY!), { memory: "" });
  pupil.learn(KEY!, 0, 1, { seen: ["You see a key"] });
  pupil.learn(KEY!, 1, -1, { seen: ["You see a key"] });
  const told = "Remember: You see a key: left was good, right was bad.";
  assert.deepEqual(pupil.channel.promptFields(KEY!), { memory: told });
  assert.deepEqual(pupil.channel.promptFields(featuresOf("go", ["a key", "a box"])), {
    memory: told,
  });
  assert.deepEqual(pupil.channel.promptFields(BOX!), { memory: "" });
});

Deno.test("language-model: what is remembered stands in the prompt, and turns its choice", async () => {
  const model = new StubModel((_, c) => Math.log(c === 1 ? 3 : 1));
  const teacher = teacherOf(model, {
    learnsBy: ["memory"],
    prompt: "{seen}. {memory}",
    memory: { gain: 20 },
  });
  assert.deepEqual(teacher.learnsBy, ["memory"]);
  for (let k = 0; k < 20; k++) {
    const guidance = await teacher.advise(seeing(["a key"], ["a key"]), "train");
    guidance.choices.set([0, 1]);
    teacher.receive(feedbackOn(guidance, [1, -1]));
  }
  const { choices } = await teacher.advise(seeing(["a key"]), "evaluate");
  assert.deepEqual([...choices], [0]);
  assert.equal(
    model.prompts.at(-1),
    "a key. Remember: You see a key: left was good, right was bad.",
  );
});

Deno.test("language-model: where the prompt tells no memory, a known state is not asked again", async () => {
  const model = new StubModel();
  const teacher = teacherOf(model, { learnsBy: ["memory"], prompt: "{seen}" });
  for (let k = 0; k < 3; k++) {
    teacher.receive(feedbackOn(await teacher.advise(seeing(["a key"]), "train"), [1]));
  }
  assert.equal(model.prompts.length, 1);
});
