import type { Clock } from "@tandem/core";

/** Spaces requests evenly, so many a minute. */
export class RateLimiter {
  #next = -Infinity;

  /** @param perMinute 0 for no limit. */
  constructor(private readonly clock: Clock, private readonly perMinute: number) {}

  /** Waits for the next turn, or until the signal is aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    if (this.perMinute === 0) return;
    const now = this.clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + 60_000 / this.perMinute;
    if (at > now) await this.clock.sleep(at - now, signal);
  }
}

/**
 * Milliseconds to wait before a retry: exponential backoff with equal jitter, half of it fixed
 * (M. Brooker, "Exponential Backoff and Jitter", 2015).
 *
 * @param attempt 0 for the first retry.
 * @param base Milliseconds of the first.
 * @param draw Uniform in [0, 1).
 */
export function backoff(attempt: number, base: number, draw: number): number {
  return Math.min(LONGEST_WAIT, base * 2 ** attempt) * (0.5 + draw / 2);
}

/** No wait is longer, whatever a server asks for. */
export const LONGEST_WAIT = 60_000;
