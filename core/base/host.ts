/**
 * What Deno, Node and Bun have in common. It needs no import, which sandboxes would lack; a browser has
 * no `process`: paths start at "/" there, and there are no files.
 */
interface Host {
  readonly process?: {
    cwd?(): string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly platform?: string;
    getBuiltinModule?(name: "node:fs/promises"): { stat(path: string): Promise<FileStat> };
  };
}

/** What is known of a file. */
export interface FileStat {
  readonly size: number;
  isFile(): boolean;
}

const { process } = globalThis as Host;

/** The working directory, with its own kind of slashes. */
export function workingFolder(): string {
  return process?.cwd?.() ?? "/";
}

/** What an environment variable holds. @throws What Deno throws where it may not be read. */
export function environmentVariable(name: string): string | undefined {
  return process?.env?.[name];
}

/** Whether paths have drives and backslashes. */
export function isWindows(): boolean {
  return process?.platform === "win32";
}

/** What is known of a file; undefined where there is none, or it may not be looked at. */
export async function statOf(path: string): Promise<FileStat | undefined> {
  return await process?.getBuiltinModule?.("node:fs/promises").stat(path).catch(() => undefined);
}
