/** What a report shows of a run's events, in little memory however long the run was. */
import type { AdviceWorth, TandemEvent, TrainingCost } from "@tandem/core";
import { EpisodePicker } from "./episodes.ts";

type Event<K extends TandemEvent["type"]> = Extract<TandemEvent, { type: K }>;

/** A held-out measurement and where in training it was made. */
export type Evaluated = Event<"evaluated"> & { readonly envSteps: number; readonly spent: Spent };

/** What the teacher had cost in training. */
export interface Spent {
  readonly answers: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** The events of a run, sorted by what they are needed for. */
export class RunRecord {
  readonly iterations: Event<"iteration.ended">[] = [];
  readonly evaluations: Evaluated[] = [];
  readonly warnings: string[] = [];
  readonly episodes: EpisodePicker = new EpisodePicker();
  /** When the teacher left, if it did. */
  teacherStop: (Event<"teacher.left"> & { readonly envSteps: number }) | undefined;
  /** What advice is worth at the end, if it was measured. */
  worth: AdviceWorth | undefined;

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
        this.evaluations.push({
          ...event,
          envSteps: this.#envSteps,
          spent: spentBy(this.iterations.at(-1)?.cost),
        });
        break;
      case "teacher.left":
        this.teacherStop = { ...event, envSteps: this.#envSteps };
        break;
      case "advice.measured":
        this.worth = event.worth;
        break;
      case "ledger":
        this.episodes.see(event.rows);
        this.episodes.amend(event.amendments ?? []);
        break;
      case "warning":
        this.warnings.push(event.message);
        break;
    }
  }

  get #envSteps(): number {
    return this.iterations.at(-1)?.envSteps ?? 0;
  }
}

function spentBy(cost: TrainingCost | undefined): Spent {
  if (!cost) return { answers: 0, tokens: 0, seconds: 0 };
  const { teacher: { calls, tokens }, stageSeconds } = cost;
  return { answers: calls, tokens, seconds: stageSeconds.teacher };
}
