/** What a graph must be before ONNX Runtime sees it. */
import { TandemError } from "@tandem/core";
import { outsideReason, outsideText } from "@tandem/core/internal";
import type { GraphBytes } from "./source.ts";
import { factsOf, type GraphFacts } from "./facts.ts";

/** Operators that a hostile graph could run in for ever; no export of a language model needs them. */
const LOOPS = ["Loop", "Scan"];

/** What a graph uses. @throws TandemError E_MODEL where it is none, or one that could loop. */
export function checkedFacts(model: Uint8Array, name: string): GraphFacts {
  let facts: GraphFacts;
  try {
    facts = factsOf(model);
  } catch (cause) {
    throw new TandemError("E_MODEL", `The file "${name}" is no ONNX model: ${firstLine(cause)}.`, {
      cause,
    });
  }
  const loop = LOOPS.find((operator) => facts.operators.has(operator));
  if (loop === undefined) return facts;
  throw new TandemError(
    "E_MODEL",
    `The model "${name}" has the operator "${loop}", which Tandem does not run.`,
  );
}

/**
 * ONNX Runtime would look on the disk, or in its own memory, for what it was not given.
 *
 * @throws TandemError E_MODEL where a tensor lies elsewhere than in the files given, or beyond their end.
 */
export function checkExternal(
  tensors: GraphFacts["external"],
  given: GraphBytes["externalData"],
  name: string,
): void {
  const sizes = new Map(given.map(({ path, data }) => [path, data.length]));
  for (const { location, offset = "0", length = "0" } of tensors) {
    const size = sizes.get(location);
    const whole = /^\d+$/.test(offset) && /^\d+$/.test(length);
    if (size !== undefined && whole && Number(offset) + Number(length) <= size) continue;
    const where = outsideText(location, { max: 100 });
    const why = size === undefined ? "a file that is not given" : "beyond its end";
    throw new TandemError("E_MODEL", `The model "${name}" keeps weights in "${where}", ${why}.`);
  }
}

/** The first line of what was thrown. */
export function firstLine(cause: unknown): string {
  const text = outsideReason(cause, { lines: true, max: 1000 });
  return outsideText(text.split("\n")[0]!, { max: 200 }).replace(/\.$/, "");
}
