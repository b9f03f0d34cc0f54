/** Reads a pipeline from a module's default export or from JSON. */
import { TandemError } from "../core/errors.ts";
import { loadReason } from "../core/load_reason.ts";
import { isPipeline, type Pipeline, pipelineFromJson } from "../core/pipeline.ts";
import type { Catalog } from "../core/plugin.ts";

/**
 * @param file A TypeScript or JavaScript module whose default export is a pipeline, or JSON.
 * @throws {TandemError} E_FILE where it is missing, E_PIPELINE where it holds no pipeline.
 */
export async function loadPipeline(file: string, catalog: Catalog): Promise<Pipeline> {
  await expectFile(file);
  if (file.endsWith(".json")) return await pipelineFromJson(await readJson(file), catalog);
  const module = await importModule(file);
  if (isPipeline(module.default)) return module.default;
  throw new TandemError(
    "E_PIPELINE",
    `"${file}" does not export a pipeline; write export default definePipeline({ ... }).`,
  );
}

/** @throws {TandemError} E_FILE where there is no file, E_PIPELINE where it is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  await expectFile(file);
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TandemError("E_PIPELINE", `"${file}" is no JSON: ${reason}`, { cause });
  }
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(new URL(file, `file://${Deno.cwd()}/`).href);
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    const reason = loadReason(file, cause);
    throw new TandemError("E_PIPELINE", `"${file}" cannot be loaded: ${reason}`, { cause });
  }
}

async function expectFile(file: string): Promise<void> {
  const exists = await Deno.stat(file).then((info) => info.isFile, () => false);
  if (exists) return;
  throw new TandemError("E_FILE", `There is no file "${file}"; try pipelines/babyai.ts.`);
}
