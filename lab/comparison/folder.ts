/** The folder of comparisons and tuning runs: plan.json or tuning.json, trials.sqlite, reports. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TandemError } from "@tandem/core";
import { isMissing, isNoFolder, refuseLinksIn, refuseShared } from "@tandem/runtimes/files";
import { diskError } from "../disk.ts";

/**
 * Makes the folder, or goes on in one that holds a comparison or a tuning run.
 *
 * @throws {TandemError} E_RUN_EXISTS where it holds something else, E_FILE where a link lies in it, E_DISK where it cannot be made.
 */
export function openComparison(path: string): void {
  const entries = namesIn(path);
  if (entries.length > 0 && !MARKS.some((mark) => entries.includes(mark))) {
    throw new TandemError(
      "E_RUN_EXISTS",
      `"${path}" holds "${entries[0]}" and no comparison. Name a new or empty folder with --out.`,
    );
  }
  // What is there may come from elsewhere.
  refuseLinksIn(path);
  refuseShared(join(path, "trials.sqlite"));
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw diskError(path, error);
  }
}

/** Files that such a folder has from its beginning. */
const MARKS = ["plan.json", "tuning.json"];

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    if (isNoFolder(error)) {
      throw new TandemError("E_RUN_EXISTS", `"${path}" is a file. Name another folder with --out.`);
    }
    throw diskError(path, error);
  }
}
