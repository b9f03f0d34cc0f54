/**
 * Rewrites a decoder's graph in memory so that one run can hold a tree of tokens instead of a chain,
 * and says of chosen tokens how likely they are without handing out all logits.
 *
 * An attention's weights are Softmax(scores + bias), the bias holding mask and relative positions.
 * The bias of every self-attention is replaced by bias[rows, columns] + mask, where rows and columns
 * are the places that tokens would have in a chain, and mask hides what is not on a token's own
 * path. With rows and columns in order and a mask of zeros the graph computes what it did before.
 * What the head multiplies, the decoder's last hidden states, becomes an output.
 */
import { onnx } from "./proto.ts";
import { TREE } from "./tree.ts";

type Graph = InstanceType<typeof onnx.GraphProto>;
type Node = InstanceType<typeof onnx.NodeProto>;

const FLOAT = 1;
const INT64 = 7;

/**
 * Rewrites a model's bytes.
 *
 * @returns The new bytes, or undefined where the graph is not of the kind that can be rewritten.
 */
export function rewriteForTrees(model: Uint8Array): Uint8Array | undefined {
  let proto;
  try {
    proto = onnx.ModelProto.decode(model);
  } catch {
    return undefined;
  }
  const graph = proto.graph as Graph | null;
  const logits = graph?.output?.find(({ name }) => name === "logits");
  if (!graph || !logits) return undefined;
  const elementType = logits.type?.tensorType?.elemType ?? FLOAT;
  const rewriter = new Rewriter(elementType);
  rewriter.graph(graph, rewriter.reached(graph, new Set(["encoder_attention_mask"])));
  if (rewriter.biases === 0) return undefined;
  declare(graph);
  graph.node.unshift(
    new onnx.NodeProto({
      opType: "Cast",
      name: "tandem.cast_mask",
      input: [TREE.mask],
      output: [MASK],
      attribute: [integer("to", elementType)],
    }),
  );
  graph.node.push(...pickNodes(elementType));
  if (exposeHidden(graph, "logits", TREE.hidden)) {
    graph.output.push(
      valueInfo(TREE.hidden, elementType, ["tandem_rows", "tandem_new", "tandem_width"]),
    );
  }
  return onnx.ModelProto.encode(proto).finish();
}

const MASK = "tandem.mask_as_bias";

class Rewriter {
  /** Biases replaced so far. */
  biases = 0;

  constructor(readonly elementType: number) {}

  /**
   * Replaces the biases of a graph's self-attentions, and of the graphs within it.
   *
   * @param masked Values that depend on the mask of the prompt: biases among them are cross-attention's.
   */
  graph(graph: Graph, masked: ReadonlySet<string>): void {
    const producers = producersOf(graph);
    const replaced = new Map<string, Node[]>();
    for (const node of graph.node as Node[]) {
      for (const inner of subgraphs(node)) this.graph(inner, this.reached(inner, masked));
      if (node.opType !== "Softmax") continue;
      const add = throughCasts(node.input[0]!, producers);
      const place = add?.opType === "Add" ? biasPlace(add, producers) : undefined;
      if (!add || place === undefined || masked.has(add.input[place]!)) continue;
      const bias = add.input[place]!;
      if (!replaced.has(bias)) replaced.set(bias, this.#biasNodes(bias));
      add.input[place] = replaced.get(bias)!.at(-1)!.output[0]!;
    }
    for (const [bias, nodes] of replaced) insertAfter(graph, bias, nodes);
  }

  /** The names of a graph that depend on the values of `sources`; shapes do not count. */
  reached(graph: Graph, sources: ReadonlySet<string>): Set<string> {
    const names = new Set(sources);
    for (const node of graph.node as Node[]) {
      if (node.opType === "Shape") continue;
      const depends = node.input.some((name) => names.has(name)) ||
        subgraphs(node).some((inner) => outputsReached(inner, this.reached(inner, names)));
      if (depends) node.output.forEach((name) => names.add(name));
    }
    return names;
  }

  #biasNodes(bias: string): Node[] {
    const at = `tandem.bias_${this.biases++}`;
    const gather = (input: string, indices: string, axis: number, output: string) =>
      new onnx.NodeProto({
        opType: "Gather",
        name: output,
        input: [input, indices],
        output: [output],
        attribute: [integer("axis", axis)],
      });
    return [
      gather(bias, TREE.rows, 2, `${at}.rows`),
      gather(`${at}.rows`, TREE.columns, 3, `${at}.columns`),
      new onnx.NodeProto({
        opType: "Add",
        name: at,
        input: [`${at}.columns`, MASK],
        output: [at],
      }),
    ] as Node[];
  }
}

/** Products that a head can be. */
const PRODUCTS = ["MatMul", "Gemm", "MatMulInteger", "MatMulNBits", "DynamicQuantizeMatMul"];
/** What may stand between a head's product and the logits. */
const AFTER_HEAD = ["Cast", "Mul", "Add", "Div", "Identity"];

/**
 * Names what the head that makes `logits` multiplies, also where it lies in the branches of an If.
 *
 * @returns Whether it was found.
 */
function exposeHidden(graph: Graph, logits: string, name: string): boolean {
  const producers = producersOf(graph);
  let node = producers.get(logits);
  while (node && AFTER_HEAD.includes(node.opType!)) node = producers.get(node.input[0]!);
  if (node?.opType === "If") {
    const at = node.output.indexOf(logits);
    const branches = subgraphs(node);
    const inner = (branch: number) => `${name}_${branch}`;
    const found = branches.every((branch, i) =>
      exposeHidden(branch, branch.output[at]!.name!, inner(i))
    );
    if (!found || at < 0) return false;
    branches.forEach((branch, i) =>
      branch.output.push(new onnx.ValueInfoProto({ name: inner(i) }))
    );
    node.output.push(name);
    return true;
  }
  if (!node || !PRODUCTS.includes(node.opType!)) return false;
  const hidden = unscaled(graph, node.input[0]!, producers);
  graph.node.push(
    new onnx.NodeProto({ opType: "Identity", name, input: [hidden], output: [name] }) as Node,
  );
  return true;
}

/** What a value was before it was quantised or, as in a T5 with a tied head, multiplied by a number. */
function unscaled(graph: Graph, value: string, producers: ReadonlyMap<string, Node>): string {
  const node = producers.get(value);
  if (node?.opType === "DynamicQuantizeLinear") {
    return unscaled(graph, node.input[0]!, producers);
  }
  if (node?.opType !== "Mul") return value;
  const factor = node.input.findIndex((name) => isNumber(graph, name, producers));
  return factor < 0 ? value : node.input[1 - factor]!;
}

function isNumber(graph: Graph, name: string, producers: ReadonlyMap<string, Node>): boolean {
  const constant = producers.get(name);
  const tensor = constant?.opType === "Constant"
    ? constant.attribute.find((attribute) => attribute.name === "value")?.t
    : graph.initializer.find((initializer) => initializer.name === name);
  return tensor !== undefined && tensor !== null &&
    tensor.dims!.every((size) => Number(size) === 1);
}

function producersOf(graph: Graph): Map<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of graph.node as Node[]) {
    for (const output of node.output) producers.set(output, node);
  }
  return producers;
}

function outputsReached(graph: Graph, names: ReadonlySet<string>): boolean {
  return graph.output.some(({ name }) => names.has(name!));
}

function subgraphs(node: Node): Graph[] {
  return (node.attribute ?? []).flatMap(({ g }) => g ? [g as Graph] : []);
}

function throughCasts(name: string, producers: ReadonlyMap<string, Node>): Node | undefined {
  let node = producers.get(name);
  while (node?.opType === "Cast") node = producers.get(node.input[0]!);
  return node;
}

/** Which input of an addition is the bias: the one that is no scaled product of matrices. */
function biasPlace(add: Node, producers: ReadonlyMap<string, Node>): 0 | 1 | undefined {
  const [first, second] = add.input.map((name) => isProduct(name, producers));
  return first === second ? undefined : first ? 1 : 0;
}

function isProduct(name: string, producers: ReadonlyMap<string, Node>): boolean {
  let node = producers.get(name);
  while (node && ["Cast", "Div", "Mul"].includes(node.opType!)) {
    node = producers.get(node.input[0]!);
  }
  return node?.opType === "MatMul";
}

/** Puts nodes right behind the one that makes `value`, or first where it comes from outside. */
function insertAfter(graph: Graph, value: string, nodes: readonly Node[]): void {
  const at = graph.node.findIndex(({ output }) => output?.includes(value));
  graph.node.splice(at + 1, 0, ...nodes);
}

function declare(graph: Graph): void {
  graph.input.push(
    valueInfo(TREE.rows, INT64, ["tandem_new"]),
    valueInfo(TREE.columns, INT64, ["tandem_seen"]),
    valueInfo(TREE.mask, FLOAT, ["tandem_new", "tandem_seen"]),
    valueInfo(TREE.picks, INT64, ["tandem_picks", 3]),
  );
  graph.output.push(
    valueInfo(TREE.logProbs, FLOAT, ["tandem_picks"]),
    valueInfo(TREE.logits, FLOAT, ["tandem_picks"]),
  );
}

function pickNodes(elementType: number): Node[] {
  const node = (opType: string, input: string[], output: string, name: string, value: number) =>
    new onnx.NodeProto({
      opType,
      name: output,
      input,
      output: [output],
      attribute: [integer(name, value)],
    });
  const pick = (input: string, output: string) =>
    node("GatherND", [input, TREE.picks], output, "batch_dims", 0);
  const logits = elementType === FLOAT ? "logits" : "tandem.all_logits";
  const cast = elementType === FLOAT ? [] : [node("Cast", ["logits"], logits, "to", FLOAT)];
  return [
    ...cast,
    node("LogSoftmax", [logits], "tandem.all_log_probs", "axis", -1),
    pick("tandem.all_log_probs", TREE.logProbs),
    pick(logits, TREE.logits),
  ] as Node[];
}

function integer(name: string, value: number) {
  return new onnx.AttributeProto({ name, type: onnx.AttributeProto.AttributeType.INT, i: value });
}

function valueInfo(name: string, elemType: number, dims: readonly (string | number)[]) {
  const dim = dims.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  return new onnx.ValueInfoProto({ name, type: { tensorType: { elemType, shape: { dim } } } });
}
