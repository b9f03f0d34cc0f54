/** Live progress: two lines that redraw themselves on a terminal, a plain line now and then elsewhere. */
import type { EventSink, TandemEvent } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { compact, count, duration, percent } from "./format.ts";
import { openBars, type ProgressStream } from "./progress_bars.ts";
import { RunTracker } from "./tracker.ts";

export type { ProgressStream } from "./progress_bars.ts";

/** What {@linkcode showProgress} takes. */
export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Whether lines may be drawn over; else plain ones are written. */
  readonly live: boolean;
  /** Print nothing. */
  readonly quiet?: boolean;
}

/** A progress display: a sink for events, and its end. */
export interface ProgressDisplay {
  readonly sink: EventSink;
  /** Takes the display down; call it in any case, or the process does not end. */
  stop(): void;
}

/** Where there is no terminal, a run prints about so many lines. */
const PLAIN_LINES = 10;
const WIDEST_BAR = 40;

/**
 * Shows a run's progress: iteration, success in training and on held-out worlds, accuracy of
 * guidance, verdicts, speed and time left.
 *
 * @throws TandemError E_PACKAGE where the package that draws on a terminal is not installed.
 */
export async function showProgress(
  { stream, live, quiet = false }: ProgressOptions,
): Promise<ProgressDisplay> {
  if (quiet) return { sink: () => {}, stop: () => {} };
  return live ? await liveProgress(stream) : plainProgress(stream);
}

async function liveProgress(stream: ProgressStream): Promise<ProgressDisplay> {
  const tracker = new RunTracker();
  const bars = await openBars(stream, { hideCursor: false });
  let shown = false;
  const show = () => {
    bars.addLine((columns) => barLine(tracker, columns));
    bars.addLine((columns) => cutTo(numbers(tracker), columns));
    shown = true;
  };
  return {
    sink: (event) => {
      tracker.see(event);
      if (event.type === "run.started" || event.type === "run.resumed") show();
      if (!shown) return warn(event, stream);
      const message = warningIn(event);
      if (message) bars.log(`${message}\n`);
      if (event.type !== "ledger") bars.update();
    },
    stop: () => {
      if (shown) bars.stop();
      shown = false;
    },
  };
}

function plainProgress(stream: ProgressStream): ProgressDisplay {
  const tracker = new RunTracker();
  return {
    sink: (event) => {
      tracker.see(event);
      warn(event, stream);
      if (event.type !== "iteration.ended") return;
      const { iteration, iterations } = tracker;
      const every = Math.max(1, Math.round(iterations / PLAIN_LINES));
      if (iteration % every !== 0 && iteration !== iterations) return;
      const parts = [
        `iteration ${iteration}/${iterations}`,
        ...numbers(tracker),
        ...speedAndTime(tracker),
      ];
      stream.write(parts.join("  ") + "\n");
    },
    stop: () => {},
  };
}

/** The first line: how far it is, how fast, and how long it takes yet. */
function barLine(tracker: RunTracker, columns: number): string {
  const { iteration, iterations } = tracker;
  const tail = `${count(iteration)}/${count(iterations)}  ${speedAndTime(tracker).join("  ")}`;
  const width = Math.max(0, Math.min(WIDEST_BAR, columns - tail.length - 4));
  const share = iterations > 0 ? iteration / iterations : 1;
  const filled = Math.round(share * width);
  return ` ${"━".repeat(filled)}${"─".repeat(width - filled)}  ${tail}`;
}

function speedAndTime(tracker: RunTracker): string[] {
  const { framesPerSecond, secondsLeft, iteration } = tracker;
  if (secondsLeft === null) {
    return [tracker.heldOut === null ? "measuring the start" : "first iteration"];
  }
  const speed = framesPerSecond === null ? [] : [`${count(framesPerSecond)} frames/s`];
  const done = iteration === tracker.iterations;
  return [...speed, done ? "measuring the end" : `${duration(secondsLeft)} left`];
}

/** The second line, the most telling part first. */
function numbers(tracker: RunTracker): string[] {
  const { positive, negative, abstained } = tracker.verdicts;
  return [
    `success ${percent(tracker.training)}`,
    `held-out ${percent(tracker.heldOut)}`,
    `guidance ${percent(tracker.guidance)}`,
    `verdicts +${compact(positive)} −${compact(negative)} ○${compact(abstained)}`,
  ];
}

/** As many parts as a line takes. */
function cutTo(parts: readonly string[], columns: number): string {
  let line = "";
  for (const part of parts) {
    const longer = `${line}${line ? "   " : " "}${part}`;
    if (longer.length > columns - 1) break;
    line = longer;
  }
  return line;
}

function warn(event: TandemEvent, stream: ProgressStream): void {
  const message = warningIn(event);
  if (message) stream.write(`${message}\n`);
}

/** Who ended a run before its last iteration, in a sentence. */
export function earlyEndNote(
  iteration: number,
  { by, reason }: { readonly by: string; readonly reason: string },
): string {
  return `"${outsideText(by)}" ended the run after iteration ${iteration}: ${outsideText(reason)}.`;
}

/** What a person should know of at once, in a sentence. */
function warningIn(event: TandemEvent): string | undefined {
  if (event.type === "warning") return outsideText(event.message);
  if (event.type === "run.ended-early") return earlyEndNote(event.iteration, event);
  if (event.type !== "run.fell-back") return undefined;
  return `${
    outsideText(event.message)
  } The run is back after iteration ${event.iteration}, and the student ` +
    "takes smaller steps.";
}
