/**
 * Node's built-in modules, which Deno, Node and Bun have and browsers have not. They are asked for where
 * they are used and not imported, so that all else runs in a browser too, and no bundler looks for them.
 */
import { TandemError } from "./errors.ts";

/** The built-in modules that are used, by name. */
export interface Builtins {
  /** Programs that are started. */
  "node:child_process": typeof import("node:child_process");
  /** Hashes. */
  "node:crypto": typeof import("node:crypto");
  /** Files. */
  "node:fs": typeof import("node:fs");
  /** What resolves modules. */
  "node:module": typeof import("node:module");
  /** Paths. */
  "node:path": typeof import("node:path");
  /** Paths as URLs. */
  "node:url": typeof import("node:url");
  /** Threads. */
  "node:worker_threads": typeof import("node:worker_threads");
}

interface Host {
  readonly process?: {
    getBuiltinModule?<N extends keyof Builtins>(name: N): Builtins[N] | undefined;
  };
}

/**
 * A built-in module.
 *
 * @throws {TandemError} E_FILE where there is none, as in a browser.
 * @example
 * ```ts
 * import { builtin } from "./builtin.ts";
 * import assert from "node:assert/strict";
 * assert.equal(builtin("node:path").basename("/models/t5"), "t5");
 * ```
 */
export function builtin<N extends keyof Builtins>(name: N): Builtins[N] {
  const found = optionalBuiltin(name);
  if (found) return found;
  throw new TandemError(
    "E_FILE",
    `This needs "${name}", which Deno, Node (from 22.3 on) and Bun have, and browsers have not: ` +
      "there, models are read from URLs, and nothing is written.",
  );
}

/** As {@linkcode builtin}; undefined where there is none. */
export function optionalBuiltin<N extends keyof Builtins>(name: N): Builtins[N] | undefined {
  return (globalThis as Host).process?.getBuiltinModule?.(name);
}
