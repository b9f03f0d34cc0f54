/**
 * Ctrl-C and SIGTERM: a command stops within a second, in order where it can.
 *
 * Deno hands a signal to JavaScript only when the event loop turns. Where nobody listens, the system
 * ends the process at once, whatever it is busy with; and a run that is ended so goes on from its last
 * checkpoint. So signals are listened to where the loop turns often, and left to the system elsewhere.
 */
import type { Phase } from "../core/run/scheduler.ts";
import { printError } from "./print.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The exit status of what was stopped. */
export const INTERRUPTED = 130;

/**
 * Milliseconds in which signals are one press: `deno task` hands some on twice, and a terminal sends
 * its own besides.
 */
const ONE_PRESS = 400;

/** Milliseconds after a signal at which work that has not come to an end is left behind. */
const PATIENCE = 500;

/** The same for those who hear signals at once. */
const ALL_EARS = 800;

/** More milliseconds for one who has begun to write what there is. */
const TO_WRITE = 2000;

/** Milliseconds without a turn of the event loop from which on a phase does not hear signals. */
const DEAF = 500;

/** Milliseconds after a signal from which on only what must be is done. */
const LATE = 350;

/** Milliseconds between two looks at whether the event loop turns. */
const LOOK = 50;

/** What {@linkcode Interrupts} takes. */
export interface InterruptsOptions {
  /** Aborted by the first signal. */
  readonly stop: AbortController;
  /** Called when work is left behind, before the process ends. */
  readonly onLeave: () => void;
  /** Milliseconds after the signal at which that is; default: what leaves time to hear it. */
  readonly patience?: number;
}

/** Watches for signals from here until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #options: InterruptsOptions;
  readonly #listener = () => this.#hear();
  /** Whether a phase let the event loop turn often when it was last gone through. */
  readonly #hears = new Map<Phase, boolean>();
  #isListening = false;
  #phase: Phase | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #lastTurn = 0;
  /** When the first signal came. */
  #heard = Infinity;
  #longest = 0;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(options: InterruptsOptions) {
    this.#options = options;
  }

  /** Listens from now on: for those whose event loop always turns. */
  listen(): this {
    if (this.#isListening) return this;
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#listener);
    this.#isListening = true;
    return this;
  }

  /** Leaves signals to the system, which ends the process at once. */
  ignore(): void {
    if (!this.#isListening) return;
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#listener);
    this.#isListening = false;
  }

  /**
   * Tells what the process is about to do. A phase that is new is left to the system: it may keep the
   * event loop from turning, and there is little to lose yet.
   */
  readonly enter = (phase: Phase): void => {
    if (!this.#watch) Deno.unrefTimer(this.#watch = setInterval(() => this.#look(), LOOK));
    this.#look();
    if (this.#phase) this.#hears.set(this.#phase, this.#longest < DEAF);
    this.#longest = 0;
    this.#phase = phase;
    if (this.#options.stop.signal.aborted) return;
    if (this.#hears.get(phase)) this.listen();
    else this.ignore();
  };

  /** Whether so much time has passed since a signal that what can wait shall be left out. */
  get isLate(): boolean {
    return performance.now() - this.#heard > LATE;
  }

  [Symbol.dispose](): void {
    this.ignore();
    clearInterval(this.#watch);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Notes how long it was that the event loop did not turn, or that the phase has lasted since. */
  #look(): void {
    const now = performance.now();
    if (this.#lastTurn > 0) this.#longest = Math.max(this.#longest, now - this.#lastTurn);
    this.#lastTurn = now;
    if (this.#longest >= DEAF && this.#phase && !this.#options.stop.signal.aborted) this.ignore();
  }

  #hear(): void {
    const { stop, patience = PATIENCE } = this.#options;
    if (Number.isFinite(this.#heard)) return; // the same press, handed on twice
    this.#heard = performance.now();
    printError("\nStopping; press Ctrl-C again to end at once.");
    this.#after(ONE_PRESS, () => this.ignore());
    this.#after(patience, () => {
      if (this.#phase !== "end") this.#leave();
      else this.#after(TO_WRITE, () => this.#leave());
    });
    stop.abort();
  }

  #leave(): void {
    this.#options.onLeave();
    Deno.exit(INTERRUPTED);
  }

  #after(milliseconds: number, work: () => void): void {
    this.#timers.push(setTimeout(work, milliseconds));
  }
}

/**
 * Aborts on Ctrl-C and SIGTERM, for a command whose event loop always turns. What has not come to an end
 * within a second is left behind.
 *
 * @param onLeave Called before the process ends then.
 * @returns Gives the signals back to the system.
 */
export function stopOnInterrupt(stop: AbortController, onLeave: () => void): () => void {
  const interrupts = new Interrupts({ stop, onLeave, patience: ALL_EARS }).listen();
  return () => interrupts[Symbol.dispose]();
}
