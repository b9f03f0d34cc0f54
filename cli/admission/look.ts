/** Looks at a plugin that was let in: it is loaded in a process of its own, which may read and no more. */
import { Command } from "@commander-js/extra-typings";
import * as v from "valibot";
import { ERROR_CODES, type ErrorCode, TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import { parseJson } from "../../core/kit/json.ts";
import { type Effect, EFFECTS } from "../../core/pipeline/effects.ts";
import { loadPlugin } from "../../core/pipeline/plugin.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { documentPlugin } from "../plugin_doc.ts";
import { print } from "../print.ts";
import type { Specifier } from "./specifier.ts";

/** Milliseconds for loading a module: who takes longer does something else. */
const PATIENCE = 60_000;

const SHORT = v.pipe(v.string(), v.maxLength(200));

const LOOK = v.object({
  kind: v.picklist(PLUGIN_KINDS),
  name: SHORT,
  description: v.pipe(v.string(), v.maxLength(2000)),
  /** Options that must be given. */
  required: v.pipe(v.array(SHORT), v.maxLength(100)),
  effects: v.pipe(
    v.array(v.object({ effect: v.picklist(Object.keys(EFFECTS) as Effect[]), where: v.string() })),
    v.maxLength(100),
  ),
});

/** What a plugin says of itself. */
export type Look = v.InferOutput<typeof LOOK>;

/** `plugins:look MODULE`: what {@linkcode lookAt} starts. */
export function lookCommand() {
  return new Command("plugins:look").argument("<module>").action(async (module) => {
    const { kind, name, description, options, effects } = documentPlugin(await loadPlugin(module));
    const required = options.filter((option) => option.required).map((option) => option.name);
    print(
      JSON.stringify({ kind, name, description, required, effects: [...effects] } satisfies Look),
    );
  });
}

/**
 * Loads a plugin, held to a lock file, without network, environment, programs or a place to write to.
 *
 * @param lock The lock file that holds it.
 * @throws {TandemError} What loading it throws: E_PLUGIN where it is none.
 */
export async function lookAt(specifier: Specifier, lock: string): Promise<Look & Finding> {
  const look = async (flags: readonly string[]) => await loaded(specifier, lock, flags);
  try {
    return { ...await look([]), flags: [] };
  } catch (error) {
    if (!(error instanceof TandemError) || !error.message.includes(IN_FOLDER)) throw error;
    return { ...await look([IN_FOLDER]), flags: [IN_FOLDER] };
  }
}

/** What a plugin needs to be loaded. */
interface Finding {
  /** Flags of Deno's. */
  readonly flags: readonly string[];
}

/** Packages from npm find Tandem's own, which are on this disk, in a folder node_modules alone. */
const IN_FOLDER = "--node-modules-dir=auto";

async function loaded(
  specifier: Specifier,
  lock: string,
  flags: readonly string[],
): Promise<Look> {
  const { text } = specifier;
  const permissions = ["--no-prompt", "--allow-read", ...flags, ...importFlags(specifier)];
  const process = new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      `--lock=${lock}`,
      "--frozen",
      ...permissions,
      "cli.ts",
      "plugins:look",
      text,
    ],
    env: { NO_COLOR: "1" },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const timer = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
  const { success, signal, stdout, stderr } = await process.output();
  clearTimeout(timer);
  if (signal === "SIGKILL") {
    throw fault(text, `was not loaded within ${PATIENCE / 1000} seconds`);
  }
  const decoder = new TextDecoder();
  if (!success) throw told(text, decoder.decode(stderr));
  return parsed(text, decoder.decode(stdout));
}

/** A host from which Deno would not import unasked has to be named. */
export function importFlags({ source, name }: Specifier): string[] {
  const own = source === "web" ? [`--allow-import=${name},${USUAL_HOSTS}`] : [];
  return isUsual(name) ? [] : own;
}

/** Hosts that Deno imports from unasked. */
const USUAL_HOSTS = [
  ...["deno.land", "jsr.io", "esm.sh", "raw.esm.sh", "cdn.jsdelivr.net"],
  ...["raw.githubusercontent.com", "gist.githubusercontent.com"],
].join();

function isUsual(host: string): boolean {
  return USUAL_HOSTS.split(",").includes(host);
}

/** The error that the process ended with. */
function told(text: string, stderr: string): TandemError {
  const [, code, sentence] = /^(E_[A-Z_]+): (.*)$/m.exec(stderr) ?? [];
  if (code && Object.hasOwn(ERROR_CODES, code)) {
    return new TandemError(code as ErrorCode, outsideText(sentence!, { max: 2000 }));
  }
  return fault(
    text,
    `failed when it was loaded: ${outsideText(stderr.trim().split("\n").at(-1)!)}`,
  );
}

/** Its last line: the plugin may have printed others. */
function parsed(text: string, stdout: string): Look {
  try {
    return v.parse(LOOK, parseJson(stdout.trim().split("\n").at(-1)!));
  } catch {
    throw fault(text, "ended the process when it was loaded, or says nothing sensible of itself");
  }
}

function fault(text: string, what: string): TandemError {
  return new TandemError("E_PLUGIN", `"${outsideText(text)}" ${what}.`);
}
