/** The model of `paper`: a folder, or one that is pulled; it is opened once before hours are spent on it. */
import type { DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { modelFolder } from "../runtimes/hub/folder.ts";
import type { PulledModel } from "../runtimes/hub/pull.ts";
import type { ModelInfo } from "../runtimes/language_model/contract.ts";
import { hasT5Weights } from "../runtimes/language_model/graphs.ts";
import { openLanguageModel } from "../runtimes/language_model/language_model.ts";
import type { RuntimeName } from "../runtimes/language_model/runtimes.ts";
import { type ModelKind, readModelConfig } from "../runtimes/model_folder/config.ts";
import type { ModelDtype } from "../runtimes/model_folder/files.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { type PullFlags, pullShown } from "./pull_shown.ts";

/** What {@linkcode bringPaperModel} takes. */
export interface PaperModelFlags extends PullFlags {
  readonly model: string;
  readonly device: string;
}

/** A model that has been opened. */
export interface PaperModel {
  readonly dir: string;
  readonly runtime: RuntimeName;
  readonly dtype: ModelDtype | "auto";
  /** Which it is, of which revision, in which format, and what computes it. */
  readonly words: string;
}

/**
 * Pulls a model that is no folder here, and opens it.
 *
 * @throws {TandemError} E_MODEL where there is none, it has no encoder or its files are not whole,
 * E_DOWNLOAD where the server fails, E_DEVICE.
 */
export async function bringPaperModel(flags: PaperModelFlags): Promise<PaperModel> {
  const { model } = flags;
  const accepts = (config: ModelKind) => expectEncoder(model, config);
  const pulled = await isFolder(model) ? undefined : await pullShown(model, flags, accepts);
  const dir = pulled?.dir ?? await modelFolder(model);
  const config = await readModelConfig(dir);
  accepts(config);
  const dtype = (flags.dtype ?? "auto") as ModelDtype | "auto";
  const isFused = ["auto", "int8"].includes(dtype) && await hasT5Weights(dir, config);
  const runtime = isFused ? "fused" : "web";
  const device = await resolveDevice(flags.device as DeviceChoice);
  const opened = await openLanguageModel(dir, { device, dtype, runtime });
  const { info } = opened;
  await opened.dispose();
  const which = pulled ? revisionText(pulled, flags.revision) : `the folder "${outsideText(dir)}"`;
  return { dir, runtime, dtype, words: `${which}, ${infoText(info)}` };
}

/** Whether a name is a folder's rather than one on the Hub: by its look, or because it is there. */
async function isFolder(model: string): Promise<boolean> {
  if (model === "shipped" || /^(?:[./~\\]|file:)/i.test(model)) return true;
  return await Deno.stat(model).then((info) => info.isDirectory, () => false);
}

/** @throws {TandemError} E_MODEL for a decoder alone. */
function expectEncoder(model: string, { encoderDecoder, type }: ModelKind): void {
  if (encoderDecoder) return;
  throw new TandemError(
    "E_MODEL",
    `The model "${
      outsideText(model)
    }" is a decoder alone ("${type}"), and the paper's teacher has an ` +
      'encoder, as "google/flan-t5-small" has; deno task compare pipelines/paper.ts --set ' +
      "teacher.runtime=web --set teacher.model=FOLDER --out DIR takes any.",
  );
}

function revisionText({ id, commit, offline }: PulledModel, revision: string): string {
  const named = revision === commit ? "" : ` ("${outsideText(revision)}")`;
  const away = offline ? ", as it was pulled before, for the server could not be asked" : "";
  return `${outsideText(id)} at revision ${commit}${named}${away}`;
}

function infoText({ type, dtype, backend, note }: ModelInfo): string {
  const noted = note === undefined ? "" : `; it ${note}`;
  return `a ${type} with ${dtype} weights by "${backend}"${noted}`;
}
