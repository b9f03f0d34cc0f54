/** events.jsonl: one event a line, in the order in which things happened. */
import { TandemError, type TandemEvent } from "@tandem/core";
import { expectFile, refuseShared } from "@tandem/runtimes/files";
import { diskError } from "./disk.ts";
import { eventOf } from "./event_schema.ts";

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

/** A longer line is no event: a text in memory has an end. */
const LONGEST_LINE = 1 << 28;
const CHUNK = 1 << 20;

/**
 * The events of a file, one at a time. A last line that a killed run left unfinished is skipped, and so
 * are lines that are no events; of the latter the reader is told. Behind a line that is too long to be
 * held nothing is read: a file may claim terabytes that were never written.
 *
 * @param warn Told once, at the end, how many lines were no events.
 * @throws {TandemError} E_FILE where the file cannot be read, or holds lines and no event at all.
 */
export function* readEvents(
  path: string,
  warn: (sentence: string) => void = () => {},
): Generator<TandemEvent> {
  let [number, events, damaged, first] = [0, 0, 0, 0];
  for (const { text, isWhole } of linesOf(path)) {
    number++;
    if (text === "") continue;
    const event = text === undefined ? undefined : eventOf(text);
    if (event) {
      events++;
      yield event;
    } else if (isWhole || text === undefined) {
      if (damaged++ === 0) first = number;
    }
    if (text === undefined) break;
  }
  if (damaged === 0) return;
  if (events === 0) {
    throw new TandemError("E_FILE", `"${path}" holds no events of a run: line ${first} is none.`);
  }
  warn(
    damaged === 1
      ? `Line ${first} of "${path}" could not be read and is passed over.`
      : `${damaged} lines of "${path}" could not be read and are passed over, line ${first} first.`,
  );
}

/** A line of a file. */
interface Line {
  /** Undefined where it is too long to be held. */
  readonly text: string | undefined;
  /** Whether a line's end stands behind it. */
  readonly isWhole: boolean;
}

/** The lines of a file, of which no more than one is in memory. */
function* linesOf(path: string): Generator<Line> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array) => {
    length += part.length;
    if (part.length > 0 && length <= LONGEST_LINE) parts.push(part);
  };
  const finish = (isWhole: boolean): Line => {
    const text = length > LONGEST_LINE ? undefined : decoder.decode(joined(parts));
    [parts, length] = [[], 0];
    return { text, isWhole };
  };
  for (const chunk of chunksOf(path)) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      take(chunk.subarray(from, end));
      yield finish(true);
      from = end + 1;
    }
    take(chunk.slice(from));
    if (length > LONGEST_LINE) break;
  }
  if (length > 0) yield finish(false);
}

const LINE_END = "\n".charCodeAt(0);

function* chunksOf(path: string): Generator<Uint8Array> {
  try {
    expectFile(path, Infinity);
    using file = Deno.openSync(path, { read: true });
    for (const chunk = new Uint8Array(CHUNK);;) {
      const read = file.readSync(chunk);
      if (read === null) return;
      yield chunk.subarray(0, read);
    }
  } catch (error) {
    if (error instanceof TandemError) throw error;
    throw new TandemError("E_FILE", `"${path}" cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
