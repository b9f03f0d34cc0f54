/** `pack DIR`: a run's student and teacher as a folder for others, in Hugging Face's layout. */
import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import { TandemError } from "../core/base/errors.ts";
import { pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { factsOfRun } from "../experiments/learned_runs.ts";
import { learnedPlace } from "../lab/learned_place.ts";
import { encodePack } from "../lab/pack/pack.ts";
import { evaluationIn } from "../lab/pack/run_files.ts";
import { RunPlace } from "../lab/run_place.ts";
import { controlLabel } from "../lab/summary.ts";
import { writeFolder } from "../runtimes/files/write.ts";
import { openLearned } from "./learned.ts";
import { folder } from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import type { AllowFlags } from "./permission/owner.ts";
import { print } from "./print.ts";

const EXAMPLES = `
The folder holds a model card, safetensors and JSON; deno task pull reads it back, from a disk or a server.

Examples:
  deno task pack runs/ID
  deno task pack runs/ID@best --out packs/red-ball`;

/** `pack DIR`: a run's student and teacher as a folder for others. */
export function packCommand() {
  return new Command("pack")
    .description("make a folder to hand on of what a run learned: safetensors, JSON, a model card")
    .argument("<dir>", "the folder of a run; with @best behind it, its best student", folder)
    .option("--out <dir>", "a new or empty folder (default: DIR/pack)", folder)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .addHelpText("after", EXAMPLES)
    .action(pack);
}

async function pack(dir: string, options: AllowFlags & { readonly out?: string }): Promise<void> {
  const { config, states, catalog, iteration } = await openLearned(dir, options);
  if (!states.student) {
    throw new TandemError("E_CHECKPOINT", `"${dir}" holds nothing that its student had learned.`);
  }
  const place = learnedPlace(dir);
  const { env, candidates } = await factsOfRun(dir, config.pipeline, "student", catalog);
  const evaluation = {
    ...evaluationIn(place.folder, iteration, place.isBest),
    control: controlLabel(await pipelineFromJson(config.pipeline, catalog)),
  };
  const vocabulary = { env: env!, candidates };
  const files = encodePack({ config, states, vocabulary, evaluation }, stateArrays);
  // One of its own is made anew; what another put somewhere else stays.
  const out = options.out === undefined
    ? join(place.folder, "pack")
    : new RunPlace(options.out, { named: true }).path;
  writeFolder(out, files, { replaces: true });
  print(out);
}
