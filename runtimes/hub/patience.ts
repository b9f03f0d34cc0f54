/** Trying again: what may pass is waited for, what stalls is given up. */
import { type Clock, systemClock, type TandemError } from "@tandem/core";
import { retryAfter } from "./retry_after.ts";

/** How patiently a server is asked. */
export interface Patience {
  /** Milliseconds without a kilobyte after which a connection is given up. Default 30,000. */
  readonly stall?: number;
  /** Attempts in a row that may bring nothing. Default 5. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one. Default 500. */
  readonly backoff?: number;
  /** The longest wait in milliseconds that a server may ask for. Default 120,000. */
  readonly longestWait?: number;
  /** What time is read from. Default: the machine's. */
  readonly clock?: Clock;
}

/** Attempts at most, however little each brings. */
const MOST_ATTEMPTS = 100;
/** Fewer bytes than this in a whole `stall` count as none: else a drop now and then lasts for ever. */
const LEAST_BYTES = 1024;

/** What is told to go on: another attempt may do better. */
export class Interrupted extends Error {
  /** @param after Milliseconds that the server wants to be left alone. */
  constructor(message: string, readonly after?: number) {
    super(message);
  }
}

/** Whether a server that answers so may answer otherwise a little later. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** The interruption that an answer of a passing status is. */
export function passingAnswer({ status, headers }: Response): Interrupted {
  return new Interrupted(`was answered with ${status}`, retryAfter(headers));
}

/** What {@linkcode insist} needs to know. */
export interface Insistence {
  readonly patience: Patience;
  readonly signal?: AbortSignal;
  /** What has been reached so far, as a number that grows; attempts that add to it are free. */
  readonly reached?: () => Promise<number>;
  /** The error for the last reason. */
  readonly failed: (why: string) => TandemError;
}

/**
 * Does `work`, and again after each {@linkcode Interrupted}, as patience has it.
 *
 * @throws Whatever else `work` throws, the signal's reason, or what `failed` makes of the last reason.
 */
export async function insist<T>(
  work: () => Promise<T>,
  { patience, signal, reached = () => Promise.resolve(0), failed }: Insistence,
): Promise<T> {
  const { attempts = 5, backoff = 500, longestWait = 120_000, clock = systemClock } = patience;
  let idle = 0;
  for (let attempt = 0;; attempt++) {
    const before = await reached();
    let interrupted: Interrupted;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      interrupted = error;
    }
    const { message, after = 0 } = interrupted;
    idle = await reached() > before ? 0 : idle + 1;
    if (after > longestWait) {
      throw failed(`it ${message} and is to be asked again in ${Math.ceil(after / 1000)} s only`);
    }
    if (idle >= attempts || attempt >= MOST_ATTEMPTS) {
      throw failed(`it ${message} ${idle} times in a row`);
    }
    await clock.sleep(Math.max(after, idle === 0 ? 0 : backoff * 2 ** (idle - 1)), signal);
    signal?.throwIfAborted();
  }
}

/** Aborts a request when next to nothing has come for a while. */
export class Watch implements Disposable {
  readonly #abort = new AbortController();
  readonly #stall: number;
  readonly #clock: Clock;
  #timer = new AbortController();
  #bytes = 0;
  stalled = false;
  readonly signal: AbortSignal;

  constructor({ stall = 30_000, clock = systemClock }: Patience, outer: AbortSignal | undefined) {
    this.#stall = stall;
    this.#clock = clock;
    this.signal = outer ? AbortSignal.any([outer, this.#abort.signal]) : this.#abort.signal;
    this.#restart();
  }

  /** Takes note of bytes that came. */
  touch(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_BYTES) this.#restart();
  }

  [Symbol.dispose](): void {
    this.#timer.abort();
  }

  #restart(): void {
    this.#timer.abort();
    const timer = this.#timer = new AbortController();
    this.#bytes = 0;
    this.#clock.sleep(this.#stall, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      this.stalled = true;
      this.#abort.abort();
    });
  }
}
