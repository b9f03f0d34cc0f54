/** What other programs see of a run while it goes on: its scalars, event by event. */
import type { EventSink, TandemEvent } from "@tandem/core";
import { EventScalars } from "../export/scalars.ts";
import type { Scalar } from "../export/tensorboard.ts";

/** Takes a run's scalars as they come. No method throws: a run does not end for what is said of it. */
export interface RunLog {
  /** Takes the scalars of one event. */
  add(scalars: readonly Scalar[]): void;
  /** Begins anew, where the run goes on from a checkpoint and all before is told again; absent where what was told stands. */
  restart?(): void;
  /** The run is over, well or not. */
  end(isDone: boolean): Promise<void>;
}

/** What {@linkcode RunLogs} takes. */
export interface RunLogsOptions {
  readonly logs: readonly RunLog[];
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** The events that the run's folder holds now. */
  readonly kept: () => Iterable<TandemEvent>;
}

/** The logs of one run. */
export class RunLogs {
  #scalars: EventScalars;

  constructor(private readonly options: RunLogsOptions) {
    this.#scalars = new EventScalars(options.startedAt);
  }

  /** Told of each event after the run's folder. */
  readonly sink: EventSink = (event) => {
    const { logs, kept } = this.options;
    if (logs.length === 0) return;
    if (event.type === "run.resumed" || event.type === "run.fell-back") this.#again(kept());
    const scalars = this.#scalars.of(event);
    if (scalars.length > 0) { for (const log of logs) log.add(scalars); }
  };

  /** What came after the checkpoint has not happened. */
  #again(events: Iterable<TandemEvent>): void {
    this.#scalars = new EventScalars(this.options.startedAt);
    const renewed = this.options.logs.filter((log) => log.restart);
    for (const log of renewed) log.restart!();
    for (const event of events) {
      const scalars = this.#scalars.of(event);
      if (scalars.length > 0) { for (const log of renewed) log.add(scalars); }
    }
  }

  /** The run is over. */
  async end(isDone: boolean): Promise<void> {
    for (const log of this.options.logs) await log.end(isDone);
  }
}
