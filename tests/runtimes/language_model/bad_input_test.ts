import assert from "node:assert/strict";
import { join } from "node:path";
import onnxProto from "onnx-proto";
import { type ErrorCode, TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import type { GenerateOptions } from "../../../runtimes/language_model/generate.ts";
import { readReference } from "../../../runtimes/language_model/reference.ts";
import { openLanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { GraphBuilder, type GraphBuilder as Builder } from "../../../runtimes/onnx/graph.ts";
import { fixtureDir, withCopy, withModel } from "./fixtures.ts";

const { onnx } = onnxProto as unknown as typeof import("onnx-proto");

const WASM = { device: "wasm", threads: 1 } as const;

/** Expects a failure with a code, in one sentence that holds `part`. */
function refused(work: Promise<unknown>, code: ErrorCode, part: string): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof TandemError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(part), error.message);
    assert.match(error.message, /^[^\n]+\.$/);
    return true;
  });
}

Deno.test("score() and generate() refuse prompts and candidates that do not fit, and go on", () =>
  withModel("gpt2", async (model) => {
    const score = (prompt: string | number[], candidates: string[] | number[][]) =>
      typeof candidates[0] === "string"
        ? model.score([prompt], candidates as string[])
        : model.score([prompt], [candidates as number[][]]);
    await refused(score("", ["a"]), "E_PROMPT", 'The prompt "" is empty');
    await refused(score(" \n", ["a"]), "E_PROMPT", "is empty");
    await refused(score("see", [""]), "E_PROMPT", 'The candidate "" is empty');
    await refused(score("see", []), "E_PROMPT", "has no candidates");
    await refused(score("see", ["a", "b", "a"]), "E_PROMPT", 'candidate "a" stands twice');
    await refused(score("see", [[5], [6, 7], [5]]), "E_PROMPT", '"5" stands twice');
    await refused(score([5, 999], ["a"]), "E_PROMPT", "has the id 999; ids are below 373");
    await refused(score([0.5], ["a"]), "E_PROMPT", "has the id 0.5");
    const long = "see ".repeat(400);
    await refused(model.generate([long]), "E_PROMPT", "room for 20 more; the model takes 256");
    const full = new Array(250).fill(5);
    await refused(model.generate([full]), "E_PROMPT", "has 250 tokens and needs room for 20 more");
    await refused(score(full, [[1, 2, 3, 4, 5, 6, 7]]), "E_PROMPT", "room for 7 more");
    assert.equal((await model.generate([full], { maxTokens: 6 }))[0]!.ids.length, 6);
    await refused(model.generate(["see", ""]), "E_PROMPT", "is empty");
    await refused(model.hidden([""]), "E_PROMPT", "is empty");
    assert.deepEqual(await model.score([], ["a"]), []);
    assert.equal((await score("see", ["a"]))[0]!.distribution[0], 1);
  }));

Deno.test("generate() and score() refuse options out of their range", () =>
  withModel("gpt2", async (model) => {
    const generate = (options: GenerateOptions) => model.generate(["see"], options);
    await refused(generate({ maxTokens: 0 }), "E_OPTION", '"maxTokens" is "0"');
    await refused(generate({ maxTokens: 1.5 }), "E_OPTION", '"maxTokens" is "1.5"');
    await refused(generate({ beams: -1 }), "E_OPTION", '"beams" is "-1"');
    await refused(generate({ topK: NaN }), "E_OPTION", '"topK" is "NaN"');
    await refused(generate({ topP: 0 }), "E_OPTION", '"topP" is "0"');
    await refused(generate({ temperature: -1 }), "E_OPTION", '"temperature" is "-1"');
    await refused(model.score(["see"], ["a"], { temperature: 0 }), "E_OPTION", "above 0");
  }));

Deno.test("score() takes text that no token covers", () =>
  withModel("t5-v1_1", async (model) => {
    assert.ok(model.tokenizer.encode("漢字").includes(model.tokenizer.unknown!));
    const [score] = await model.score(["漢字 😀"], ["turn left", "漢"]);
    const { distribution } = score!;
    assert.ok(Math.abs(distribution[0]! + distribution[1]! - 1) < 1e-6);
  }));

const damages: [string, string, ErrorCode, string, (file: string) => Promise<void>][] = [
  ["no config", "config.json", "E_MODEL", 'config.json" is missing', Deno.remove],
  ["no tokenizer", "tokenizer.json", "E_TOKENIZER", 'tokenizer.json" is missing', Deno.remove],
  ["no graph", "onnx/model.onnx", "E_MODEL", "has no ONNX files that fit", Deno.remove],
  [
    "a truncated graph",
    "onnx/model.onnx",
    "E_MODEL",
    "is no ONNX model",
    (f) => Deno.truncate(f, 9999),
  ],
  ["an empty graph", "onnx/model.onnx", "E_MODEL", "is empty", (f) => Deno.truncate(f, 0)],
  [
    "text for a graph",
    "onnx/model.onnx",
    "E_MODEL",
    "model.onnx",
    (f) => Deno.writeTextFile(f, "no"),
  ],
  ["broken JSON", "config.json", "E_MODEL", "is not readable JSON", (f) => Deno.truncate(f, 20)],
  [
    "a list for a config",
    "config.json",
    "E_MODEL",
    "JSON object",
    (f) => Deno.writeTextFile(f, "[]"),
  ],
  [
    "a vocabulary of words",
    "config.json",
    "E_MODEL",
    'vocab_size is "many"',
    (f) => Deno.writeTextFile(f, JSON.stringify({ vocab_size: "many" })),
  ],
  [
    "a small vocabulary",
    "config.json",
    "E_TOKENIZER",
    "more than the model's vocabulary of 10",
    (f) => Deno.writeTextFile(f, JSON.stringify({ vocab_size: 10 })),
  ],
  [
    "a tokenizer without a model",
    "tokenizer.json",
    "E_TOKENIZER",
    "is no usable tokenizer",
    (f) => Deno.writeTextFile(f, JSON.stringify({ added_tokens: [] })),
  ],
];

for (const [name, file, code, part, damage] of damages) {
  Deno.test(`openLanguageModel() says so: ${name}`, () =>
    withCopy("gpt2", async (dir) => {
      await damage(join(dir, file));
      await refused(openLanguageModel(dir, WASM), code, part);
    }));
}

Deno.test("openLanguageModel() says so where the folder is none", async () => {
  await refused(openLanguageModel("no/such/folder", WASM), "E_MODEL", "no/such/folder");
  await refused(readReference(fixtureDir("gpt2") + "/onnx"), "E_FILE", "reference.json");
});

/** A graph named model.onnx with the inputs and outputs of a decoder, filled by `fill`. */
async function withGraph(
  fill: (graph: Builder, ids: string) => string,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  const graph = new GraphBuilder("odd");
  const ids = graph.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  graph.output("logits", fill(graph, ids), "float32", ["batch_size", "sequence_length", 373]);
  await withCopy("gpt2", async (dir) => {
    await Deno.writeFile(join(dir, "onnx/model.onnx"), graph.toBytes());
    await work(dir);
  });
}

Deno.test("openLanguageModel() refuses a graph with a loop", () =>
  withGraph((graph, ids) => {
    const body = new GraphBuilder("for ever", graph);
    return graph.add("Loop", [ids], { body });
  }, (dir) => refused(openLanguageModel(dir, WASM), "E_MODEL", 'has the operator "Loop"')));

Deno.test("score() says so where a graph asks for more memory than there is, and others go on", () =>
  withGraph((graph) => {
    const much = graph.integers([100_000, 100_000, 373]);
    return graph.add("ConstantOfShape", [much]);
  }, async (dir) => {
    const greedy = async () => {
      const model = await openLanguageModel(dir, WASM);
      await model.score(["see"], ["a"]).finally(() => model.dispose());
    };
    await refused(greedy(), "E_MODEL", "model.onnx");
    await withModel("gpt2", async (model) => {
      assert.equal((await model.score(["see"], ["a"])).length, 1);
    });
  }));

Deno.test("score() says so where a graph gives what is no number", () =>
  withGraph((graph, ids) => {
    const zero = graph.add("ConstantOfShape", [graph.integers([1, 1, 373])]);
    const some = graph.add("Unsqueeze", [
      graph.add("Cast", [ids], { to: 1 }),
      graph.integers([2]),
    ]);
    return graph.add("Div", [graph.add("Mul", [some, zero]), zero]);
  }, async (dir) => {
    const model = await openLanguageModel(dir, WASM);
    await refused(model.score(["see"], ["a", "b"]), "E_NUMERIC", 'gave "NaN"');
    await refused(model.generate(["see"], { maxTokens: 2 }), "E_NUMERIC", 'gave "NaN"');
    await model.dispose();
  }));

Deno.test("openLanguageModel() reads no file outside the folder, whatever a graph names", () =>
  withCopy("gpt2", async (dir) => {
    const file = join(dir, "onnx/model.onnx");
    const model = onnx.ModelProto.decode(await Deno.readFile(file));
    const weights = model.graph!.initializer!.find(({ rawData }) => rawData!.length > 1000)!;
    const outside = join(dir, "outside.bin");
    await Deno.writeFile(outside, weights.rawData!);
    weights.rawData = new Uint8Array();
    weights.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
    for (const location of ["../outside.bin", outside]) {
      weights.externalData = [{ key: "location", value: location }];
      await Deno.writeFile(file, onnx.ModelProto.encode(model).finish());
      await refused(openLanguageModel(dir, WASM), "E_MODEL", "model.onnx");
    }
  }));

Deno.test("score() says so where a graph asks for what Tandem does not know", () =>
  withGraph(
    (graph) => graph.input("pixel_values", "float32", ["batch_size", 1, 373]),
    async (dir) => {
      const model = await openLanguageModel(dir, WASM);
      await refused(model.score(["see"], ["a"]), "E_MODEL", 'an input "pixel_values"');
      await model.dispose();
    },
  ));

Deno.test("openLanguageModel() survives graphs with changed bytes", () =>
  withCopy("gpt2", async (dir) => {
    const random = new Pcg64(8);
    const file = join(dir, "onnx/model.onnx");
    const whole = await Deno.readFile(file);
    let refusals = 0;
    for (let trial = 0; trial < 25; trial++) {
      const bytes = whole.slice();
      for (let i = 0; i < 8; i++) bytes[random.integers(0, 6000)] = random.integers(0, 256);
      await Deno.writeFile(file, bytes);
      try {
        const model = await openLanguageModel(dir, WASM);
        await model.score(["see"], ["a", "b"]).finally(() => model.dispose());
      } catch (error) {
        assert.ok(error instanceof TandemError && error.code === "E_MODEL", String(error));
        refusals++;
      }
    }
    assert.ok(refusals > 10);
    await Deno.writeFile(file, whole);
    const model = await openLanguageModel(dir, WASM);
    assert.equal((await model.score(["see"], ["a"])).length, 1);
    await model.dispose();
  }));
