/** ONNX's messages: the one door to onnx-proto, which everything here goes through. */
import "./long.ts";
import onnxProto from "onnx-proto";

/** It is a CommonJS module whose types name their exports, not the default they come as. */
export const { onnx } = onnxProto as unknown as typeof import("onnx-proto");
