/**
 * What paths are read against. `process` is what Deno, Node and Bun have in common, and it needs no
 * import, which sandboxes would lack; a browser has none, and paths start at "/" there.
 */
interface Host {
  readonly process?: { cwd?(): string; readonly platform?: string };
}

const { process } = globalThis as Host;

/** The working directory, with its own kind of slashes. */
export function workingFolder(): string {
  return process?.cwd?.() ?? "/";
}

/** Whether paths have drives and backslashes. */
export function isWindows(): boolean {
  return process?.platform === "win32";
}
