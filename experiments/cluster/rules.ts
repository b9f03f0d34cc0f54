/** Feedback rules given by path, on their way to workers. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TandemError } from "../../core/base/errors.ts";
import { pipelineFromJson, type PipelineJson } from "../../core/pipeline/pipeline.ts";
import { moduleFile } from "../../core/base/module_url.ts";
import { type Catalog, isModule } from "../../core/pipeline/plugin.ts";
import { sha256 } from "../../lab/digest.ts";
import { builtins } from "../../plugins/mod.ts";
import { draftOf } from "../../runtimes/files/draft.ts";
import { readFileSync as readFile } from "../../runtimes/files/read.ts";
import type { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { fileImportsIn } from "../fingerprints.ts";
import { changedRule, isFile } from "./guest.ts";
import type { RuleFile } from "./messages.ts";

/** A rule is a text that a person wrote. */
const MOST_BYTES = 1024 * 1024;

/**
 * The rule that must travel with a pipeline's trials, or undefined where all its plugins are Tandem's
 * own.
 *
 * @throws {TandemError} E_PLUGIN where a plugin cannot travel, at whatever depth it stands.
 */
export async function ruleOf(
  pipeline: PipelineJson,
): Promise<{ file: RuleFile; bytes: Uint8Array } | undefined> {
  const { plugin: name } = pipeline.feedback;
  const rule = isModule(name) ? fileOf(name) : undefined;
  // The rule itself is opened by those who run it.
  const feedback = rule ? { plugin: "paper", options: {} } : pipeline.feedback;
  await pipelineFromJson({ ...pipeline, feedback }, NO_MODULES);
  return rule;
}

const NO_MODULES: Catalog = {
  ...builtins,
  permit: ({ effect, kind, plugin }) => {
    if (effect !== "import") return; // the workers' owners decide
    throw new TandemError(
      "E_PLUGIN",
      `The ${
        kind === "extra" ? "extra stage" : kind
      } "${plugin}" cannot run on a cluster: workers run ` +
        "no code of others but feedback rules, which they put into a sandbox.",
    );
  },
};

function fileOf(name: string): { file: RuleFile; bytes: Uint8Array } {
  let bytes: Uint8Array;
  try {
    bytes = readFile(moduleFile(name) ?? name, MOST_BYTES);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new TandemError(
        "E_PLUGIN",
        `The rule "${name}" is larger than 1 MiB and cannot travel.`,
      );
    }
    throw new TandemError(
      "E_PLUGIN",
      `The rule "${name}" cannot be read, and only a file travels to workers.`,
      { cause: error },
    );
  }
  const text = new TextDecoder().decode(bytes);
  if (fileImportsIn(text).length > 0) {
    throw new TandemError(
      "E_PLUGIN",
      `The rule "${name}" imports other files, and only a single file travels to workers; what is Tandem's is imported ` +
        'from "@tandem/core".',
    );
  }
  return { file: { name, sha256: sha256(bytes) }, bytes };
}

/** Leaves a rule where workers find it. */
export async function sendRule(queue: TrialQueue, bytes: Uint8Array): Promise<void> {
  await queue.keep(objectOf(sha256(bytes)), bytes);
}

/**
 * The path of a rule's copy on this machine, fetched where it is not there. Each has a folder of its
 * own: in the sandbox, what lies beside a rule is in its reach.
 *
 * @throws {TandemError} E_PLUGIN where its content is not what the plan names.
 */
export async function fetchRule(
  { sha256: wanted, name }: RuleFile,
  queue: Pick<TrialQueue, "find">,
  rules: string,
): Promise<string> {
  const folder = join(rules, wanted);
  const path = join(folder, "rule.ts");
  if (isFile(path, wanted)) return path;
  const bytes = await queue.find(objectOf(wanted), MOST_BYTES);
  if (!bytes || sha256(bytes) !== wanted) throw changedRule(name);
  mkdirSync(folder, { recursive: true });
  const draft = draftOf(path);
  try {
    writeFileSync(draft, bytes, { flag: "wx" });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return path;
}

function objectOf(hash: string): string {
  return `rule.${hash}`;
}
