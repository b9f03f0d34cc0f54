import type { TandemEvent } from "../core/stages/events.ts";
import type { RunResult } from "../core/run/scheduler.ts";
import type { RunConfig } from "../lab/run_config.ts";
import type { RunFolder } from "../lab/run_folder.ts";
import type { RunSummary } from "../lab/summary.ts";

/** What a report is drawn from. */
export interface FinishedRun {
  readonly summary: RunSummary;
  readonly config: RunConfig;
  readonly events: readonly TandemEvent[];
  readonly draw: RunResult["draw"];
}

/**
 * Loads what draws reports while other things are waited for: charts take half a second to load, and
 * --help should not wait for them, nor a run that is stopped.
 *
 * @returns When that is done. Nothing else may be imported before: Deno 2.9.6 panics at times where the
 * modules of two dynamic imports are registered at once and one of them names a package (denoland/deno#36216).
 */
export async function prepareReport(): Promise<void> {
  try {
    const { loadVega } = await import("../lab/report/vega_svg.ts");
    await loadVega();
    await import("../lab/report/report.ts");
  } catch {
    // Who draws one is told what fails.
  }
}

/** Draws a finished run into its report.html. */
export async function writeReport(folder: RunFolder, { draw, ...run }: FinishedRun): Promise<void> {
  const { renderReport } = await import("../lab/report/report.ts");
  const page = await renderReport({
    ...run,
    drawStep: ({ snapshot }) => draw && snapshot !== undefined ? draw(snapshot) : undefined,
  });
  folder.write("report.html", page);
}
