/**
 * Brings the packages that a command is made of, before anything of it is loaded: the first time they
 * come from the npm registry, which takes a while and may fail.
 */
import { existsSync, readdirSync } from "node:fs";
import { importOptional } from "../core/base/optional_package.ts";
import { printError, redraw } from "./print.ts";
import { canDraw } from "./terminal.ts";

/** What every command is made of. */
const ALWAYS = ["valibot", "@commander-js/extra-typings"];

/** What shows progress and draws reports: brought before a run, not at the end of it. */
export const SHOWING: readonly string[] = [
  "cli-progress",
  "simple-ascii-chart",
  "vega",
  "vega-lite",
];

/** What commands need beside {@linkcode ALWAYS}; what depends on their arguments comes later. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  run: SHOWING,
  resume: SHOWING,
  compare: SHOWING,
  paper: SHOWING,
};

/** Milliseconds between two looks at how far it is. */
const LOOK = 100;

/**
 * Brings what is not there yet, and shows it.
 *
 * @param args The command line.
 * @throws {TandemError} E_PACKAGE where a package cannot be fetched.
 */
export async function bringPackages(args: readonly string[]): Promise<void> {
  // A compiled command line holds them.
  if (Deno.build.standalone) return;
  const command = args.find((arg) => !arg.startsWith("-")) ?? "";
  const missing = [...ALWAYS, ...BESIDE[command] ?? []].filter((name) => !isThere(name));
  if (missing.length === 0) return;
  const [start, before] = [performance.now(), countPackages()];
  const came = () => Math.max(0, countPackages() - before);
  const isQuiet = args.includes("--quiet");
  if (!isQuiet) printError("Fetching packages from npm, once ...");
  const isLive = !isQuiet && canDraw("stderr");
  const looking = isLive ? setInterval(() => redraw(`${came()} packages`), LOOK) : undefined;
  try {
    for (const name of missing) {
      await importOptional(name, "this command needs", (it) => import(it));
    }
  } finally {
    clearInterval(looking);
    if (isLive) redraw("");
  }
  if (isQuiet) return;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  printError(`Fetched ${came()} packages in ${seconds} s.`);
}

/**
 * The folder of all packages in Deno's cache; undefined where they lie in node_modules. It is asked for by
 * a package that no command needs: of one that is not there yet, Deno would remember a wrong place.
 */
function cacheFolder(): URL | undefined {
  const [, folder] = /^(.*\/npm\/[^/]+\/)/.exec(import.meta.resolve("fast-check")) ?? [];
  return folder === undefined || folder.includes("/node_modules/") ? undefined : new URL(folder);
}

function isThere(name: string): boolean {
  const folder = cacheFolder();
  return folder === undefined || existsSync(new URL(`${name}/`, folder));
}

function countPackages(): number {
  const folder = cacheFolder();
  try {
    return readdirSync(folder!).reduce(
      (count, name) =>
        count + (name.startsWith("@") ? readdirSync(new URL(`${name}/`, folder)).length : 1),
      0,
    );
  } catch {
    return 0;
  }
}
