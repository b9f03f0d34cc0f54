/** The layers of a T5 as ONNX operators; runtimes/t5/forward.ts says what they compute. */

import { TandemError } from "@tandem/core";
import type { GraphBuilder, Value } from "../onnx/graph.ts";
import type { T5Config } from "./config.ts";
import type { Parameter } from "./parameters.ts";
import { relativeBucket } from "./position.ts";

/** Added to the scores of positions that may not be attended to. */
const MASKED = -1e9;

/** Keys and values of one attention, B x H x length x dKv. */
export interface KeysAndValues {
  readonly key: Value;
  readonly value: Value;
}

/** Writes layers into a graph, and each parameter once. */
export class T5Layers {
  readonly #graph: GraphBuilder;
  readonly #config: T5Config;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #written = new Map<string, Value>();

  constructor(
    graph: GraphBuilder,
    config: T5Config,
    parameters: ReadonlyMap<string, Parameter>,
  ) {
    this.#graph = graph;
    this.#config = config;
    this.#parameters = parameters;
  }

  embed(ids: Value): Value {
    return this.#node("Gather", this.#table("shared.weight"), ids);
  }

  /** The logits of the decoder's last hidden states. */
  head(x: Value): Value {
    const { tied, dModel } = this.#config;
    if (!tied) return this.#linear(this.#graph, x, "lm_head.weight");
    const scaled = this.#node("Mul", x, this.#graph.scalar(dModel ** -0.5));
    const turned = this.#graph.add("Transpose", [this.#table("shared.weight")], { perm: [1, 0] });
    return this.#node("MatMul", scaled, turned);
  }

  norm(x: Value, name: string): Value {
    const square = this.#node("Pow", x, this.#graph.scalar(2));
    const mean = this.#graph.add("ReduceMean", [square], { axes: [-1], keepdims: 1 });
    const root = this.#node("Sqrt", this.add(mean, this.#graph.scalar(this.#config.epsilon)));
    return this.#node("Mul", this.#node("Div", x, root), this.#table(name));
  }

  feedForward(x: Value, at: string, layer: number): Value {
    const name = (part: string) => `${at}.${layer}.DenseReluDense.${part}.weight`;
    const linear = (part: string) => this.#linear(this.#graph, x, name(part));
    const hidden = this.#config.feedForward === "relu"
      ? this.#node("Relu", linear("wi"))
      : this.#node("Mul", this.#gelu(linear("wi_0")), linear("wi_1"));
    return this.#linear(this.#graph, hidden, name("wo"));
  }

  #gelu(x: Value): Value {
    const scalar = (value: number) => this.#graph.scalar(value);
    const square = this.#node("Mul", this.#node("Mul", x, scalar(0.044715)), x);
    const outer = this.#node("Mul", x, scalar(Math.sqrt(2 / Math.PI)));
    const tanh = this.#node("Tanh", this.#node("Mul", outer, this.add(square, scalar(1))));
    // In this order ONNX Runtime sees the function and runs it as one kernel.
    return this.#node("Mul", this.#node("Mul", x, scalar(0.5)), this.add(tanh, scalar(1)));
  }

  attend(x: Value, { key, value }: KeysAndValues, bias: Value, name: string): Value {
    const queries = this.#splitHeads(this.#graph, this.#linear(this.#graph, x, `${name}.q.weight`));
    const turned = this.#graph.add("Transpose", [key], { perm: [0, 1, 3, 2] });
    const scores = this.add(this.#node("MatMul", queries, turned), bias);
    const weights = this.#graph.add("Softmax", [scores], { axis: -1 });
    const mixed = this.#graph.add("Transpose", [this.#node("MatMul", weights, value)], {
      perm: [0, 2, 1, 3],
    });
    const { heads, dKv } = this.#config;
    const merged = this.#node("Reshape", mixed, this.#graph.integers([0, 0, heads * dKv]));
    return this.#linear(this.#graph, merged, `${name}.o.weight`);
  }

  keysAndValues(graph: GraphBuilder, x: Value, name: string): KeysAndValues {
    return {
      key: this.#splitHeads(graph, this.#linear(graph, x, `${name}.k.weight`)),
      value: this.#splitHeads(graph, this.#linear(graph, x, `${name}.v.weight`)),
    };
  }

  #splitHeads(graph: GraphBuilder, x: Value): Value {
    const { heads, dKv } = this.#config;
    const split = graph.add("Reshape", [x, this.#graph.integers([0, 0, heads, dKv])]);
    return graph.add("Transpose", [split], { perm: [0, 2, 1, 3] });
  }

  #linear(graph: GraphBuilder, x: Value, name: string): Value {
    return graph.add("MatMul", [x, this.#turned(name)]);
  }

  /** 1 x H x queries x keys; one row of the table a distance, both ends standing for all beyond. */
  positionBias(side: "encoder" | "decoder", distances: Value): Value {
    const { heads, maxDistance } = this.#config;
    const learned = this.#parameter(
      `${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
    );
    const table = new Float32Array((2 * maxDistance + 1) * heads);
    for (let distance = -maxDistance; distance <= maxDistance; distance++) {
      const bucket = relativeBucket(distance, side === "encoder", this.#config);
      const row = learned.values.subarray(bucket * heads, (bucket + 1) * heads);
      table.set(row, (distance + maxDistance) * heads);
    }
    const weight = this.#graph.weight(`${side}.position_bias`, table, [2 * maxDistance + 1, heads]);
    const ends = [-maxDistance, maxDistance].map((end) => this.#graph.integers(end));
    const near = this.#node("Min", this.#node("Max", distances, ends[0]!), ends[1]!);
    const rows = this.#node("Gather", weight, this.add(near, ends[1]!));
    const byHead = this.#graph.add("Transpose", [rows], { perm: [2, 0, 1] });
    return this.#node("Unsqueeze", byHead, this.#graph.integers([0]));
  }

  /** The decoder's position bias, with what lies after a query masked; the cache comes first. */
  causalBias(ids: Value, cached: Value | undefined): Value {
    const before = cached ? this.length(cached, 2) : this.#graph.integers(0);
    const all = this.add(before, this.length(ids, 1));
    const keys = this.range(this.#graph.integers(0), all);
    const distances = this.distances(this.range(before, all), keys);
    const later = this.#node("Greater", distances, this.#graph.integers(0));
    const mask = this.#node("Where", later, this.#graph.scalar(MASKED), this.#graph.scalar(0));
    return this.add(this.positionBias("decoder", distances), mask);
  }

  /** 0 at tokens and -1e9 at padding, B x 1 x 1 x S. */
  paddingMask(mask: Value): Value {
    const present = this.#graph.add("Cast", [mask], { to: 1 });
    const absent = this.#node("Sub", this.#graph.scalar(1), present);
    const masked = this.#node("Mul", absent, this.#graph.scalar(MASKED));
    return this.#node("Unsqueeze", masked, this.#graph.integers([1, 2]));
  }

  /** Key position minus query position, queries x keys. */
  distances(queries: Value, keys: Value): Value {
    const row = this.#node("Unsqueeze", keys, this.#graph.integers([0]));
    return this.#node("Sub", row, this.#node("Unsqueeze", queries, this.#graph.integers([1])));
  }

  range(from: Value, to: Value): Value {
    return this.#node("Range", from, to, this.#graph.integers(1));
  }

  /** The length of one dimension, as a number without dimensions. */
  length(value: Value, axis: number): Value {
    return this.#node("Gather", this.#node("Shape", value), this.#graph.integers(axis));
  }

  add(a: Value, b: Value): Value {
    return this.#node("Add", a, b);
  }

  #node(op: string, ...inputs: Value[]): Value {
    return this.#graph.add(op, inputs);
  }

  #parameter(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter) return parameter;
    throw new TandemError("E_SHAPE", `The T5 to be written has no parameter "${name}".`);
  }

  /** A parameter as it is. */
  #table(name: string): Value {
    return this.#write(name, () => {
      const { values, shape } = this.#parameter(name);
      return this.#graph.weight(name, values, shape);
    });
  }

  /** A matrix as inputs x outputs, the way MatMul takes it. */
  #turned(name: string): Value {
    return this.#write(`${name}.transposed`, () => {
      const { values, shape: [outputs = 0, inputs = 0] } = this.#parameter(name);
      const turned = new Float32Array(values.length);
      for (let i = 0; i < values.length; i++) {
        turned[(i % inputs) * outputs + Math.floor(i / inputs)] = values[i]!;
      }
      return this.#graph.weight(`${name}.transposed`, turned, [inputs, outputs]);
    });
  }

  #write(name: string, write: () => Value): Value {
    const known = this.#written.get(name);
    if (known !== undefined) return known;
    const value = write();
    this.#written.set(name, value);
    return value;
  }
}
