/** Threads that run a module of ours: the standard's workers in Deno, Bun and browsers, Node's own in Node. */
import { builtin } from "@tandem/core/internal";
import { isNode } from "./node.ts";

/** What is said to a thread, and heard of it. */
export interface Thread {
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): void;
}

/** Who listens to a thread. */
export interface ThreadListener<T> {
  onMessage(message: T): void;
  /** It broke; `why` is what it said of that. */
  onBreak(why: string): void;
}

/**
 * Starts a thread.
 *
 * @param module Its URL, as {@linkcode besideModule} gives it.
 */
export function startThread<T>(module: URL, listener: ThreadListener<T>): Thread {
  if (isNode()) return startNodeThread(module, listener);
  const worker = new Worker(module, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<T>) => listener.onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    listener.onBreak(event.message);
  };
  return worker;
}

/**
 * The URL of a module beside another, in the form that this one has: TypeScript in a checkout, JavaScript
 * in a package.
 *
 * @param name Without its ending.
 * @param from The other's `import.meta.url`.
 * @example
 * ```ts
 * import { besideModule } from "./thread.ts";
 * import assert from "node:assert/strict";
 * assert.equal(besideModule("worker", "https://h.org/a/model.js").href, "https://h.org/a/worker.js");
 * ```
 */
export function besideModule(name: string, from: string): URL {
  const ending = /\.[cm]?[jt]s(?=$|[?#])/.exec(from)?.[0] ?? ".js";
  return new URL(`./${name}${ending}`, from);
}

function startNodeThread<T>(module: URL, { onMessage, onBreak }: ThreadListener<T>): Thread {
  const worker = new (builtin("node:worker_threads").Worker)(module);
  worker.on("message", onMessage);
  worker.on("error", (error) => onBreak(error instanceof Error ? error.message : String(error)));
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
}
