/** Builds ONNX graphs: nodes, weights, inputs and outputs, and the bytes of the model. */

import { onnx } from "./proto.ts";

/** The name of a value within a graph. */
export type Value = string;

/** Element types with their number in the format. */
const TYPES = { float32: 1, int64: 7, bool: 9 } as const;

type ElementType = keyof typeof TYPES;
type Dims = readonly (number | string)[];
type Attribute = number | readonly number[] | GraphBuilder;

/** The opset that every current runtime reads, and the file version that came with it. */
const OPSET = 17;
const IR_VERSION = 8;

/**
 * A graph under construction. Every operator used here takes whole numbers, lists of them or
 * subgraphs as attributes.
 *
 * @example
 * ```ts
 * import { GraphBuilder } from "./graph.ts";
 * import assert from "node:assert/strict";
 * const graph = new GraphBuilder("double");
 * const x = graph.input("x", "float32", ["n"]);
 * graph.output("y", graph.add("Mul", [x, graph.scalar(2)]), "float32", ["n"]);
 * assert.ok(graph.toBytes().length > 0);
 * ```
 */
export class GraphBuilder {
  readonly #graph: InstanceType<typeof onnx.GraphProto>;
  readonly #constants = new Map<string, Value>();
  /** Unique over a graph and its subgraphs, which see each other's names. */
  readonly #counter: { next: number };

  constructor(name: string, parent?: GraphBuilder) {
    this.#graph = new onnx.GraphProto({ name });
    this.#counter = parent ? parent.#counter : { next: 0 };
  }

  /** Declares an input. A dimension is a size or the name of a free one. */
  input(name: string, type: ElementType, dims: Dims): Value {
    this.#graph.input.push(valueInfo(name, type, dims));
    return name;
  }

  /** Declares `value` as an output under `name`. */
  output(name: string, value: Value, type: ElementType, dims: Dims): void {
    if (value !== name) this.add("Identity", [value], {}, [name]);
    this.#graph.output.push(valueInfo(name, type, dims));
  }

  /** Adds a weight, row-major. */
  weight(name: string, values: Float32Array, dims: readonly number[]): Value {
    this.#initialise(name, "float32", values, dims);
    return name;
  }

  /** A 32-bit constant without dimensions. */
  scalar(value: number): Value {
    return this.#constant(`scalar ${value}`, "float32", Float32Array.of(value), []);
  }

  /** Whole numbers: one without dimensions or a list. */
  integers(values: number | readonly number[]): Value {
    const list = typeof values === "number" ? [values] : values;
    const dims = typeof values === "number" ? [] : [values.length];
    return this.#constant(
      `integers ${JSON.stringify(values)}`,
      "int64",
      BigInt64Array.from(list, BigInt),
      dims,
    );
  }

  /** Adds a node with one output and gives the output's name. */
  add(
    op: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs: readonly Value[] = [this.fresh(op)],
  ): Value {
    this.#graph.node.push(
      new onnx.NodeProto({
        opType: op,
        name: this.fresh(op),
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      }),
    );
    return outputs[0]!;
  }

  /** A name that no other value has. */
  fresh(stem: string): Value {
    return `${stem}_${this.#counter.next++}`;
  }

  /** The graph for a node's attribute. */
  get proto(): InstanceType<typeof onnx.GraphProto> {
    return this.#graph;
  }

  /** The bytes of a model file. */
  toBytes(): Uint8Array {
    const model = new onnx.ModelProto({
      irVersion: IR_VERSION,
      producerName: "tandem",
      opsetImport: [new onnx.OperatorSetIdProto({ domain: "", version: OPSET })],
      graph: this.#graph,
    });
    return onnx.ModelProto.encode(model).finish();
  }

  #constant(
    key: string,
    type: ElementType,
    values: Float32Array | BigInt64Array,
    dims: readonly number[],
  ): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh("constant");
    this.#constants.set(key, name);
    this.#initialise(name, type, values, dims);
    return name;
  }

  #initialise(
    name: string,
    type: ElementType,
    { buffer, byteOffset, byteLength }: Float32Array | BigInt64Array,
    dims: readonly number[],
  ): void {
    const rawData = new Uint8Array(buffer, byteOffset, byteLength);
    this.#graph.initializer.push(
      new onnx.TensorProto({ name, dataType: TYPES[type], dims: [...dims], rawData }),
    );
  }
}

function attribute(name: string, value: Attribute): InstanceType<typeof onnx.AttributeProto> {
  const { INT, INTS, GRAPH } = onnx.AttributeProto.AttributeType;
  if (value instanceof GraphBuilder) {
    return new onnx.AttributeProto({ name, type: GRAPH, g: value.proto });
  }
  return typeof value === "number"
    ? new onnx.AttributeProto({ name, type: INT, i: value })
    : new onnx.AttributeProto({ name, type: INTS, ints: [...value] });
}

function valueInfo(name: string, type: ElementType, dims: Dims) {
  const dim = dims.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  return new onnx.ValueInfoProto({
    name,
    type: { tensorType: { elemType: TYPES[type], shape: { dim } } },
  });
}
