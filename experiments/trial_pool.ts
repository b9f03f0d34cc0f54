/** Runs trials side by side, each in a thread. */
import { TandemError } from "../core/base/errors.ts";
import type { StageStates } from "../core/run/result.ts";
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
  /** The keys of trials that one begins from: where they are among these, it waits for their ends. */
  readonly after?: (trial: T) => readonly string[];
  /** What a trial's stages begin with. @throws {TandemError} Where it is not there: the trial fails. */
  readonly learnedFor?: (trial: T) => Promise<TrialSetting["learned"]>;
  /** Which of a trial's states are handed to `onEnd`. */
  readonly keeps?: (trial: T) => TrialSetting["keeps"];
  /** Called when a trial has ended; not for one that was given up. */
  readonly onEnd: (trial: T, outcome: TrialOutcome, states: StageStates) => void;
}

/** Runs all trials, or those that end before the signal. What one throws ends no other. */
export async function runTrials<T extends PoolTrial>(
  trials: readonly T[],
  options: PoolOptions<T>,
): Promise<void> {
  const queue = new Queue(trials, options.after ?? (() => []));
  const lanes = Array.from(
    { length: Math.min(options.jobs, trials.length) },
    () => work(queue, options),
  );
  await Promise.all(lanes);
}

/** Trials that wait, some of them for others to end. */
class Queue<T extends PoolTrial> {
  readonly #waiting: T[];
  /** Keys of those that have not ended. */
  readonly #open: Set<string>;
  #turn = Promise.withResolvers<void>();
  #running = 0;

  constructor(trials: readonly T[], private readonly after: (trial: T) => readonly string[]) {
    this.#waiting = [...trials];
    this.#open = new Set(trials.map(({ key }) => key));
  }

  /** The first that waits for none; undefined when all are taken. */
  async next(): Promise<T | undefined> {
    while (this.#waiting.length > 0) {
      const isReady = (trial: T) => this.after(trial).every((key) => !this.#open.has(key));
      const at = this.#waiting.findIndex(isReady);
      // No circle is among them; were there one, its trials would be left.
      if (at < 0 && this.#running === 0) return undefined;
      if (at >= 0) {
        this.#running++;
        return this.#waiting.splice(at, 1)[0];
      }
      await this.#turn.promise;
    }
  }

  /** Notes that a trial that was taken is over. */
  ended({ key }: T): void {
    this.#running--;
    this.#open.delete(key);
    this.#turn.resolve();
    this.#turn = Promise.withResolvers();
  }
}

/** One thread after the other takes what waits: a thread that broke is replaced. */
async function work<T extends PoolTrial>(
  queue: Queue<T>,
  options: PoolOptions<T>,
): Promise<void> {
  const { signal, onEnd } = options;
  let thread: TrialThread | undefined;
  try {
    while (!signal.aborted) {
      const trial = await queue.next();
      if (!trial || signal.aborted) return;
      try {
        const setting = await settingOf(trial, options);
        thread ??= new TrialThread(signal);
        const answer = await runIn(thread, trial, setting, options);
        if (answer.type === "stopped") return;
        if (answer.type === "done") onEnd(trial, { record: answer.record }, answer.states);
        else {
          const { code, message } = answer;
          onEnd(trial, { error: { code, message } }, {});
          thread.end();
          thread = undefined;
        }
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
        onEnd(trial, { error: { code: error.code, message: error.message } }, {});
      } finally {
        queue.ended(trial);
      }
    }
  } finally {
    thread?.end();
  }
}

/** What stands between a trial and its beginning. */
async function settingOf<T extends PoolTrial>(
  trial: T,
  { sandbox, checkpoints, learnedFor, keeps }: PoolOptions<T>,
): Promise<TrialSetting> {
  return {
    sandbox,
    checkpoints: checkpoints && { key: trial.key, seconds: checkpoints.seconds },
    learned: await learnedFor?.(trial),
    keeps: keeps?.(trial),
  };
}

function runIn<T extends PoolTrial>(
  thread: TrialThread,
  trial: T,
  setting: TrialSetting,
  { checkpoints, onStart, onIteration }: PoolOptions<T>,
): Promise<TrialAnswer> {
  const { content, key } = trial;
  const found = checkpoints?.find(key);
  onStart(trial, found?.iteration ?? 0);
  return thread.run(content, { ...setting, saved: found?.saved }, {
    onIteration: (iteration) => onIteration(trial, iteration),
    onCheckpoint: (saved) => checkpoints?.keep(key, saved),
  });
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
