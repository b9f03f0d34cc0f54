/** events.jsonl: one event a line, in the order in which things happened. */
import { TandemError } from "../core/errors.ts";
import type { TandemEvent } from "../core/events.ts";
import { refuseShared } from "../runtimes/files/links.ts";
import { diskError } from "./disk.ts";

/** Lines that wait in memory are written at the latest when they come to this many characters. */
const BUFFER = 1 << 18;

/**
 * Appends events to a file. After a failed write the file is cut back to its last whole line and
 * nothing more is written.
 */
export class EventLog {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #waiting: string[] = [];
  #waitingLength = 0;
  #written = 0;
  #open = true;

  /** @throws {TandemError} E_DISK where the file cannot be made, E_FILE where it is a link. */
  constructor(path: string) {
    this.#path = path;
    try {
      refuseShared(path);
      this.#file = Deno.openSync(path, { create: true, append: true });
      this.#written = this.#file.statSync().size;
    } catch (error) {
      throw diskError(path, error);
    }
  }

  /**
   * Appends an event. Rows of the ledger wait for the event that follows them.
   *
   * @throws {TandemError} E_DISK where the disk takes no more.
   */
  append(event: TandemEvent): void {
    if (!this.#open) return;
    const line = JSON.stringify(event) + "\n";
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (event.type !== "ledger" || this.#waitingLength > BUFFER) this.flush();
  }

  /** Writes what waits. @throws {TandemError} E_DISK where the disk takes no more. */
  flush(): void {
    if (!this.#open || this.#waiting.length === 0) return;
    const bytes = new TextEncoder().encode(this.#waiting.join(""));
    this.#waiting = [];
    this.#waitingLength = 0;
    let done = 0;
    try {
      while (done < bytes.length) done += this.#file.writeSync(bytes.subarray(done));
      this.#written += bytes.length;
    } catch (error) {
      this.#cutBack(bytes.subarray(0, done));
      throw diskError(this.#path, error);
    }
  }

  /**
   * Brings everything onto the disk.
   *
   * @returns The file's length in bytes.
   * @throws {TandemError} E_DISK
   */
  sync(): number {
    this.flush();
    try {
      if (this.#open) this.#file.syncSync();
    } catch (error) {
      throw diskError(this.#path, error);
    }
    return this.#written;
  }

  /** Cuts off what was written behind so many bytes. @throws {TandemError} E_DISK */
  cutTo(bytes: number): void {
    if (!this.#open) return;
    this.flush();
    try {
      this.#file.truncateSync(bytes);
      this.#written = bytes;
    } catch (error) {
      throw diskError(this.#path, error);
    }
  }

  /** Writes what waits and closes the file. @throws {TandemError} E_DISK */
  close(): void {
    if (!this.#open) return;
    try {
      this.flush();
    } finally {
      if (this.#open) this.#file.close();
      this.#open = false;
    }
  }

  /** Ends the file after the last whole line of what a failed write left. */
  #cutBack(left: Uint8Array): void {
    const whole = left.lastIndexOf("\n".charCodeAt(0)) + 1;
    try {
      this.#file.truncateSync(this.#written + whole);
    } catch {
      // A device has no length; a reader skips a broken last line in any case.
    }
    this.#file.close();
    this.#open = false;
  }
}

/**
 * The events of a file, one at a time. A last line that a killed run left unfinished is skipped.
 *
 * @throws {TandemError} E_FILE where the file is missing or a line before the last is no event.
 */
export function* readEvents(path: string): Generator<TandemEvent> {
  const lines = readText(path).split("\n");
  for (const [i, line] of lines.entries()) {
    if (line === "") continue;
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      if (i === lines.length - 1) return;
    }
    if (typeof event !== "object" || event === null || !("type" in event)) {
      throw new TandemError("E_FILE", `Line ${i + 1} of "${path}" is no event of a run.`);
    }
    yield event as TandemEvent;
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new TandemError("E_FILE", `"${path}" cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
