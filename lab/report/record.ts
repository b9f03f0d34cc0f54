/** What a report shows of a run's events, in little memory however long the run was. */
import type { TandemEvent } from "../../core/events.ts";
import { EpisodePicker } from "./episodes.ts";

type Event<K extends TandemEvent["type"]> = Extract<TandemEvent, { type: K }>;

/** A held-out measurement and where in training it was made. */
export type Evaluated = Event<"evaluated"> & { readonly envSteps: number };

/** The events of a run, sorted by what they are needed for. */
export class RunRecord {
  readonly iterations: Event<"iteration.ended">[] = [];
  readonly evaluations: Evaluated[] = [];
  readonly warnings: string[] = [];
  readonly episodes: EpisodePicker = new EpisodePicker();

  /** @param events In the order in which they happened. */
  constructor(events: Iterable<TandemEvent> = []) {
    for (const event of events) this.see(event);
  }

  /** Takes an event in. */
  see(event: TandemEvent): void {
    switch (event.type) {
      case "iteration.ended":
        this.iterations.push(event);
        break;
      case "evaluated":
        this.evaluations.push({ ...event, envSteps: this.iterations.at(-1)?.envSteps ?? 0 });
        break;
      case "ledger":
        this.episodes.see(event.rows);
        break;
      case "warning":
        this.warnings.push(event.message);
        break;
    }
  }
}
