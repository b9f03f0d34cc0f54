/**
 * The Llama of tests/fixtures/language-models/llama in the operators and layouts that published exports
 * have: its weights, and so what transformers says of them, are the same.
 */
import { onnx } from "../../../runtimes/onnx/proto.ts";
import { fixtureDir } from "./fixtures.ts";

const [LAYERS, HEADS, KV_HEADS, HEAD_WIDTH, WIDTH, VOCAB] = [2, 4, 2, 16, 36, 340];
/** Positions that the tables of angles have. */
const POSITIONS = 256;
const FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6, INT64 = 7, HALF = 10;
const BLOCK = 16;

/** How a graph is laid out. */
export interface Layout {
  /** Whether GroupQueryAttention turns queries and keys itself, or RotaryEmbedding does before it. */
  readonly rotary: "within" | "before";
  /**
   * Products: of floats; of 4-bit blocks by MatMulNBits, at an accuracy level; of the floats that these
   * blocks stand for; or of integers, as dynamic quantisation writes them.
   */
  readonly products?: "float" | "q4" | "q4 of 8-bit activations" | "q4 as float" | "q8";
  /** "first" has no cache to begin from; "both" begins and continues. */
  readonly part?: "both" | "first";
  /** Whether states and logits are of 16 bits. */
  readonly half?: boolean;
  /** Multiplies what becomes the logits: 16 bits overflow. */
  readonly scale?: number;
  /** Layers with states behind the first of attention: a short convolution and a running sum. */
  readonly hybrid?: boolean;
}

interface Weight {
  readonly values: Float32Array;
  readonly dims: readonly number[];
}

/** The weights of the fixture, in the order in which its graph uses them. */
async function readWeights(): Promise<Weight[]> {
  const bytes = await Deno.readFile(`${fixtureDir("llama")}/onnx/model.onnx`);
  const nodes = onnx.ModelProto.decode(bytes).graph!.node!;
  const constants = new Map(
    nodes.filter(({ opType }) => opType === "Constant")
      .map(({ output, attribute }) => [output![0]!, attribute![0]!.t!]),
  );
  return nodes.flatMap(({ input }) => input!).flatMap((name): Weight[] => {
    const tensor = constants.get(name);
    const dims = (tensor?.dims ?? []).map(Number);
    if (!tensor || dims.reduce((size, dim) => size * dim, 1) < WIDTH) return [];
    return [{ values: new Float32Array(tensor.rawData!.slice().buffer), dims }];
  });
}

type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** A graph under construction. */
class Net {
  readonly graph = new onnx.GraphProto({ name: "layout" });
  #count = 0;

  input(name: string, type: number, dims: readonly (number | string)[]): string {
    this.graph.input.push(infoOf(name, type, dims));
    return name;
  }

  output(name: string, from: string, type: number, dims: readonly (number | string)[]): void {
    this.op("Identity", [from], {}, { outputs: [name] });
    this.graph.output.push(infoOf(name, type, dims));
  }

  tensor(type: number, values: ArrayBufferView<ArrayBuffer>, dims: readonly number[]): string {
    const name = `w${this.#count++}`;
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.graph.initializer.push(
      new onnx.TensorProto({ name, dataType: type, dims: [...dims], rawData }),
    );
    return name;
  }

  floats(values: Float32Array, dims: readonly number[]): string {
    return this.tensor(FLOAT, values.slice(), dims);
  }

  whole(...values: number[]): string {
    return this.tensor(INT64, BigInt64Array.from(values, BigInt), [values.length]);
  }

  op(
    opType: string,
    input: readonly string[],
    attributes: Attributes = {},
    { domain = "", outputs }: { domain?: string; outputs?: readonly string[] } = {},
  ): string {
    const output = [...outputs ?? [`v${this.#count++}`]];
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    const node = { opType, domain, input: [...input], output, attribute };
    this.graph.node.push(new onnx.NodeProto(node));
    return output.find((name) => name !== "")!;
  }

  microsoft(
    opType: string,
    input: readonly string[],
    attributes: Attributes,
    outputs?: readonly string[],
  ): string {
    return this.op(opType, input, attributes, { domain: "com.microsoft", outputs });
  }

  bytes(): Uint8Array {
    const opsets = [["", 17], ["com.microsoft", 1]] as const;
    const opsetImport = opsets.map(([domain, version]) => {
      return new onnx.OperatorSetIdProto({ domain, version });
    });
    return onnx.ModelProto.encode(
      new onnx.ModelProto({ irVersion: 8, opsetImport, graph: this.graph }),
    ).finish();
  }
}

function attributeOf(name: string, value: Attributes[string]) {
  const { FLOAT, INT, INTS } = onnx.AttributeProto.AttributeType;
  if (typeof value === "number") return new onnx.AttributeProto({ name, type: INT, i: value });
  return "float" in value
    ? new onnx.AttributeProto({ name, type: FLOAT, f: value.float })
    : new onnx.AttributeProto({ name, type: INTS, ints: [...value] });
}

function infoOf(name: string, elemType: number, dims: readonly (number | string)[]) {
  const dim = dims.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  return new onnx.ValueInfoProto({ name, type: { tensorType: { elemType, shape: { dim } } } });
}

/** The bytes of the fixture's graph in a layout. */
export async function layoutOf(layout: Layout): Promise<Uint8Array> {
  const { products = "float", part = "both", half = false, hybrid = false, scale = 1 } = layout;
  const weights = await readWeights();
  const next = () => weights.shift()!;
  const net = new Net();
  const precise = half ? HALF : FLOAT;
  const tokens = ["batch_size", "sequence_length"];
  const ids = net.input("input_ids", INT64, tokens);
  const attention = net.input("attention_mask", INT64, ["batch_size", "total_sequence_length"]);
  const places = layout.rotary === "before" ? net.input("position_ids", INT64, tokens) : "";
  const counted = net.op("ReduceSum", [attention, net.whole(1)], { keepdims: 0 });
  const last = net.op("Cast", [net.op("Sub", [counted, net.whole(1)])], { to: INT32 });
  const seen = net.op("Gather", [net.op("Shape", [attention]), scalar(net, 1)]);
  const total = net.op("Cast", [seen], { to: INT32 });
  const [cos, sin] = angles(net);
  const linear = (x: string) => product(net, x, next(), products);
  const past = (name: string, dims: readonly (number | string)[]) => {
    if (part === "first") return "";
    const given = net.input(name, precise, dims);
    return half ? net.op("Cast", [given], { to: FLOAT }) : given;
  };
  const keep = (name: string, value: string, dims: readonly (number | string)[]) =>
    net.output(name, half ? net.op("Cast", [value], { to: HALF }) : value, precise, dims);
  const turned = (x: string, heads: number) =>
    layout.rotary === "within" ? x : net.microsoft("RotaryEmbedding", [x, places, cos, sin], {
      num_heads: heads,
      rotary_embedding_dim: HEAD_WIDTH,
    });

  const { values: embedding, dims } = next();
  let x = net.op("Gather", [net.floats(embedding, dims), ids]);
  let branch: string | undefined;
  /** x and the branch that left it, added up and normalised. */
  const norm = (): string => {
    const gamma = net.floats(next().values, [WIDTH]);
    const epsilon = { epsilon: { float: 1e-6 } };
    if (branch === undefined) {
      return net.op("SimplifiedLayerNormalization", [x, gamma], { axis: -1, ...epsilon });
    }
    const [made, sum] = [`norm_of_${branch}`, `sum_of_${branch}`];
    net.microsoft("SkipSimplifiedLayerNormalization", [x, branch, gamma], epsilon, [
      ...[made, "", "", sum],
    ]);
    x = sum;
    return made;
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    const h = norm();
    const [q, k, v] = [turned(linear(h), HEADS), turned(linear(h), KV_HEADS), linear(h)];
    const cache = ["key", "value"] as const;
    const shape = ["batch_size", KV_HEADS, "past_sequence_length", HEAD_WIDTH];
    const before = cache.map((side) =>
      part === "first" ? "" : net.input(`past_key_values.${layer}.${side}`, FLOAT, shape)
    );
    const made = [`mixed_${layer}`, ...cache.map((side) => `${side}_${layer}`)];
    net.microsoft(
      "GroupQueryAttention",
      [q, k, v, ...before, last, total, ...layout.rotary === "within" ? [cos, sin] : []],
      {
        num_heads: HEADS,
        kv_num_heads: KV_HEADS,
        do_rotary: layout.rotary === "within" ? 1 : 0,
      },
      made,
    );
    shape[2] = "total_sequence_length";
    cache.forEach((side, i) => net.output(`present.${layer}.${side}`, made[i + 1]!, FLOAT, shape));
    branch = linear(made[0]!);
    const inner = norm();
    const gate = linear(inner);
    const open = net.op("Mul", [gate, net.op("Sigmoid", [gate])]);
    branch = linear(net.op("Mul", [open, linear(inner)]));
    if (hybrid && layer === 0) {
      x = withStates(net, net.op("Add", [x, branch]), { past, keep });
      branch = undefined;
    }
  }
  const logits = linear(norm());
  const scaled = scale === 1 ? logits : net.op("Mul", [logits, scalarOf(net, scale)]);
  keep("logits", scaled, [...tokens, VOCAB]);
  return net.bytes();
}

/** A convolution over the last three tokens and a running sum, each with what it keeps of before. */
function withStates(net: Net, x: string, { past, keep }: {
  past: (name: string, dims: readonly (number | string)[]) => string;
  keep: (name: string, value: string, dims: readonly (number | string)[]) => void;
}): string {
  const sizes = ["batch_size", WIDTH, 2];
  const columns = net.op("Transpose", [x], { perm: [0, 2, 1] });
  const joined = net.op("Concat", [past("past_conv.0", sizes), columns], { axis: 2 });
  const ends = [net.whole(-2), net.whole(Number.MAX_SAFE_INTEGER), net.whole(2)];
  keep("present_conv.0", net.op("Slice", [joined, ...ends]), sizes);
  const kernel = Float32Array.from({ length: 3 * WIDTH }, (_, i) => Math.sin(7 * i) / 2);
  const filtered = net.op("Conv", [joined, net.floats(kernel, [WIDTH, 1, 3])], { group: WIDTH });
  const rows = net.op("Transpose", [filtered], { perm: [0, 2, 1] });
  const before = net.op("Unsqueeze", [
    past("past_recurrent.0", ["batch_size", WIDTH]),
    net.whole(1),
  ]);
  const sums = net.op("Add", [net.op("CumSum", [rows, scalar(net, 1)]), before]);
  const newest = net.op("Gather", [sums, scalar(net, -1)], { axis: 1 });
  keep("present_recurrent.0", newest, ["batch_size", WIDTH]);
  return net.op("Add", [x, net.op("Tanh", [sums])]);
}

function scalar(net: Net, value: number): string {
  return net.tensor(INT64, BigInt64Array.of(BigInt(value)), []);
}

function scalarOf(net: Net, value: number): string {
  return net.floats(Float32Array.of(value), []);
}

/** Cosines and sines by position, [positions, head width / 2] each. */
function angles(net: Net): [cos: string, sin: string] {
  const half = HEAD_WIDTH / 2;
  const table = (of: (angle: number) => number) =>
    net.floats(
      Float32Array.from({ length: POSITIONS * half }, (_, i) => {
        return of(Math.floor(i / half) * 10000 ** (-(i % half) / half));
      }),
      [POSITIONS, half],
    );
  return [table(Math.cos), table(Math.sin)];
}

/** x [..., K] times a weight [K, N]. */
function product(
  net: Net,
  x: string,
  { values, dims: [K, N] }: Weight,
  products: NonNullable<Layout["products"]>,
): string {
  const [inner, outer] = [K!, N!];
  if (products === "float") return net.op("MatMul", [x, net.floats(values, [inner, outer])]);
  if (products === "q8") return integerProduct(net, x, values, inner, outer);
  const { blocks, scales, meant } = inBlocks(values, inner, outer);
  if (products === "q4 as float") return net.op("MatMul", [x, net.floats(meant, [inner, outer])]);
  const count = Math.ceil(inner / BLOCK);
  return net.microsoft("MatMulNBits", [
    x,
    net.tensor(UINT8, blocks, [outer, count, BLOCK / 2]),
    net.floats(scales, [outer * count]),
  ], {
    ...{ K: inner, N: outer, bits: 4, block_size: BLOCK },
    accuracy_level: products === "q4" ? 0 : 4,
  });
}

/** Each column in blocks of 4-bit integers with a scale: the blocks, the scales, and what they mean. */
function inBlocks(values: Float32Array, inner: number, outer: number) {
  const count = Math.ceil(inner / BLOCK);
  const blocks = new Uint8Array(outer * count * BLOCK / 2).fill(0x88);
  const scales = new Float32Array(outer * count);
  const meant = new Float32Array(values.length);
  for (let n = 0; n < outer; n++) {
    for (let b = 0; b < count; b++) {
      const rows = Array.from({ length: BLOCK }, (_, i) => b * BLOCK + i).filter((k) => k < inner);
      // A token that is only padding has no weights.
      const scale = Math.max(1e-9, ...rows.map((k) => Math.abs(values[k * outer + n]!))) / 7;
      scales[n * count + b] = scale;
      for (const k of rows) {
        const level = Math.round(values[k * outer + n]! / scale);
        meant[k * outer + n] = level * Math.fround(scale);
        const at = (n * count + b) * BLOCK / 2 + ((k % BLOCK) >> 1);
        const shift = k % 2 === 0 ? 0 : 4;
        blocks[at] = blocks[at]! & ~(15 << shift) | (level + 8) << shift;
      }
    }
  }
  return { blocks, scales, meant };
}

function integerProduct(
  net: Net,
  x: string,
  values: Float32Array,
  inner: number,
  outer: number,
): string {
  const scale = Math.max(...values.map(Math.abs)) / 127;
  const levels = Int8Array.from(values, (value) => Math.round(value / scale));
  const [q, step, zero] = [`q_${x}_${outer}_${net.graph.node.length}`, "_step", "_zero"].map((
    s,
    i,
  ) => i === 0 ? s : `s${net.graph.node.length}${s}`);
  net.op("DynamicQuantizeLinear", [x], {}, { outputs: [q!, step!, zero!] });
  const weight = net.tensor(INT8, levels, [inner, outer]);
  const sums = net.op("MatMulInteger", [q!, weight, zero!]);
  const both = net.op("Mul", [step!, scalarOf(net, scale)]);
  return net.op("Mul", [net.op("Cast", [sums], { to: FLOAT }), both]);
}
