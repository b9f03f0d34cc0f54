/** Adds up how long each stage works. */
import type { Clock } from "../../kit/context.ts";
import { andThen } from "../../kit/guidance.ts";
import { stageTable } from "../../pipeline/pipeline.ts";
import type { MaybePromise, StageKind } from "../../stages/mod.ts";

/** Times work by the stage that does it. */
export class Stopwatch {
  /** Seconds so far. */
  readonly seconds: Record<StageKind, number> = stageTable(() => 0);

  constructor(private readonly clock: Clock) {}

  time<T>(kind: StageKind, work: () => T): T {
    const started = this.clock.now();
    const result = work();
    this.add(kind, started);
    return result;
  }

  /** The same for work that may have to wait; without a promise where it has not. */
  timeAsync<T>(kind: StageKind, work: () => MaybePromise<T>): MaybePromise<T> {
    const started = this.clock.now();
    return andThen(work(), (result) => {
      this.add(kind, started);
      return result;
    });
  }

  /** Adds the time since a moment of the clock; gives the present one. */
  add(kind: StageKind, started: number): number {
    const now = this.clock.now();
    this.seconds[kind] += (now - started) / 1000;
    return now;
  }
}
