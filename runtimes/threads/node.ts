/** Node, which alone lacks the standard's workers; Deno and Bun say that they are Node, too. */
interface Host {
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly process?: { readonly release?: { readonly name?: string } };
}

/** Whether this is Node itself. A `Worker` does not tell: ONNX Runtime puts Node's there. */
export function isNode(): boolean {
  const { Deno, Bun, process } = globalThis as Host;
  return !Deno && !Bun && process?.release?.name === "node";
}
