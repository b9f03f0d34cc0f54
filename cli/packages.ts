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
const SHOWING = ["cli-progress", "simple-ascii-chart", "vega", "vega-lite"];

/** What commands need beside {@linkcode ALWAYS}; what depends on their arguments comes later. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  run: SHOWING,
  resume: SHOWING,
  compare: SHOWING,
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

/** Whether a package lies in Deno's cache. */
function isThere(name: string): boolean {
  return existsSync(new URL("./", import.meta.resolve(name)));
}

/** The folder of all packages in Deno's cache: of "…/npm/HOST/valibot/1.2.3/index.js", "…/npm/HOST/". */
const FOLDER = new URL(import.meta.resolve("valibot").replace(/(\/npm\/[^/]+\/).*$/, "$1"));

function countPackages(): number {
  try {
    return readdirSync(FOLDER).reduce(
      (count, name) =>
        count + (name.startsWith("@") ? readdirSync(new URL(`${name}/`, FOLDER)).length : 1),
      0,
    );
  } catch {
    return 0;
  }
}
