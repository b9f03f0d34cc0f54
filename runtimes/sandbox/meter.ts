/** Counts what sandboxed code does, and ends it. */
import type { Clock } from "@tandem/core";

/** Turns of loops, calls and jumps within the engine that make a tick. */
const UNITS_A_TICK = 10_000;
/** What a call out of the engine costs, as for more memory. */
const UNITS_A_CALL_OUT = 1_000;
/** Ticks between two looks at the clock, well below a millisecond. */
const TICKS_A_LOOK = 16;

/** Ends what runs in the engine, which cannot be gone on with. */
export class LimitReached extends Error {
  constructor(readonly limit: "ticks" | "time") {
    super(`the limit of ${limit} is reached`);
  }
}

/** One engine's meter. */
export class Meter {
  #fuel: WebAssembly.Global | undefined;
  #ticks = 0;
  #deadline = Infinity;

  /**
   * @param ticks The most of one call.
   * @param seconds The most of one call by the clock.
   */
  constructor(
    private readonly ticks: number,
    private readonly seconds: number,
    private readonly clock: Clock,
  ) {}

  /** Takes over the engine's fuel, once there is an engine. */
  attach(fuel: WebAssembly.Global): void {
    this.#fuel = fuel;
    this.begin();
  }

  /** A call begins. */
  begin(): void {
    this.#ticks = 0;
    this.#deadline = this.clock.now() + 1000 * this.seconds;
    if (this.#fuel) this.#fuel.value = UNITS_A_TICK;
  }

  /** The engine's fuel is used up. @throws {LimitReached} */
  readonly spent = (): void => {
    if (!this.#fuel) return; // the engine is being made
    const more = Math.ceil((1 - this.#fuel.value) / UNITS_A_TICK);
    const before = this.#ticks;
    this.#ticks += more;
    this.#fuel.value += more * UNITS_A_TICK;
    if (this.#ticks > this.ticks) throw new LimitReached("ticks");
    const isTime = Math.floor(before / TICKS_A_LOOK) < Math.floor(this.#ticks / TICKS_A_LOOK);
    if (isTime && this.clock.now() > this.#deadline) throw new LimitReached("time");
  };

  /** Does work of the host's own, which the deadline does not count. */
  aside<T>(work: () => T): T {
    const started = this.clock.now();
    try {
      return work();
    } finally {
      this.#deadline += this.clock.now() - started;
    }
  }

  /** A function of the host that costs the engine something. */
  charged<A extends unknown[], R>(work: (...values: A) => R): (...values: A) => R {
    return (...values) => {
      if (this.#fuel) this.#fuel.value -= UNITS_A_CALL_OUT;
      return work(...values);
    };
  }
}
