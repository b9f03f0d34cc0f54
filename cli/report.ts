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
 */
export function prepareReport(): void {
  // Who draws one is told what fails.
  import("../lab/report/report.ts").catch(() => {});
  import("../lab/report/vega_svg.ts").then(({ loadVega }) => loadVega()).catch(() => {});
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
