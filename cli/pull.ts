/** `pull FROM`: brings a pack here, from a disk or a server, as a run that others can begin from. */
import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import { TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { stateDigest } from "../lab/digest.ts";
import { noPack } from "../lab/pack/format.ts";
import { decodePack, pulledFiles } from "../lab/pack/pack.ts";
import type { PackedRun } from "../lab/pack/packed_run.ts";
import { runId, RunPlace, RUNS } from "../lab/run_place.ts";
import { inFolder, serverUrl } from "../runtimes/files/location.ts";
import { readFile } from "../runtimes/files/read.ts";
import { writeFolder } from "../runtimes/files/write.ts";
import { percent } from "../lab/format.ts";
import { folder } from "./parse.ts";
import { print, printError } from "./print.ts";

const EXAMPLES = `
What is pulled is data: nothing in it is run, and each file must be the one that pack.json names. A server
must be one that the task may reach: the Hugging Face Hub and this machine; another one is allowed by
TANDEM_ALLOW=--allow-net=HOST.

Examples:
  deno task pull packs/red-ball
  deno task pull https://huggingface.co/ORG/NAME --out runs/theirs
  TANDEM_ALLOW=--allow-net=example.com deno task pull https://example.com/packs/red-ball`;

/** `pull FROM`: brings a pack here. */
export function pullCommand() {
  return new Command("pull")
    .description("read a folder that pack made, from a disk or a server, as a run to begin from")
    .argument("<from>", "a folder, its URL, or a model of the Hugging Face Hub by its URL", folder)
    .option("--out <dir>", "the run's folder (default: runs/ID)", folder)
    .addHelpText("after", EXAMPLES)
    .action(pull);
}

async function pull(from: string, { out }: { readonly out?: string }): Promise<void> {
  const at = locationOf(from);
  const run = await decodePack((name, most) => readPacked(at, name, most, from), from, stateArrays);
  const { name } = run.config.pipeline;
  const own = join(RUNS, runId(name, run.config.seed, new Date()));
  const place = new RunPlace(out ?? own, { named: out !== undefined });
  if (out === undefined) place.make(); // so that it has its name for sure
  writeFolder(place.path, pulledFiles(run, stateArrays), { replaces: true });
  printError(told(run));
  print(place.path);
}

/** Where the files of a pack are: of a model on the Hub, its main branch. */
function locationOf(from: string): string {
  let url: URL | undefined;
  try {
    url = serverUrl(from);
  } catch {
    throw new TandemError("E_ARGUMENT", `"${outsideText(from)}" is neither a folder nor a URL.`);
  }
  if (url?.username || url?.password) {
    throw new TandemError("E_ARGUMENT", `A URL to pull from holds no name and no password.`);
  }
  const isModel = url?.hostname === "huggingface.co" && /^\/[^/]+\/[^/]+\/?$/.test(url.pathname);
  return isModel ? inFolder(from, "resolve/main") : from;
}

/** @throws {TandemError} E_FILE where there is none, or it is larger than was said. */
async function readPacked(at: string, name: string, most: number, from: string) {
  try {
    return await readFile(inFolder(at, name), most);
  } catch (error) {
    if (error instanceof TandemError) throw error;
    const why = (error as { code?: string }).code !== undefined
      ? `there is no "${name}" that can be read`
      : `of "${name}", ${error instanceof Error ? error.message : error}`;
    throw noPack(from, why, error);
  }
}

/** What was pulled, in a sentence. */
function told({ config: { pipeline }, states, vocabulary, evaluation }: PackedRun): string {
  const { success } = evaluation;
  const how = success
    ? `it solved ${percent(success.rate)} (${percent(success.ci95[0])} to ${
      percent(success.ci95[1])
    }) of ${success.episodes} development worlds`
    : "it was not measured";
  const digest = stateDigest(states.student!).slice(0, 12);
  return `Pulled the student of "${outsideText(pipeline.name)}" on ${
    outsideText(vocabulary.env.id)
  }, by its own account ${how}; SHA-256 ${digest}…`;
}
