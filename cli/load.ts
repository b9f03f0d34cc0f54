/** Reads a pipeline from a module's default export or from JSON. */
import type { DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { parseJson } from "../core/kit/json.ts";
import { loadReason } from "../core/base/load_reason.ts";
import { outsideReason, outsideText } from "../core/base/outside.ts";
import { isPipeline, type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { looksLikePlan } from "../lab/plan.ts";
import { configFromJson } from "../lab/saved_run.ts";
import { fileUrl } from "../runtimes/files/location.ts";
import { readTextFile } from "../runtimes/files/read.ts";
import type { Owner } from "./permission/owner.ts";
import { nearFile } from "./near_file.ts";
import { packedOr } from "./packed.ts";

/** Longest document that is read, in bytes: a pipeline in JSON has some thousands. */
const LONGEST = 64 * 2 ** 20;

/** How a document is to be read. */
export interface ReadOptions {
  readonly owner: Owner;
  /** Whether feedback rules given by path run in a sandbox. */
  readonly sandbox: boolean;
  /** Whether the command has the flag --sandbox. */
  readonly hasSandboxFlag?: boolean;
  /** Whether the command runs rules in a sandbox where the config.json of a run says so. */
  readonly obeysConfig?: boolean;
}

/** What a file says of a run. */
export interface PipelineFile {
  readonly pipeline: Pipeline;
  /** What else the config.json of a run's folder says. */
  readonly seed?: number;
  readonly device?: DeviceChoice;
  readonly sandbox?: boolean;
}

/**
 * A pipeline of a module, which its owner runs, or of a document: a pipeline in JSON, or the config.json
 * of a run's folder.
 *
 * @param named A TypeScript or JavaScript module whose default export is a pipeline, or JSON.
 * @throws {TandemError} E_FILE where it is missing, E_PIPELINE where it holds no pipeline, E_PERMISSION
 * where a document names what its owner has not allowed.
 */
export async function loadPipeline(named: string, options: ReadOptions): Promise<PipelineFile> {
  const file = await packedOr(named);
  await expectFile(file);
  if (!isJson(file)) return { pipeline: await importPipeline(file) };
  const json = await readJson(file);
  if (looksLikePlan(json)) {
    throw new TandemError(
      "E_PIPELINE",
      `"${outsideText(file)}" is the plan of a comparison, which deno task compare runs.`,
    );
  }
  const config = isConfig(json) ? configFromJson(json, file) : undefined;
  const { owner, hasSandboxFlag, obeysConfig = false } = options;
  const sandbox = options.sandbox || obeysConfig && config?.sandbox === true;
  const catalog = await owner.ofDocument({ document: file, sandbox, hasSandboxFlag });
  const pipeline = await pipelineFromJson(config?.pipeline ?? json, catalog);
  if (!config) return { pipeline };
  return { pipeline, seed: config.seed, device: config.device as DeviceChoice, sandbox };
}

/** Whether a file is read as JSON, and not as a module. */
export function isJson(file: string): boolean {
  return /\.json$/i.test(file);
}

/** @throws {TandemError} E_FILE where there is no file, E_PIPELINE where it is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  await expectFile(file);
  try {
    return parseJson(await readTextFile(file, LONGEST));
  } catch (cause) {
    const what = cause instanceof RangeError ? "cannot be read" : "is no JSON";
    const why = `${what}: ${outsideReason(cause)}`;
    throw new TandemError("E_PIPELINE", `"${outsideText(file)}" ${why}`, { cause });
  }
}

async function importPipeline(file: string): Promise<Pipeline> {
  const module = await importModule(file);
  if (isPipeline(module.default)) return module.default;
  throw new TandemError(
    "E_PIPELINE",
    `"${
      outsideText(file)
    }" does not export a pipeline; write export default definePipeline({ ... }).`,
  );
}

/**
 * A module that the owner runs.
 *
 * @throws {TandemError} E_FILE where it is missing, E_PIPELINE where it cannot be loaded.
 */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  await expectFile(file);
  return await importModule(file);
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(fileUrl(file));
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    const reason = loadReason(file, cause);
    throw new TandemError("E_PIPELINE", `"${outsideText(file)}" cannot be loaded: ${reason}`, {
      cause,
    });
  }
}

function isConfig(json: unknown): boolean {
  return typeof json === "object" && json !== null && Object.hasOwn(json, "pipeline") &&
    !Object.hasOwn(json, "tandem");
}

async function expectFile(file: string): Promise<void> {
  const exists = await Deno.stat(file).then((info) => info.isFile, () => false);
  if (exists) return;
  const near = await nearFile(file);
  const hint = near === undefined
    ? "try pipelines/babyai.ts"
    : `did you mean "${outsideText(near)}"?`;
  throw new TandemError(
    "E_FILE",
    `There is no file "${outsideText(file)}" in "${
      outsideText(Deno.cwd())
    }", where tasks run from ` +
      `whatever folder they are started; ${hint}`.replace(/[^.?]$/, "$&."),
  );
}
