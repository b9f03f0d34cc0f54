/** A copy of the project, for what changes its deno.lock. */
import { cpSync, writeFileSync } from "node:fs";
import { type Outcome, outcome, ROOT, withFolder } from "./command.ts";

const PARTS = [
  "cli",
  "core",
  "experiments",
  "lab",
  "models",
  "pipelines",
  "plugins",
  "runtimes",
  "tests/cli",
];
const FILES = ["LICENSE", "cli.ts", "deno.json", "deno.lock", "import_map.json"];

/** Runs a task in the copy. */
export type CopyTask = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<Outcome>;

/**
 * Works in a copy of the project, alone in a folder, both of which are gone afterwards.
 *
 * @param npmrc Where the copy's packages come from.
 */
export async function withCopy(
  npmrc: string,
  work: (task: CopyTask, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (around) => {
    const folder = `${around}/tandem`;
    for (const part of [...PARTS, ...FILES]) {
      cpSync(`${ROOT}${part}`, `${folder}/${part}`, { recursive: true });
    }
    writeFileSync(`${folder}/.npmrc`, npmrc);
    const task: CopyTask = (args, env = {}) =>
      outcome(
        new Deno.Command(Deno.execPath(), {
          args: ["task", "--quiet", ...args],
          cwd: folder,
          env: { NO_COLOR: "1", ...env },
          ...{ stdin: "null", stdout: "piped", stderr: "piped" },
        }).spawn(),
      );
    await work(task, folder);
  });
}
