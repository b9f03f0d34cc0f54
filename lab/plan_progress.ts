/** Live progress of a plan: two lines on a terminal, a line for each ended trial elsewhere. */
import { outsideText } from "@tandem/core/internal";
import { count, duration } from "./format.ts";
import type { ProgressOptions, ProgressStream } from "./progress.ts";
import type { PlanTracker } from "./plan_tracker.ts";
import { openBars } from "./progress_bars.ts";

/** A display of a plan's progress. */
export interface PlanDisplay {
  /** Something has changed. */
  update(): void;
  /** Something has happened, as one line says. */
  say(line: string): void;
  /** Takes the display down; call it in any case. */
  stop(): void;
}

const WIDEST_BAR = 40;
const NOTHING: PlanDisplay = { update: () => {}, say: () => {}, stop: () => {} };

/**
 * Shows how far a plan is: trials done, what runs, time left.
 *
 * @throws TandemError E_PACKAGE where the package that draws on a terminal is not installed.
 */
export async function showPlan(
  tracker: PlanTracker,
  { stream, live: isLive, quiet = false }: ProgressOptions,
): Promise<PlanDisplay> {
  if (quiet) return NOTHING;
  return isLive ? await live(tracker, stream) : plain(tracker, stream);
}

async function live(tracker: PlanTracker, stream: ProgressStream): Promise<PlanDisplay> {
  const bars = await openBars(stream, { hideCursor: true });
  bars.addLine((columns) => barLine(tracker, columns));
  bars.addLine((columns) => runningLine(tracker, columns));
  return {
    update: () => bars.update(),
    say: (line) => {
      bars.log(`${outsideText(line)}\n`);
      bars.update();
    },
    stop: () => bars.stop(),
  };
}

function plain(tracker: PlanTracker, stream: ProgressStream): PlanDisplay {
  return {
    ...NOTHING,
    say: (line) => {
      const { done, total } = tracker;
      stream.write(`[${count(done)}/${count(total)}] ${outsideText(line)}${left(tracker)}\n`);
    },
  };
}

function barLine(tracker: PlanTracker, columns: number): string {
  const { done, total, failed, share } = tracker;
  const failures = failed > 0 ? `, ${count(failed)} failed` : "";
  const tail = `${count(done)}/${count(total)} trials${failures}${left(tracker)}`;
  const width = Math.max(0, Math.min(WIDEST_BAR, columns - tail.length - 4));
  const filled = Math.round(share * width);
  return ` ${"━".repeat(filled)}${"─".repeat(width - filled)}  ${tail}`;
}

function left({ secondsLeft, done, total }: PlanTracker): string {
  return secondsLeft === null || done === total ? "" : `, ${duration(secondsLeft)} left`;
}

function runningLine({ running }: PlanTracker, columns: number): string {
  const parts = running.map(({ trial, iteration }) =>
    `${outsideText(trial.name)} ${count(iteration)}/${count(trial.iterations)}`
  );
  const line = ` ${parts.join("   ")}`;
  return line.length > columns - 1 ? `${line.slice(0, columns - 2)}…` : line;
}
