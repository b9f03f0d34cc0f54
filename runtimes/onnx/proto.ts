/**
 * ONNX's messages: the one door to onnx-proto, which everything here goes through. The package is
 * imported when this file is, so that the rest of the program imports what leads here when it needs it.
 */
import { importOptional } from "@tandem/core/internal";
import { mendLong } from "./long.ts";

const PURPOSE = "reads and writes ONNX models";

// Its description brings all of it onto the disk, where what it is made of can be mended first.
await importOptional(
  "onnx-proto/package.json",
  PURPOSE,
  (name) => import(name, { with: { type: "json" } }),
);
mendLong();

/** It is a CommonJS module whose types name their exports, not the default they come as. */
export const { onnx } = (await importOptional<{ readonly default: typeof import("onnx-proto") }>(
  "onnx-proto",
  PURPOSE,
  (name) => import(name),
)).default;
