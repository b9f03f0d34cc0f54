/** Which operators a graph uses, read off its bytes without taking its weights apart. */

// Field numbers of the format (onnx.proto).
const MODEL_GRAPH = 7;
const MODEL_FUNCTION = 25;
const GRAPH_NODE = 1;
const FUNCTION_NODE = 7;
const NODE_OPERATOR = 4;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPH = 6;
const ATTRIBUTE_GRAPHS = 11;

/** Graphs within graphs that are followed; no export has more than two. */
const MOST_DEPTH = 16;

/**
 * The operators of a model, those of subgraphs and functions among them.
 *
 * @throws RangeError where the bytes are no protobuf message.
 */
export function operatorsOf(model: Uint8Array): Set<string> {
  const found = new Set<string>();
  for (const { field, bytes } of fieldsOf(model)) {
    if (field === MODEL_GRAPH) collect(bytes, GRAPH_NODE, found, 0);
    if (field === MODEL_FUNCTION) collect(bytes, FUNCTION_NODE, found, 0);
  }
  return found;
}

function collect(graph: Uint8Array, nodeField: number, found: Set<string>, depth: number): void {
  if (depth > MOST_DEPTH) throw new RangeError("its graphs lie too deep within each other");
  for (const node of fieldsOf(graph)) {
    if (node.field !== nodeField) continue;
    for (const { field, bytes } of fieldsOf(node.bytes)) {
      if (field === NODE_OPERATOR) found.add(new TextDecoder().decode(bytes));
      if (field !== NODE_ATTRIBUTE) continue;
      for (const inner of fieldsOf(bytes)) {
        if (inner.field !== ATTRIBUTE_GRAPH && inner.field !== ATTRIBUTE_GRAPHS) continue;
        collect(inner.bytes, GRAPH_NODE, found, depth + 1);
      }
    }
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
