/** What a graph uses, read off its bytes without taking its weights apart. */

// Field numbers of the format (onnx.proto).
const MODEL_GRAPH = 7;
const MODEL_TRAINING = 20;
const MODEL_FUNCTION = 25;
const TRAINING_GRAPHS = [1, 2];
const GRAPH_NODE = 1;
const GRAPH_TENSOR = 5;
const GRAPH_SPARSE = 15;
const FUNCTION_NODE = 7;
const FUNCTION_ATTRIBUTE = 11;
const NODE_OPERATOR = 4;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPHS = [6, 11];
const ATTRIBUTE_TENSORS = [5, 10];
const ATTRIBUTE_SPARSE = [22, 23];
const SPARSE_TENSORS = [1, 2];
const TENSOR_EXTERNAL = 13;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/** Graphs within graphs that are followed; no export has more than two. */
const MOST_DEPTH = 16;

/** A tensor whose values lie in another file, as the graph says it. */
export interface ExternalTensor {
  readonly location: string;
  /** Where in the file, in bytes, and how many; as text, for whoever reads it to check. */
  readonly offset?: string;
  readonly length?: string;
}

/** What was found in a model. */
export interface GraphFacts {
  /** Its operators, those of subgraphs and functions among them. */
  readonly operators: ReadonlySet<string>;
  readonly external: readonly ExternalTensor[];
}

/**
 * The operators of a model and its tensors in other files.
 *
 * @throws RangeError where the bytes are no protobuf message.
 */
export function factsOf(model: Uint8Array): GraphFacts {
  const reader = new FactReader();
  for (const { field, bytes } of fieldsOf(model)) {
    if (field === MODEL_GRAPH) reader.graph(bytes, 0);
    if (field === MODEL_FUNCTION) reader.function(bytes);
    if (field !== MODEL_TRAINING) continue;
    for (const graph of fieldsOf(bytes)) {
      if (TRAINING_GRAPHS.includes(graph.field)) reader.graph(graph.bytes, 0);
    }
  }
  return reader;
}

class FactReader implements GraphFacts {
  readonly operators = new Set<string>();
  readonly external: ExternalTensor[] = [];

  graph(graph: Uint8Array, depth: number): void {
    if (depth > MOST_DEPTH) throw new RangeError("its graphs lie too deep within each other");
    for (const { field, bytes } of fieldsOf(graph)) {
      if (field === GRAPH_NODE) this.#node(bytes, depth);
      if (field === GRAPH_TENSOR) this.#tensor(bytes);
      if (field === GRAPH_SPARSE) this.#sparse(bytes);
    }
  }

  function(body: Uint8Array): void {
    for (const { field, bytes } of fieldsOf(body)) {
      if (field === FUNCTION_NODE) this.#node(bytes, 0);
      if (field === FUNCTION_ATTRIBUTE) this.#attribute(bytes, 0);
    }
  }

  #node(node: Uint8Array, depth: number): void {
    for (const { field, bytes } of fieldsOf(node)) {
      if (field === NODE_OPERATOR) this.operators.add(new TextDecoder().decode(bytes));
      if (field === NODE_ATTRIBUTE) this.#attribute(bytes, depth);
    }
  }

  #attribute(attribute: Uint8Array, depth: number): void {
    for (const { field, bytes } of fieldsOf(attribute)) {
      if (ATTRIBUTE_GRAPHS.includes(field)) this.graph(bytes, depth + 1);
      if (ATTRIBUTE_TENSORS.includes(field)) this.#tensor(bytes);
      if (ATTRIBUTE_SPARSE.includes(field)) this.#sparse(bytes);
    }
  }

  #sparse(sparse: Uint8Array): void {
    for (const { field, bytes } of fieldsOf(sparse)) {
      if (SPARSE_TENSORS.includes(field)) this.#tensor(bytes);
    }
  }

  #tensor(tensor: Uint8Array): void {
    const entries = new Map<string, string>();
    for (const { field, bytes } of fieldsOf(tensor)) {
      if (field !== TENSOR_EXTERNAL) continue;
      let key = "", value = "";
      for (const part of fieldsOf(bytes)) {
        if (part.field === ENTRY_KEY) key = new TextDecoder().decode(part.bytes);
        if (part.field === ENTRY_VALUE) value = new TextDecoder().decode(part.bytes);
      }
      // Whichever of two entries the runtime takes: none of them may be another's.
      if (entries.has(key)) throw new RangeError(`a tensor of it says its "${key}" twice`);
      entries.set(key, value);
    }
    const location = entries.get("location");
    if (location === undefined) return;
    this.external.push({
      location,
      offset: entries.get("offset"),
      length: entries.get("length"),
    });
  }
}

/** The fields of a message that hold bytes (strings and messages); numbers are passed over. */
function* fieldsOf(message: Uint8Array): Generator<{ field: number; bytes: Uint8Array }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    // Products, not shifts: lengths may exceed 31 bits.
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("it ends in the middle of a number");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError("it holds a number of more than ten bytes");
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    const length = kind === 2 ? varint() : kind === 1 ? 8 : kind === 5 ? 4 : 0;
    if (kind === 0) varint();
    else if (![1, 2, 5].includes(kind)) throw new RangeError("it holds a field of no known kind");
    if (length > message.length - at) throw new RangeError("it ends in the middle of a field");
    if (kind === 2) {
      yield { field: Math.floor(tag / 8), bytes: message.subarray(at, at + length) };
    }
    at += length;
  }
}
