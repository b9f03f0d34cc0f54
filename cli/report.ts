import type { TandemEvent } from "../core/events.ts";
import type { RunConfig, RunFolder } from "../lab/run_folder.ts";
import type { RunSummary } from "../lab/summary.ts";

/** Draws a finished run into its report.html. */
export async function writeReport(
  _folder: RunFolder,
  _run: { summary: RunSummary; config: RunConfig; events: readonly TandemEvent[] },
): Promise<void> {
}
