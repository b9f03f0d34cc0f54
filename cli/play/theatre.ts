/** The terminal in which a student plays: draws steps at a pace and listens to keys. */
import { printPainted } from "../print.ts";
import type { Frame } from "./frame.ts";
import { type Key, keysHelp, keysOf } from "./keys.ts";
import type { Player } from "./player.ts";
import { ESCAPE, screen } from "./screen.ts";

/** Steps a second at least and at most. */
const [SLOWEST, FASTEST] = [0.5, 64];

/** What {@linkcode Theatre} is told. */
export interface TheatreOptions {
  readonly episodes?: number;
  /** Steps a second. */
  readonly pace: number;
}

/** Plays until q is pressed, the signal is aborted, or so many episodes have ended. */
export class Theatre {
  #pace: number;
  #isPaused = false;
  /** Whether a person acts, and is waited for at each step. */
  #byHand = false;
  readonly #keys: Key[] = [];
  #wake = () => {};

  constructor(
    private readonly player: Player,
    private readonly options: TheatreOptions,
    private readonly stop: AbortController,
  ) {
    this.#pace = options.pace;
  }

  /** @returns The exit status. */
  async run(): Promise<number> {
    const { signal } = this.stop;
    signal.addEventListener("abort", () => this.#wake());
    Deno.stdin.setRaw(true, { cbreak: true });
    const reading = this.#listen();
    printPainted(`${ESCAPE}?25l`);
    try {
      for (let ended = 0; !signal.aborted && ended < (this.options.episodes ?? Infinity);) {
        const frame = await this.player.step((frame) => this.#decide(frame));
        if (!frame.end || signal.aborted) continue;
        ended++;
        this.#show(frame);
        await this.#wait(3 / this.#pace);
      }
    } finally {
      Deno.stdin.setRaw(false);
      printPainted(`${ESCAPE}?25h`);
      reading.cancel();
    }
    return 0;
  }

  /** Shows what is about to be done until its time has come; by hand, until a key says what to do. */
  async #decide(frame: Frame): Promise<number | void> {
    this.#show(frame);
    for (;;) {
      const key = this.#keys.shift();
      if (this.stop.signal.aborted) return undefined;
      if (key?.does === "act") {
        this.#byHand = true;
        return key.action;
      }
      if (key) {
        if (this.#obey(key)) return undefined;
        continue;
      }
      const isWaiting = this.#isPaused || this.#byHand;
      if (await this.#wait(isWaiting ? Infinity : 1 / this.#pace)) return undefined;
    }
  }

  /** @returns Whether the step is taken now. */
  #obey({ does }: Key): boolean {
    switch (does) {
      case "pause":
        this.#isPaused = !this.#isPaused;
        return false;
      case "step":
        this.#isPaused = true;
        return true;
      case "faster":
      case "slower": {
        const pace = this.#pace * (does === "faster" ? 2 : 0.5);
        this.#pace = Math.min(FASTEST, Math.max(SLOWEST, pace));
        return false;
      }
      case "release":
        this.#byHand = false;
        return false;
      case "next":
        this.player.skipAfterStep();
        return true;
      default:
        this.stop.abort();
        return true;
    }
  }

  #show(frame: Frame): void {
    const lines = screen(frame, keysHelp(this.player.actions));
    printPainted(`${ESCAPE}H${ESCAPE}2J${lines.join("\n")}`);
  }

  /** @returns Whether all the time went by without a key. */
  #wait(seconds: number): Promise<boolean> {
    if (this.#keys.length > 0 || this.stop.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = Number.isFinite(seconds)
        ? setTimeout(() => resolve(true), 1000 * seconds)
        : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  #listen(): { cancel(): void } {
    const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => {
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        this.#keys.push(...keysOf(chunk.value, this.player.actions.length));
        this.#wake();
      }
    };
    read().catch(() => {});
    return { cancel: () => void reader.cancel().catch(() => {}) };
  }
}
