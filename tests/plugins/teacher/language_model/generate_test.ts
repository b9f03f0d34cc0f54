import assert from "node:assert/strict";
import { suggestionOf, tokensOf } from "../../../../core/kit/guidance.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "./stub_model.ts";

const STATES = seeing(["a key"], ["a box"], ["a door"]);
const writing = (...texts: string[]) => new StubModel(undefined, (_, row) => texts[row]!);

Deno.test("language-model that writes: a text counts as the candidate that it is or begins with", async () => {
  const teacher = teacherOf(writing("Right", "left, then right", "who knows"), {
    answer: "generate",
  });
  const guidance = await teacher.advise(STATES, "train");
  assert.deepEqual([...guidance.choices], [1, 0, -1]);
  assert.deepEqual([...guidance.distribution], [0, 1, 1, 0, 0, 0]);
  assert.deepEqual([...guidance.logProbs], [-0.5, -0.5, 0]);
  assert.deepEqual([0, 1, 2].map((i) => suggestionOf(guidance, i)), ["right", "left", ""]);
});

Deno.test("language-model that writes: keeps the ids as they were generated", async () => {
  const teacher = teacherOf(writing("right", "left", "?"), { answer: "generate" });
  const guidance = await teacher.advise(STATES, "train");
  assert.deepEqual([0, 1, 2].map((i) => [...tokensOf(guidance, i)]), [
    [0, 8, 9],
    [1, 8, 9],
    [],
  ]);
  assert.deepEqual(teacher.usage(), { calls: 3, cacheHits: 0, tokens: 24, unusable: 1 });
});

Deno.test("language-model that writes: draws anew in training, with seeds of its own stream", async () => {
  const seeds = async (measured: boolean) => {
    const model = writing("right", "left", "right");
    const teacher = teacherOf(model, { answer: "generate", temperature: 0.7 });
    await teacher.advise(STATES, "train");
    if (measured) await teacher.advise(STATES, "evaluate");
    await teacher.advise(STATES, "train");
    const drawn = model.drawn.filter(({ seeds }) => seeds);
    assert.deepEqual(drawn.map(({ temperature }) => temperature), [0.7, 0.7]);
    return drawn.flatMap(({ seeds }) => [...seeds!]);
  };
  const drawn = await seeds(false);
  assert.equal(new Set(drawn).size, 6);
  assert.deepEqual(await seeds(true), drawn);
});

Deno.test("language-model that writes: measured it writes greedily, once for each state", async () => {
  const model = writing("right", "left", "right");
  const teacher = teacherOf(model, { answer: "generate" });
  for (let k = 0; k < 2; k++) {
    const guidance = await teacher.advise(STATES, "evaluate");
    assert.deepEqual([...guidance.choices], [1, 0, 1]);
  }
  assert.deepEqual(model.drawn, [{}]);
  assert.deepEqual(teacher.usage(), { calls: 6, cacheHits: 3, tokens: 24, unusable: 0 });
});

Deno.test("language-model that writes: learns by its prompt alone", async () => {
  const model = writing("right", "left", "right");
  const teacher = teacherOf(model, { answer: "generate", prompt: "{seen}: {feedback}" });
  assert.deepEqual(teacher.learnsBy, ["prompt"]);
  teacher.receive(feedbackOn(await teacher.advise(STATES, "train"), [1, -1, 0]));
  await teacher.advise(STATES, "train");
  assert.deepEqual(model.prompts.slice(3), ["a key: good", "a box: bad", "a door: none"]);
  const { json } = await teacher.save();
  assert.deepEqual(Object.keys((json as { channels: object }).channels), ["prompt"]);
});
