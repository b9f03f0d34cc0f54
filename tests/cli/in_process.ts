/**
 * Commands in the test's own process, for what a command does and says: no Deno is started and no module
 * is loaded again. What belongs to the process (its permissions, a signal, packages that are fetched, a
 * module that changed since it was loaded) is tested by `task` of command.ts.
 */
import process from "node:process";
import { main } from "../../cli/main.ts";
import type { Outcome } from "./command.ts";

/** What `deno task ...args` comes to, without colours. Nothing else may write meanwhile. */
export async function inProcess(...args: string[]): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const line = (stream: keyof typeof written) => (text: unknown) => {
    written[stream] += `${text}\n`;
  };
  using stubs = new DisposableStack();
  stub(stubs, console, "log", line("stdout"));
  stub(stubs, console, "error", line("stderr"));
  stub(stubs, process.stderr, "write", (text: unknown) => {
    written.stderr += String(text);
    return true;
  });
  for (const stream of [Deno.stdin, Deno.stdout, Deno.stderr]) {
    stub(stubs, stream, "isTerminal", () => false);
  }
  return { status: await main(keepingNetwork(args)), ...written };
}

/** A comparison gives the network up as it starts, which the tests behind it may need. */
function keepingNetwork(args: readonly string[]): string[] {
  const givesUp = ["compare", "paper", "tune"].includes(args[0]!);
  return givesUp ? [args[0]!, "--allowed=--allow-net", ...args.slice(1)] : [...args];
}

function stub<T extends object, K extends keyof T>(
  stubs: DisposableStack,
  of: T,
  name: K,
  by: T[K],
) {
  const own = Object.getOwnPropertyDescriptor(of, name);
  Object.defineProperty(of, name, { value: by, configurable: true, writable: true });
  stubs.defer(() => {
    if (own) Object.defineProperty(of, name, own);
    else delete of[name];
  });
}
