/** A thread's own side: who asked for it, wherever it runs. */
import { builtin } from "@tandem/core/internal";
import { isNode } from "./node.ts";

/** What a thread says and hears. */
export interface ThreadScope<Asked, Answered> {
  postMessage(answer: Answered): void;
  /** Sets who hears what the thread is asked. */
  listen(hear: (message: Asked) => void): void;
  /** Ends the thread. */
  close(): void;
}

/** The standard's scope of a worker, which the project's types do not have. */
interface StandardScope {
  onmessage?: ((event: MessageEvent) => void) | null;
  postMessage?(message: unknown): void;
  close?(): void;
}

/** The scope of the thread that this module runs in. */
export function threadScope<Asked, Answered>(): ThreadScope<Asked, Answered> {
  const port = isNode() ? builtin("node:worker_threads").parentPort : undefined;
  if (port) {
    return {
      postMessage: (answer) => port.postMessage(answer),
      listen: (hear) => void port.on("message", hear),
      close: () => port.close(),
    };
  }
  const scope = globalThis as StandardScope;
  return {
    postMessage: (answer) => scope.postMessage?.(answer),
    listen: (hear) => void (scope.onmessage = ({ data }) => hear(data as Asked)),
    close: () => scope.close?.(),
  };
}
