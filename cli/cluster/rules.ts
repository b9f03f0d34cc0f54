/** Feedback rules given by path, on their way to workers. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TandemError } from "../../core/errors.ts";
import type { PipelineJson } from "../../core/pipeline.ts";
import { isModule } from "../../core/plugin.ts";
import { STAGE_KINDS } from "../../core/stages.ts";
import { sha256 } from "../../lab/digest.ts";
import type { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import type { RuleFile } from "./messages.ts";

/** Imports of values from files beside it; types are gone when a rule runs. */
const RELATIVE_IMPORT = /^\s*(?:import|export)\b(?!\s+type\b)[^;]*?\bfrom\s*["']\.{1,2}\//m;

/**
 * The rule that must travel with a pipeline's trials, or undefined where all its plugins are Tandem's
 * own.
 *
 * @throws {TandemError} E_PLUGIN where a plugin cannot travel.
 */
export function ruleOf(pipeline: PipelineJson): { file: RuleFile; bytes: Uint8Array } | undefined {
  const plugins: [what: string, plugin: string][] = [
    ...STAGE_KINDS.filter((kind) => kind !== "feedback")
      .map((kind): [string, string] => [kind, pipeline[kind].plugin]),
    ...Object.values(pipeline.extras ?? {})
      .map(({ plugin }): [string, string] => ["extra stage", plugin]),
  ];
  for (const [what, plugin] of plugins) {
    if (!isModule(plugin)) continue;
    throw new TandemError(
      "E_PLUGIN",
      `The ${what} "${plugin}" cannot run on a cluster: workers run no code of others but feedback ` +
        "rules, which they put into a sandbox.",
    );
  }
  const { plugin: name } = pipeline.feedback;
  if (!isModule(name)) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(name.startsWith("file:") ? new URL(name) : name);
  } catch (error) {
    throw new TandemError(
      "E_PLUGIN",
      `The rule "${name}" cannot be read, and only a file travels to workers.`,
      { cause: error },
    );
  }
  const text = new TextDecoder().decode(bytes);
  if (RELATIVE_IMPORT.test(text)) {
    throw new TandemError(
      "E_PLUGIN",
      `The rule "${name}" imports other files, and only a single file travels to workers; what is Tandem's is imported ` +
        'from "@tandem/tandem".',
    );
  }
  return { file: { name, sha256: sha256(bytes) }, bytes };
}

/** Leaves a rule where workers find it. */
export async function sendRule(queue: TrialQueue, bytes: Uint8Array): Promise<void> {
  await queue.keep(objectOf(sha256(bytes)), bytes);
}

/**
 * The pipeline with the path of the rule's copy on this machine, fetched where it is not there.
 *
 * @throws {TandemError} E_PLUGIN where its content is not what the plan names.
 */
export async function withRule(
  pipeline: PipelineJson,
  { sha256: wanted, name }: RuleFile,
  queue: TrialQueue,
  folder: string,
): Promise<PipelineJson> {
  if (!/^[0-9a-f]{64}$/.test(wanted)) throw changed(name);
  const path = join(folder, `${wanted}.ts`);
  if (!isSame(path, wanted)) {
    const bytes = await queue.find(objectOf(wanted));
    if (!bytes || sha256(bytes) !== wanted) throw changed(name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, bytes);
  }
  return { ...pipeline, feedback: { ...pipeline.feedback, plugin: path } };
}

function isSame(path: string, wanted: string): boolean {
  try {
    return sha256(readFileSync(path)) === wanted;
  } catch {
    return false;
  }
}

function changed(name: string): TandemError {
  return new TandemError(
    "E_PLUGIN",
    `The rule "${name}" is not what the plan names by its content; the worker does not run it.`,
  );
}

function objectOf(hash: string): string {
  return `rule.${hash}`;
}
