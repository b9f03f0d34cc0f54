/** Runs trials side by side, each in a thread. */
import type { TrialContent, TrialOutcome } from "../lab/store.ts";
import type { FoundTrial } from "./saved_trial.ts";
import type { FromWorker, SavedTrial, ToWorker, TrialSetting } from "./trial_worker.ts";

/** A trial as {@linkcode runTrials} knows it. */
export interface PoolTrial {
  readonly content: TrialContent;
  /** The key of its content. */
  readonly key: string;
}

/** What {@linkcode runTrials} takes. */
export interface PoolOptions<T extends PoolTrial> {
  /** Threads. */
  readonly jobs: number;
  /** Whether feedback rules given by path run in a sandbox. */
  readonly sandbox: boolean;
  /** Aborted when no trial shall be begun and the running ones shall be given up. */
  readonly signal: AbortSignal;
  /** Where trials that were interrupted stand, and the seconds between two checkpoints of one; none where absent. */
  readonly checkpoints?: {
    readonly seconds: number;
    find(key: string): FoundTrial | undefined;
    keep(key: string, saved: SavedTrial): void;
  };
  /** @param iteration The iterations that it had done when it was interrupted; 0 for one that begins. */
  readonly onStart: (trial: T, iteration: number) => void;
  readonly onIteration: (trial: T, iteration: number) => void;
  /** Called when a trial has ended; not for one that was given up. */
  readonly onEnd: (trial: T, outcome: TrialOutcome) => void;
}

/** Runs all trials, or those that end before the signal. What one throws ends no other. */
export async function runTrials<T extends PoolTrial>(
  trials: readonly T[],
  options: PoolOptions<T>,
): Promise<void> {
  const waiting = trials.values();
  const lanes = Array.from(
    { length: Math.min(options.jobs, trials.length) },
    () => work(waiting, options),
  );
  await Promise.all(lanes);
}

/** One thread after the other takes what waits: a thread that broke is replaced. */
async function work<T extends PoolTrial>(
  waiting: Iterator<T>,
  { signal, sandbox, checkpoints, onStart, onIteration, onEnd }: PoolOptions<T>,
): Promise<void> {
  let thread: TrialThread | undefined;
  try {
    while (!signal.aborted) {
      const { value: trial, done } = waiting.next();
      if (done) return;
      const { content, key } = trial;
      const found = checkpoints?.find(key);
      onStart(trial, found?.iteration ?? 0);
      thread ??= new TrialThread(signal);
      const setting = {
        sandbox,
        saved: found?.saved,
        checkpoints: checkpoints && { key, seconds: checkpoints.seconds },
      };
      const answer = await thread.run(content, setting, {
        onIteration: (iteration) => onIteration(trial, iteration),
        onCheckpoint: (saved) => checkpoints?.keep(key, saved),
      });
      if (answer.type === "stopped") return;
      if (answer.type === "done") onEnd(trial, { record: answer.record });
      else {
        const { code, message } = answer;
        onEnd(trial, { error: { code, message } });
        thread.end();
        thread = undefined;
      }
    }
  } finally {
    thread?.end();
  }
}

/** How a trial ended. */
export type TrialAnswer = Exclude<FromWorker, { type: "iterated" | "checkpoint" }>;

/** Who is told of a trial's course. */
export interface TrialWatch {
  onIteration(iteration: number): void;
  onCheckpoint?(saved: SavedTrial): void;
}

/** A thread that runs one trial after the other, until the signal or one that fails. */
export class TrialThread {
  readonly #worker = new Worker(new URL("./trial_worker.ts", import.meta.url), { type: "module" });
  readonly #stop = () => this.#tell({ type: "stop" });

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", this.#stop);
  }

  /** Runs a trial to its end, whatever that is. */
  run(content: TrialContent, setting: TrialSetting, watch: TrialWatch): Promise<TrialAnswer> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === "iterated") watch.onIteration(data.iteration);
        else if (data.type === "checkpoint") watch.onCheckpoint?.(data.saved);
        else resolve(data);
      };
      this.#worker.onerror = (event) => {
        event.preventDefault(); // The other threads go on.
        resolve({ type: "failed", code: null, message: event.message });
      };
      this.#tell({ type: "run", content, ...setting });
    });
  }

  /** Asks for an end of what runs, which comes after its iteration if it comes. */
  giveUp(): void {
    this.#tell({ type: "stop" });
  }

  end(): void {
    this.signal.removeEventListener("abort", this.#stop);
    this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
