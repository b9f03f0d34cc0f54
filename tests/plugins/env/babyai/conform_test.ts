import assert from "node:assert/strict";
import {
  conform,
  conformanceLine,
  differenceLine,
  firstDifference,
} from "../../../../cli/traces/conform.ts";
import { readTraces, type Trace } from "../../../../cli/traces/trace.ts";

const fixture = "tests/fixtures/babyai/traces.jsonl.gz";

async function firstTrace(): Promise<Trace> {
  for await (const trace of readTraces(fixture)) return trace;
  throw new Error("the fixture is empty");
}

Deno.test("conform() finds every reference trace replayed to the last byte", async () => {
  const seen: string[] = [];
  const result = await conform(fixture, { onTrace: (trace) => seen.push(trace.level) });
  assert.deepEqual(result.failures, []);
  assert.equal(conformanceLine(result), "192/192 traces match (96 levels, 0 not implemented)");
  assert.equal(seen.length, 192);
});

Deno.test("conform() counts levels that do not exist here, and failures that do", async () => {
  const trace = await firstTrace();
  const lines = [
    trace,
    { ...trace, level: "BabyAI-Moon-v0" },
    { ...trace, level: "BabyAI-Moon-v0", seed: 1 },
    { ...trace, mission: "go to the moon" },
  ];
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, lines.map((line) => JSON.stringify(line)).join("\n"));
    const result = await conform(file);
    assert.equal(conformanceLine(result), "1/2 traces match (1 levels, 1 not implemented)");
    assert.deepEqual(result.notImplemented, ["BabyAI-Moon-v0"]);
    assert.equal(
      differenceLine(result.failures[0]!),
      "BabyAI-ActionObjDoor-v0 seed 0, reset, after 0 steps: mission is " +
        '"go to the grey door" and should be "go to the moon".',
    );
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("firstDifference() says where a replay first differs", async () => {
  const trace = await firstTrace();
  const { random, next, bot } = trace;
  assert.ok(!("error" in bot));
  const found = (change: Partial<Trace>) => {
    const difference = firstDifference({ ...trace, ...change });
    return difference && [difference.episode, difference.step, difference.what];
  };
  assert.equal(found({}), undefined);
  assert.deepEqual(found({ width: 8 }), ["reset", 0, "width"]);
  assert.deepEqual(found({ grid: btoa("x") }), ["reset", 0, "grid"]);
  assert.deepEqual(found({ maxSteps: 1 }), ["reset", 0, "maxSteps"]);
  assert.deepEqual(found({ agentDir: 0 }), ["reset", 0, "pose"]);
  assert.deepEqual(found({ carrying: ["key", "red"] }), ["reset", 0, "pose"]);
  assert.deepEqual(found({ image: "" }), ["reset", 0, "image"]);
  assert.deepEqual(found({ direction: 0 }), ["reset", 0, "direction"]);
  assert.deepEqual(found({ text: [] }), ["reset", 0, "text"]);

  const obs8 = random.obs8.slice(0, 16) + "00000000" + random.obs8.slice(24);
  assert.deepEqual(found({ random: { ...random, obs8 } }), ["random", 3, "obs8"]);
  const steps = random.obs8.length / 8;
  for (const what of ["digest", "textDigest"] as const) {
    assert.deepEqual(found({ random: { ...random, [what]: "00" } }), ["random", steps, what]);
  }
  assert.deepEqual(found({ random: { ...random, reward: 0.5 } }), ["random", steps, "reward"]);
  const end = { ...random.end, agentDir: 0 };
  assert.deepEqual(found({ random: { ...random, end } }), ["random", steps, "end"]);

  assert.deepEqual(found({ next: [next[0]!, { ...next[1]!, gridSha: "00" }] }), [
    "next 2",
    0,
    "gridSha",
  ]);
  assert.deepEqual(found({ next: [{ ...next[0]!, obs8: "00" }] }), ["next 1", 0, "obs8"]);
  const actions = "0" + bot.actions.slice(1);
  assert.deepEqual(found({ bot: { ...bot, actions } }), ["bot", 0, "expert's action"]);
  const longer = { actions: bot.actions + "6", obs8: bot.obs8 + "00000000" };
  assert.deepEqual(found({ bot: { ...bot, ...longer } }), ["bot", 5, "episode's end"]);
});
