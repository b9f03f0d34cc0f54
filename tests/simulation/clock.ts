/** Time that passes when nothing else is left to do. */
import { setImmediate } from "node:timers";
import type { Clock } from "../../core/kit/context.ts";

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A clock that jumps to the next sleeper's time, so that hours pass in no time and always alike. */
export class SimulatedClock implements Clock {
  #now = 0;
  #count = 0;
  #sleepers: Sleeper[] = [];
  #isPumping = false;

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + milliseconds, order: this.#count++, wake: resolve };
      if (signal?.aborted) return resolve();
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
      this.#pump();
    });
  }

  /** Time that passes while nobody can do anything, as on a slow disk. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** One sleeper a turn of events: what it wakes comes first. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const turn = () => {
      const [next] = this.#sleepers.sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next) return void (this.#isPumping = false);
      this.#sleepers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      setImmediate(turn);
    };
    setImmediate(turn);
  }
}
