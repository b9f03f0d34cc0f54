import assert from "node:assert/strict";
import { join } from "node:path";
import { factsOf } from "../../runtimes/onnx/facts.ts";
import { GraphBuilder } from "../../runtimes/onnx/graph.ts";
import { quantiseColumns, quantiseToInt8 } from "../../runtimes/onnx/quantise.ts";
import { rewriteForTrees } from "../../runtimes/onnx/rewrite.ts";
import { fixtureDir } from "./language_model/fixtures.ts";

const read = (name: Parameters<typeof fixtureDir>[0], file: string) =>
  Deno.readFile(join(fixtureDir(name), "onnx", file));

Deno.test("rewriteForTrees() leaves alone what is no decoder", async () => {
  assert.equal(rewriteForTrees(await read("t5-v1_1", "encoder_model.onnx")), undefined);
  assert.equal(rewriteForTrees(Uint8Array.of(1, 2, 3)), undefined);
  assert.equal(rewriteForTrees(new Uint8Array()), undefined);
  const graph = new GraphBuilder("no attention");
  graph.output("logits", graph.input("x", "float32", ["n"]), "float32", ["n"]);
  assert.equal(rewriteForTrees(graph.toBytes()), undefined);
});

Deno.test("rewriteForTrees() adds a bias a self-attention bias, none for the prompt's", async () => {
  const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
  const biases = (bytes: Uint8Array | undefined) =>
    new Set(text(bytes!).match(/tandem\.bias_\d+(?=\D)/g)).size;
  // T5 computes one bias for all layers; GPT-2 one a layer; the merged file has two branches.
  assert.equal(biases(rewriteForTrees(await read("t5-v1_1", "decoder_model.onnx"))), 1);
  assert.equal(biases(rewriteForTrees(await read("t5-v1_1", "decoder_model_merged.onnx"))), 2);
  assert.equal(biases(rewriteForTrees(await read("gpt2", "model.onnx"))), 2);
});

Deno.test("quantiseColumns() scales each column so that its largest weight is 127", () => {
  const weights = Float32Array.of(1, -0.5, 0.5, 0.25, -1, 0);
  const { values, scales } = quantiseColumns(weights, 3, 2, 2, 1);
  assert.deepEqual([...values], [127, -127, 64, 64, -127, 0]);
  assert.deepEqual([...scales], [Math.fround(1 / 127), Math.fround(0.5 / 127)]);
  // The same matrix stored the other way round.
  const turned = quantiseColumns(Float32Array.of(1, 0.5, -1, -0.5, 0.25, 0), 3, 2, 1, 3);
  assert.deepEqual(turned, { values, scales });
  assert.deepEqual([...quantiseColumns(new Float32Array(2), 2, 1, 1, 1).values], [0, 0]);
});

Deno.test("quantiseToInt8() quantises products with weights, also within branches", async () => {
  for (const file of ["encoder_model.onnx", "decoder_model_merged.onnx"]) {
    const full = await read("t5-v1_1", file);
    const small = quantiseToInt8(full)!;
    assert.ok(small.length < full.length);
    const { operators } = factsOf(small);
    assert.ok(operators.has("DynamicQuantizeMatMul"));
    assert.ok(operators.has("MatMul"), "products of activations stay");
  }
  const graph = new GraphBuilder("no product");
  graph.output("y", graph.input("x", "float32", ["n"]), "float32", ["n"]);
  assert.equal(quantiseToInt8(graph.toBytes()), undefined);
});

Deno.test("factsOf() finds operators at any depth and refuses what is no model", async () => {
  const outer = new GraphBuilder("outer");
  const inner = new GraphBuilder("inner", outer);
  inner.output("z", inner.add("Neg", [outer.input("x", "float32", ["n"])]), "float32", ["n"]);
  const use = outer.input("use", "bool", [1]);
  outer.output(
    "y",
    outer.add("If", [use], { then_branch: inner, else_branch: inner }),
    "float32",
    ["n"],
  );
  assert.deepEqual([...factsOf(outer.toBytes()).operators].sort(), ["Identity", "If", "Neg"]);
  const model = await read("gpt2", "model.onnx");
  assert.throws(() => factsOf(model.subarray(0, 5000)), /in the middle of a field/);
  assert.throws(() => factsOf(Uint8Array.of(0xff)), /in the middle of a number/);
  assert.throws(() => factsOf(new Uint8Array(20).fill(0xff)), /more than ten bytes/);
  assert.throws(() => factsOf(Uint8Array.of(0x03)), /of no known kind/);
});
