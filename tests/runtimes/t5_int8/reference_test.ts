import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openLanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { relativeBucket } from "../../../runtimes/t5/position.ts";
import { readT5Config } from "../../../runtimes/t5/config.ts";
import { readT5Parameters } from "../../../runtimes/t5/folder.ts";
import { selfAttentionBias } from "../../../runtimes/t5_int8/bias.ts";
import { T5Int8 } from "../../../runtimes/t5_int8/model.ts";
import { fixtureDir, promptsOf } from "../language_model/fixtures.ts";

const SHIPPED = fileURLToPath(new URL("../../../models/tandem-t5-babyai", import.meta.url));
const ACTIONS = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle"];
const STATES = [
  "goal: go to the red ball see: a red ball 3 steps right and 4 steps forward last: none act:",
  "goal: go to the red ball see: a wall 1 step forward, a wall 2 steps left last: bad act:",
  "goal: pick up the blue key see: a blue key 1 step forward last: good act:",
  "goal: open the grey door see: a grey door 2 steps left last: none act:",
];

/** Probabilities of the actions, all prompts' one after the other. */
async function chances(
  dir: string,
  prompts: readonly string[],
  options: { runtime?: "fused"; device?: "wasm"; threads?: number },
): Promise<number[]> {
  const model = await openLanguageModel(dir, options);
  try {
    const scores = await model.score(prompts, ACTIONS);
    return scores.flatMap(({ distribution }) => [...distribution]);
  } finally {
    await model.dispose();
  }
}

// What eight bits of weight and seven of activation cost, in probability of an action.
const TOLERANCE = 0.04;

for (
  const [name, dir, prompts] of [
    ["the shipped model", SHIPPED, STATES],
    ["t5-v1_1", fixtureDir("t5-v1_1"), await promptsOf("t5-v1_1")],
    ["t5-v1_0", fixtureDir("t5-v1_0"), await promptsOf("t5-v1_0")],
  ] as const
) {
  Deno.test(`The fused runtime gives the probabilities of fp32 to ${TOLERANCE}: ${name}`, async () => {
    const full = await chances(dir, prompts, { device: "wasm", threads: 1 });
    const rough = await chances(dir, prompts, { runtime: "fused" });
    const differences = full.map((value, i) => Math.abs(value - rough[i]!));
    const most = Math.max(...differences);
    assert.ok(most < TOLERANCE, `${most}`);
    assert.ok(most > 1e-6, "nothing was quantised");
    const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length;
    assert.ok(mean < TOLERANCE / 4, `${mean} in the mean`);
  });
}

Deno.test("The fused runtime prefers the action that fp32 prefers: the shipped model", async () => {
  const best = (values: number[]) =>
    STATES.map((_, i) => {
      const own = values.slice(i * ACTIONS.length, (i + 1) * ACTIONS.length);
      return own.indexOf(Math.max(...own));
    });
  assert.deepEqual(
    best(await chances(SHIPPED, STATES, { runtime: "fused" })),
    best(await chances(SHIPPED, STATES, { device: "wasm", threads: 1 })),
  );
});

Deno.test("Relaxed SIMD gives what plain SIMD gives but for the last bits", async () => {
  const dir = fixtureDir("t5-v1_1");
  const config = await readT5Config(dir);
  const parameters = await readT5Parameters(dir, config);
  const logitsWith = async (relaxed: boolean) => {
    const model = await T5Int8.open(config, parameters, relaxed);
    const encoded = model.encode([[5, 6, 7, 1], [8, 1]]);
    const sees = (at: number, other: number) => other <= at;
    const sequence = { tokens: [0, 9], depths: [0, 1], sees };
    const states = model.decode(encoded, [0, 1].map((prompt) => ({ ...sequence, prompt })));
    const all: number[] = [];
    model.logits(states, [0, 1, 2, 3], (_, logits) => all.push(...logits));
    return all;
  };
  const [relaxed, plain] = [await logitsWith(true), await logitsWith(false)];
  assert.equal(relaxed.length, 4 * config.vocabSize);
  relaxed.forEach((value, i) => assert.ok(Math.abs(value - plain[i]!) < 0.05, `${i}`));
});

Deno.test("selfAttentionBias() is the learned number of each distance, and hides", async () => {
  const config = await readT5Config(fixtureDir("t5-v1_0"));
  const { heads, buckets } = config;
  const relative = Float32Array.from({ length: buckets * heads }, (_, i) => i);
  // A tree: the start, then two tokens beside each other.
  const sees = (at: number, other: number) => other === 0 || other === at;
  const bias = selfAttentionBias(config, "decoder", relative, [0, 1, 1], sees);
  const at = (head: number, query: number, key: number) => bias[(head * 3 + query) * 3 + key]!;
  for (let head = 0; head < heads; head++) {
    assert.equal(at(head, 0, 0), head);
    assert.equal(at(head, 2, 0), relativeBucket(-1, false, config) * heads + head);
    assert.equal(at(head, 2, 2), head);
    assert.ok(at(head, 2, 1) < -1e29 && at(head, 0, 1) < -1e29);
  }
});
