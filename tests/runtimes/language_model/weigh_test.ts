import assert from "node:assert/strict";
import { readModelConfig } from "../../../runtimes/model_folder/config.ts";
import { Decoder } from "../../../runtimes/language_model/decoder.ts";
import { Engine } from "../../../runtimes/language_model/engine.ts";
import type { DecoderLayout } from "../../../runtimes/model_folder/files.ts";
import { findGraphs } from "../../../runtimes/language_model/graphs.ts";
import { readReference } from "../../../runtimes/language_model/reference.ts";
import { scoreChains } from "../../../runtimes/language_model/score.ts";
import { type ModelSessions, openSessions } from "../../../runtimes/language_model/sessions.ts";
import { integers } from "../../../runtimes/language_model/tensors.ts";
import { ancestors, tokenTree } from "../../../runtimes/language_model/token_tree.ts";
import { takesTrees } from "../../../runtimes/language_model/weigh.ts";
import { type OnnxSession, openOnnxRuntime } from "../../../runtimes/onnx/onnx.ts";
import { type Fixture, fixtureDir } from "./fixtures.ts";

Deno.test("tokenTree() shares beginnings, keeps a text that begins another, and leaves leaves out", () => {
  const tree = tokenTree([[1, 2, 3], [1, 2], [1, 4, 3], [5]], 9);
  assert.deepEqual(tree.tokens, [9, 1, 2, 4]);
  assert.deepEqual(tree.parents, [-1, 0, 1, 1]);
  assert.deepEqual(tree.depths, [0, 1, 2, 2]);
  assert.deepEqual(tree.edges, [
    { node: 0, token: 1 },
    { node: 1, token: 2 },
    { node: 2, token: 3 },
    { node: 1, token: 4 },
    { node: 3, token: 3 },
    { node: 0, token: 5 },
  ]);
  assert.deepEqual(tree.paths, [[0, 1, 2], [0, 1], [0, 3, 4], [5]]);
  assert.deepEqual(ancestors(tree, 3), [3, 1, 0]);
});

interface Open {
  readonly engine: Engine;
  readonly sessions: ModelSessions;
  readonly decoder: Decoder;
  readonly runs: string[];
}

async function withEngine(
  name: Fixture,
  layout: DecoderLayout,
  work: (open: Open) => Promise<void>,
): Promise<void> {
  const dir = fixtureDir(name);
  const config = await readModelConfig(dir);
  const runtime = await openOnnxRuntime({ device: "wasm", threads: 1 });
  const graphs = await findGraphs(dir, config, { layout });
  const opened = await openSessions(runtime, graphs);
  const runs: string[] = [];
  const counted = (session: OnnxSession): OnnxSession => ({
    ...session,
    run(feeds, fetch) {
      runs.push(session.file.split("/").at(-1)!);
      return session.run(feeds, fetch);
    },
  });
  const first = counted(opened.first);
  const sessions: ModelSessions = {
    first,
    ...(opened.encoder ? { encoder: counted(opened.encoder) } : {}),
    ...(opened.next ? { next: opened.next === opened.first ? first : counted(opened.next) } : {}),
  };
  assert.ok(takesTrees(sessions, config), "the graphs should have been rewritten");
  const decoder = new Decoder(config, sessions, 1e-3);
  const engine = new Engine(config, sessions, "fp32");
  try {
    await work({ engine, sessions, decoder, runs });
  } finally {
    await engine.release();
  }
}

const layouts: [Fixture, DecoderLayout, string[]][] = [
  ["t5-v1_1", "merged", ["encoder_model.onnx", "decoder_model_merged.onnx"]],
  ["t5-v1_0", "past", ["encoder_model.onnx", "decoder_model.onnx"]],
  ["t5-v1_1", "plain", ["encoder_model.onnx", "decoder_model.onnx"]],
  ["gpt2", "merged", ["model.onnx", "model.onnx"]],
  ["llama", "merged", ["model.onnx", "model.onnx"]],
];

for (const [name, layout, expected] of layouts) {
  Deno.test(`Engine.weigh() runs a tree at once and gives what chains give: ${name}, ${layout}`, () =>
    withEngine(name, layout, async ({ engine, decoder, runs }) => {
      const reference = await readReference(fixtureDir(name));
      const prompts = reference.map(({ ids }) => ids);
      // Texts of many lengths, some the beginnings of others, one of a single token.
      const candidates = [[20, 21, 22, 23, 24], [20, 21, 25], [20, 21], [30], [31, 32]];
      const lists = prompts.map(() => candidates);
      const weighed = await engine.weigh(prompts, lists);
      runs.length = 0;
      assert.deepEqual(await engine.weigh(prompts, lists), weighed);
      assert.deepEqual(runs, expected);
      const chained = await scoreChains(decoder, await engine.start(prompts), lists);
      weighed.forEach((row, i) =>
        row.forEach(({ logProbs, logits }, c) => {
          assert.equal(logProbs.length, candidates[c]!.length);
          logProbs.forEach((value, t) => {
            assert.ok(Math.abs(value - chained[i]![c]!.logProbs[t]!) < 1e-4);
            assert.ok(Math.abs(logits[t]! - chained[i]![c]!.logits[t]!) < 1e-4);
          });
        })
      );
    }));
}

Deno.test("Engine.weigh() encodes once where prompts have lists of their own", () =>
  withEngine("t5-v1_1", "merged", async ({ engine, decoder, runs }) => {
    const prompts = (await readReference(fixtureDir("t5-v1_1"))).map(({ ids }) => ids);
    const lists = prompts.map((_, i) => i % 2 === 0 ? [[20, 21], [22]] : [[23, 24, 25]]);
    await engine.weigh(prompts, lists);
    runs.length = 0;
    const weighed = await engine.weigh(prompts, lists);
    assert.deepEqual(runs, [
      "encoder_model.onnx",
      "decoder_model_merged.onnx",
      "decoder_model_merged.onnx",
    ]);
    const chained = await scoreChains(decoder, await engine.start(prompts), lists);
    weighed.forEach((row, i) =>
      row.forEach(({ logProbs }, c) =>
        logProbs.forEach((value, t) =>
          assert.ok(Math.abs(value - chained[i]![c]!.logProbs[t]!) < 1e-4)
        )
      )
    );
  }));

Deno.test("Engine.weigh() falls back to chains where a tree gives something else", () =>
  withEngine("gpt2", "merged", async ({ sessions }) => {
    const dir = fixtureDir("gpt2");
    const config = await readModelConfig(dir);
    // A graph that takes positions from the cache's length: what it is told is not heeded.
    const deaf: OnnxSession = {
      ...sessions.first,
      run(feeds, fetch) {
        const [rows, count] = feeds.position_ids!.dims as [number, number];
        const past = feeds["past_key_values.0.key"]!.dims[2]!;
        const places = Array.from({ length: count }, (_, i) => past + i);
        const told = integers({ type: "int64" }, new Array(rows).fill(places));
        return sessions.first.run({ ...feeds, position_ids: told }, fetch);
      },
    };
    const engine = new Engine(config, { first: deaf, next: deaf }, "fp32");
    const { ids } = (await readReference(dir))[0]!;
    const lists = [[[20, 21, 22], [30, 31, 32], [40, 41, 42]]];
    const weighed = await engine.weigh([ids], lists);
    const decoder = new Decoder(config, sessions, 1e-3);
    const chained = await scoreChains(decoder, await decoder.start([ids]), lists);
    weighed[0]!.forEach(({ logProbs }, c) =>
      logProbs.forEach((value, t) =>
        assert.ok(Math.abs(value - chained[0]![c]!.logProbs[t]!) < 1e-4)
      )
    );
  }));

Deno.test("Engine.batches() puts rows of near length together, and all of one length where it must", () =>
  withEngine("t5-v1_1", "merged", async ({ engine, sessions }) => {
    const rows = (...lengths: number[]) => lengths.map((length) => new Array(length).fill(5));
    assert.deepEqual(engine.batches(rows(50, 3, 4, 50, 3, 4)), [[1, 4, 2, 5], [0, 3]]);
    assert.deepEqual(engine.batches(rows(50, 3)), [[1, 0]]);
    assert.deepEqual(engine.batches([]), []);
    const config = { ...await readModelConfig(fixtureDir("t5-v1_1")), encoderDecoder: false };
    const inputs = new Map(sessions.first.inputs);
    inputs.delete("position_ids");
    const blind = new Engine(config, { first: { ...sessions.first, inputs } }, "fp32");
    assert.deepEqual(blind.batches(rows(7, 3, 7, 3)), [[1, 3], [0, 2]]);
  }));
