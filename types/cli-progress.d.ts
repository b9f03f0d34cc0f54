/** The part of cli-progress that Tandem uses; the package ships no types. */
export interface BarParams {
  /** Share done, 0 to 1. */
  readonly progress: number;
  readonly value: number;
  readonly total: number;
  /** Columns of the terminal. */
  readonly maxWidth: number;
}

export interface BarOptions {
  /** Where the bars are drawn. */
  stream?: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  hideCursor?: boolean;
  clearOnComplete?: boolean;
  linewrap?: boolean;
  fps?: number;
  format?: (options: BarOptions, params: BarParams, payload: unknown) => string;
}

export interface Bar {
  update(value: number): void;
  setTotal(total: number): void;
}

export class MultiBar {
  constructor(options: BarOptions);
  create(total: number, startValue: number, payload?: unknown, options?: BarOptions): Bar;
  /** Prints a line above the bars at the next update. */
  log(line: string): void;
  update(): void;
  stop(): void;
}

declare const progress: { MultiBar: typeof MultiBar };
export default progress;
