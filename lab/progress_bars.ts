/** Lines that redraw themselves on a terminal: the one door to cli-progress. */
import { importOptional } from "@tandem/core/internal";

/** Where progress is written: node:process's stderr, or something that looks like it. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Some lines at the bottom of a terminal. */
export interface Bars {
  /** Adds a line, which `format` gives for so many columns. */
  addLine(format: (columns: number) => string): void;
  /** Prints text above them at the next update. */
  log(text: string): void;
  update(): void;
  /** Takes them down. */
  stop(): void;
}

/** The part of cli-progress that is used; the package ships no types. */
interface CliProgress {
  readonly default: {
    readonly MultiBar: new (options: {
      readonly stream: ProgressStream;
      readonly hideCursor: boolean;
      readonly clearOnComplete: boolean;
    }) => MultiBar;
  };
}

interface MultiBar extends Omit<Bars, "addLine"> {
  create(
    total: number,
    value: number,
    payload: undefined,
    options: { format(options: unknown, state: { readonly maxWidth: number }): string },
  ): unknown;
}

/**
 * A display without lines.
 *
 * @throws TandemError E_PACKAGE where the package that draws them is not installed.
 */
export async function openBars(
  stream: ProgressStream,
  { hideCursor }: { readonly hideCursor: boolean },
): Promise<Bars> {
  const { default: { MultiBar } } = await importOptional<CliProgress>(
    "cli-progress",
    "shows progress on a terminal",
    (name) => import(name),
  );
  const bars = new MultiBar({ stream, hideCursor, clearOnComplete: true });
  return {
    addLine: (format) =>
      void bars.create(1, 0, undefined, { format: (_, { maxWidth }) => format(maxWidth) }),
    log: (text) => bars.log(text),
    update: () => bars.update(),
    stop: () => bars.stop(),
  };
}
