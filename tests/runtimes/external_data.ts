/** ONNX models whose weights lie in other files. */
import onnxProto from "onnx-proto";

const { onnx } = onnxProto as unknown as typeof import("onnx-proto");

/** A model whose largest weight lies in the file `location`, with further entries to say where. */
export function keepOutside(
  model: Uint8Array,
  location: string,
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  const proto = onnx.ModelProto.decode(model);
  const weights = largestOf(proto);
  weights.rawData = new Uint8Array();
  weights.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
  weights.externalData = Object.entries({ location, ...more })
    .map(([key, value]) => new onnx.StringStringEntryProto({ key, value }));
  return onnx.ModelProto.encode(proto).finish();
}

/** The bytes of a model's largest weight. */
export function largestWeight(model: Uint8Array): Uint8Array {
  return largestOf(onnx.ModelProto.decode(model)).rawData!;
}

function largestOf(model: InstanceType<typeof onnx.ModelProto>) {
  const [largest] = [...model.graph!.initializer!]
    .sort((a, b) => b.rawData!.length - a.rawData!.length);
  return largest!;
}
