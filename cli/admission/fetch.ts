/** Fetches plugins by Deno itself, which runs none of their code, and says in a sentence why it cannot. */
import { type ErrorCode, TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";

/** Tandem's own, as for a run: a file beside another deno.json means what is here by "@tandem/core". */
const CONFIG = ["--config=deno.json", "--allow-import"];

/**
 * Fetches modules and all that they import, and adds to a lock file what it lacks.
 *
 * @param lock The lock file, which is written.
 * @param modules What to fetch, as Deno names it.
 * @throws {TandemError} E_PLUGIN where there is no such module, E_DOWNLOAD where it cannot be had.
 */
export async function fetchModules(lock: string, modules: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", {
    args: ["cache", "--quiet", ...CONFIG, `--lock=${lock}`, "--frozen=false", ...modules],
    env: { NO_COLOR: "1" },
    ...{ stdin: "null", stdout: "null", stderr: "piped" },
  }).output();
  if (success) return;
  const [code, sentence] = faultOf(new TextDecoder().decode(stderr));
  throw new TandemError(code, sentence);
}

/** A code, and the sentence that the parts of a pattern make. */
type Fault = readonly [
  pattern: RegExp,
  code: ErrorCode,
  sentence: (...parts: readonly string[]) => string,
];

/** What Deno says, and what it means. The first that fits is told. */
const FAULTS: readonly Fault[] = [
  [
    /npm package '([^']+)' does not exist/,
    "E_PLUGIN",
    (name) => `There is no package "${name}" on npm; its name may be spelt another way.`,
  ],
  [
    /Could not find npm package '([^']+)' matching '([^']+)'/,
    "E_PLUGIN",
    (name, version) => `The package "${name}" on npm has no version "${version}".`,
  ],
  [
    /JSR package not found: (\S+)|package '(@[^']+)' .*not found/,
    "E_PLUGIN",
    (name, other) => `There is no package "${name || other}" on JSR.`,
  ],
  [
    /Could not find (?:version of|constraint) '(?:jsr:)?([^']+)'/,
    "E_PLUGIN",
    (name) => `JSR has no version of "${name}" as it is asked for.`,
  ],
  [
    /JSR package (?:version )?manifest for '([^']+)' failed to load/,
    "E_DOWNLOAD",
    (name) =>
      `The package "${name}" cannot be had from JSR: it is not there, or JSR cannot be reached from ` +
      `here; many packages are on npm too, and a file can be named by its path.`,
  ],
  [
    /[Ii]ntegrity check failed[^"']*["']?([^\s"']*)/,
    "E_DOWNLOAD",
    (what) =>
      `What was fetched${
        what && ` as "${what}"`
      } is not what deno.lock holds: somebody changed it ` +
      `since; let it in only if you know why.`,
  ],
  [
    /error sending request for url \(([^)]+)\)(?:[^\n]*?: ([^:\n]+))?\n/,
    "E_DOWNLOAD",
    (url, why) =>
      `"${hostOf(url)}" cannot be reached${
        why ? ` (${why})` : ""
      }; the plugin can be let in where ` +
      `there is a network, and runs without one afterwards.`,
  ],
  [
    /Module not found "([^"]+)"/,
    "E_PLUGIN",
    (url) => `There is no module at "${url.replace(/^file:\/\//, "")}".`,
  ],
  [
    /The export '?"?([^'"\s]+)['"]? .*?(?:package|not)/,
    "E_PLUGIN",
    (name) => `The package has no export "${name}".`,
  ],
];

/** What went wrong, of all that Deno says. */
function faultOf(said: string): readonly [ErrorCode, string] {
  for (const [pattern, code, sentence] of FAULTS) {
    const parts = pattern.exec(said)?.slice(1).map((part) => outsideText(part ?? ""));
    if (parts) return [code, sentence(...parts)];
  }
  const first = /^error: ([^\n]+)/m.exec(said)?.[1] ?? said.trim().split("\n")[0]!;
  return ["E_PLUGIN", `The plugin cannot be fetched: ${outsideText(first).replace(/\.?$/, ".")}`];
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
