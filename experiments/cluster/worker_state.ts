/** What a worker is at, and how it is told. */
import { systemClock } from "../../core/kit/context.ts";
import type { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import type { TrialMessage, WorkerState } from "./messages.ts";

/** Milliseconds between two signs of life of a worker where nothing begins or ends. */
const SIGN_OF_LIFE = 3000;
/** Milliseconds between two of them at least, however many trials begin and end. */
const LEAST = 100;

/** How a trial ended on a worker. */
export type TrialEnd = "done" | "failed" | "given back";

/** What a worker is at. */
export class Running {
  readonly #running = new Map<TrialMessage, number>();
  #done = 0;
  #failed = 0;
  #news = new AbortController();

  constructor(private readonly worker: Pick<WorkerState, "id" | "host" | "machine" | "jobs">) {}

  get id(): string {
    return this.worker.id;
  }

  started(trial: TrialMessage, iteration: number): void {
    this.#running.set(trial, iteration);
    this.#news.abort();
  }

  iterated(trial: TrialMessage, iteration: number): void {
    this.#running.set(trial, iteration);
  }

  ended(trial: TrialMessage, how: TrialEnd): void {
    this.#running.delete(trial);
    if (how === "done") this.#done++;
    if (how === "failed") this.#failed++;
    this.#news.abort();
  }

  get state(): WorkerState {
    const running = [...this.#running].map(([{ name, content }, iteration]) => ({
      name,
      iteration,
      iterations: content.pipeline.schedule.iterations,
    }));
    return {
      ...this.worker,
      running,
      done: this.#done,
      failed: this.#failed,
      toldAt: Date.now(),
    };
  }

  /** The state, and a signal when a trial has begun or ended since. */
  look(): { readonly state: WorkerState; readonly news: AbortSignal } {
    this.#news = new AbortController();
    return { state: this.state, news: this.#news.signal };
  }
}

/** Tells what a worker is at until the signal: when a trial begins or ends, and as a sign of life. */
export async function tellOn(
  queue: Pick<TrialQueue, "tellWorker">,
  running: Running,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { state, news } = running.look();
    await queue.tellWorker(running.id, state).catch(() => {}); // told when the server is back
    await systemClock.sleep(LEAST, signal);
    await systemClock.sleep(SIGN_OF_LIFE - LEAST, AbortSignal.any([signal, news]));
  }
}
