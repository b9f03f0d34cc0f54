/** The folder of a comparison: plan.json, trials.sqlite, report.html. */
import { join } from "node:path";
import { TandemError } from "@tandem/core";
import { refuseLinksIn, refuseShared } from "@tandem/runtimes/files";
import { diskError } from "../disk.ts";

/**
 * Makes the folder, or goes on in one that holds a comparison.
 *
 * @throws {TandemError} E_RUN_EXISTS where it holds something else, E_FILE where a link lies in it, E_DISK where it cannot be made.
 */
export function openComparison(path: string): void {
  const entries = namesIn(path);
  if (entries.length > 0 && !entries.includes("plan.json")) {
    throw new TandemError(
      "E_RUN_EXISTS",
      `"${path}" holds "${entries[0]}" and no comparison. Name a new or empty folder with --out.`,
    );
  }
  // What is there may come from elsewhere.
  refuseLinksIn(path);
  refuseShared(join(path, "trials.sqlite"));
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw diskError(path, error);
  }
}

function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) {
      throw new TandemError("E_RUN_EXISTS", `"${path}" is a file. Name another folder with --out.`);
    }
    throw diskError(path, error);
  }
}
