/** A model that is pulled while somebody watches: the options of it, and how far it is. */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { outsideText } from "../core/base/outside.ts";
import { DEFAULT_ENDPOINT } from "../runtimes/hub/hub.ts";
import {
  DEFAULT_CACHE_DIR,
  MOST_BYTES,
  type PulledModel,
  pullModel,
  type PullOptions,
  type PullProgress,
} from "../runtimes/hub/pull.ts";
import { MODEL_DTYPES, type ModelDtype } from "../runtimes/model_folder/files.ts";
import { canDraw } from "./terminal.ts";

const GIBIBYTE = 2 ** 30;

/** The options of a command that pulls. */
export const pullOptions = {
  revision: () => new Option("--revision <name>", "branch, tag or commit").default("main"),
  dtype: () => new Option("--dtype <dtype>", "weight format").choices(["auto", ...MODEL_DTYPES]),
  cache: () => new Option("--cache <dir>", "where models are kept").default(DEFAULT_CACHE_DIR),
  endpoint: () =>
    new Option("--endpoint <url>", "a server of the Hub's shape").default(DEFAULT_ENDPOINT),
  largest: () =>
    new Option("--largest <GiB>", "most that the model may have")
      .argParser(gibibytes).default(MOST_BYTES / GIBIBYTE),
};

/** What {@linkcode pullOptions} come to. */
export interface PullFlags {
  readonly revision: string;
  readonly dtype?: string;
  readonly cache: string;
  readonly endpoint: string;
  readonly largest: number;
}

/**
 * Pulls a model and shows how far it is.
 *
 * @param accepts As {@linkcode PullOptions} has it.
 * @throws {TandemError} As {@linkcode pullModel}.
 */
export async function pullShown(
  id: string,
  { cache, largest, dtype = "auto", revision, endpoint }: PullFlags,
  accepts?: PullOptions["accepts"],
): Promise<PulledModel> {
  return await pullModel(id, {
    ...{ revision, endpoint, accepts },
    dtype: dtype as ModelDtype | "auto",
    cacheDir: cache,
    maxBytes: largest * GIBIBYTE,
    onProgress: progressShown(canDraw("stderr")),
  });
}

/** @param live Whether a line can be drawn anew; elsewhere a file is told of once it is there. */
function progressShown(live: boolean): (progress: PullProgress) => void {
  return ({ file, received, size }) => {
    const done = received === size;
    if (!live && !done) return;
    const share = size ? `${Math.floor(100 * received / size)} %`.padStart(5) : "";
    const amount = `${(received / 1e6).toFixed(1)} MB`.padStart(10);
    process.stderr.write(
      `${live ? "\r" : ""}${share} ${amount}  ${outsideText(file)}${done || !live ? "\n" : "   "}`,
    );
  };
}

function gibibytes(text: string): number {
  const amount = Number(text);
  if (amount > 0 && amount <= 2 ** 20) return amount;
  throw new InvalidArgumentError("It must be a number above 0, at most 1048576.");
}
