/**
 * A Python process that answers frames. Its caller waits: an env's step is no promise. Frames go through
 * two FIFOs, which can be read and written without the event loop, as pipes of a child cannot.
 */
import { type Clock, TandemError } from "@tandem/core";
import { builtin, type Builtins, isWindows, outsideText } from "@tandem/core/internal";

/** Where programs put what does not last; Windows is refused. */
const TEMPORARY = "/tmp/tandem-gymnasium-";

/** All that Python has of an environment; Deno would read the second one itself. */
const ENVIRONMENT = {
  LANG: "C.UTF-8",
  NODE_V8_COVERAGE: "",
  PYGAME_HIDE_SUPPORT_PROMPT: "1",
  PYTHONDONTWRITEBYTECODE: "1",
  SDL_VIDEODRIVER: "dummy",
};

/** Characters of the first line, and bytes of what follows the rows of a frame. */
const [LONGEST_LINE, MOST_BYTES] = [2 ** 24, 2 ** 28];

/** Bytes before a frame's body: its length and what it is. */
export const HEAD = 8;

type Child = ReturnType<Builtins["node:child_process"]["spawn"]>;

/** What is started. */
export interface PythonProgram {
  /** The Python. */
  readonly python: string;
  /** The program's text. */
  readonly source: string;
  /** What it is told, as JSON; a folder is added, in which it makes "requests" and "answers". */
  readonly setting: Readonly<Record<string, unknown>>;
  /** Seconds until it has to have said its first line. */
  readonly timeout: number;
}

/** What a frame says. */
export interface Frame {
  /** What it is. */
  readonly kind: number;
  /** The part that did not fit into the caller's buffer. */
  readonly more: Uint8Array;
}

/** A process that said its first line. */
export class PythonProcess {
  readonly #fs = builtin("node:fs");

  private constructor(
    /** What it said. */
    readonly line: string,
    private readonly child: Child,
    private readonly fifos: { readonly requests: number; readonly answers: number } | undefined,
  ) {}

  /**
   * Starts it and waits for its first line.
   *
   * @throws {TandemError} E_PACKAGE where there is no such Python, or it ends; E_PERMISSION where it may
   * not be started; E_DEVICE where the system has no FIFOs.
   */
  static async start(program: PythonProgram, clock: Clock): Promise<PythonProcess> {
    if (isWindows()) throw noFifos();
    const fs = builtin("node:fs");
    const folder = allowed(program.python, () => fs.mkdtempSync(TEMPORARY));
    try {
      const child = allowed(program.python, () => spawn(program, folder));
      try {
        const line = await firstLine(child, program, clock);
        return new PythonProcess(line, child, openFifos(folder));
      } catch (error) {
        child.kill("SIGKILL");
        throw error;
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true }); // what is open stays open
    }
  }

  /**
   * Sends a frame and waits for the answer.
   *
   * @param request The whole frame, its length included.
   * @param into Takes the answer from its head on, as far as it goes.
   * @throws What the system says where the process has ended.
   */
  ask(request: Uint8Array, into: Uint8Array): Frame {
    const { requests, answers } = this.fifos!;
    for (let at = 0; at < request.length;) {
      at += this.#fs.writeSync(requests, request, at, request.length - at);
    }
    const read = this.#fs.readSync(answers, into, 0, into.length, null);
    this.#fill(into.subarray(0, HEAD), read);
    const head = new DataView(into.buffer, into.byteOffset, HEAD);
    const size = head.getUint32(0, true) + 4;
    if (size < HEAD || size > into.length + MOST_BYTES) throw new Error("it is no frame");
    this.#fill(into.subarray(0, Math.min(size, into.length)), Math.max(read, HEAD));
    const more = new Uint8Array(Math.max(0, size - into.length));
    this.#fill(more, 0);
    return { kind: head.getUint32(4, true), more };
  }

  /** Ends the process. */
  async close(): Promise<void> {
    for (const fd of Object.values(this.fifos ?? {})) this.#fs.closeSync(fd);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.ref();
    this.child.kill("SIGKILL");
    await ended;
  }

  /** Reads until the bytes are full. */
  #fill(bytes: Uint8Array, from: number): void {
    for (let at = from; at < bytes.length;) {
      const read = this.#fs.readSync(this.fifos!.answers, bytes, at, bytes.length - at, null);
      if (read === 0) throw new Error("it has ended");
      at += read;
    }
  }
}

function spawn({ python, source, setting }: PythonProgram, folder: string): Child {
  return builtin("node:child_process").spawn(
    python,
    ["-W", "ignore", "-c", source, JSON.stringify({ ...setting, folder })],
    { env: ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] },
  );
}

/** @throws {TandemError} E_PACKAGE where the process ends, or says nothing in time. */
async function firstLine(child: Child, program: PythonProgram, clock: Clock): Promise<string> {
  const { python, timeout } = program;
  const done = new AbortController();
  let [line, complaints] = ["", ""];
  child.stderr!.on("data", (data) => complaints = (complaints + data).slice(-2000));
  const said = new Promise<string>((resolve, reject) => {
    child.stdin!.on("error", () => {}); // the process has ended, which is told by its exit
    child.on("error", (error) => reject(notStarted(python, error)));
    child.on("close", () => line.includes("\n") || reject(ended(python, complaints)));
    child.stdout!.on("data", (data) => {
      line += data;
      if (line.includes("\n")) resolve(line.slice(0, line.indexOf("\n")));
      else if (line.length > LONGEST_LINE) reject(ended(python, "it said too much"));
    });
  });
  const late = clock.sleep(1000 * timeout, done.signal).then(() => {
    if (!done.signal.aborted) throw tooLate(python, timeout);
    return "";
  });
  try {
    return await Promise.race([said, late]);
  } finally {
    done.abort();
    letGo(child);
  }
}

/** The process is no reason for this one to go on: it ends with it. */
function letGo(child: Child): void {
  if (child.pid === undefined) return; // it was not started
  child.unref();
  for (const stream of child.stdio) (stream as { unref?(): void } | null)?.unref?.();
}

/** Opens this side's ends. The process has both ends of both, so that nothing waits for it. */
function openFifos(folder: string): { requests: number; answers: number } | undefined {
  const fs = builtin("node:fs");
  const [requests, answers] = [`${folder}/requests`, `${folder}/answers`];
  if (!fs.existsSync(requests) || !fs.existsSync(answers)) return undefined; // it has refused
  // Were the process gone by now, opening one end alone would wait for ever.
  const guards = [requests, answers].map((path) => fs.openSync(path, "r+"));
  try {
    return { requests: fs.openSync(requests, "w"), answers: fs.openSync(answers, "r") };
  } finally {
    for (const guard of guards) fs.closeSync(guard);
  }
}

/** What the work comes to. @throws {TandemError} E_PERMISSION where Deno does not allow it. */
function allowed<T>(python: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw notStarted(python, error as Error);
  }
}

function notStarted(python: string, error: Error & { code?: unknown }): TandemError {
  const shown = outsideText(python);
  if (/NotCapable|Requires \w+ access/.test(`${error.name} ${error.message}`)) {
    return new TandemError(
      "E_PERMISSION",
      `Gymnasium runs in "${shown}", which may not be started: grant it, by TANDEM_ALLOW="` +
        `--allow-run=${shown} --allow-env=NODE_V8_COVERAGE --allow-write=/tmp" before the command.`,
    );
  }
  return new TandemError(
    "E_PACKAGE",
    `Gymnasium runs in "${shown}", and there is no such program ` +
      `(${
        outsideText(String(error.code ?? error.message), { max: 200 })
      }): install Python from 3.9 ` +
      "on, or name another with env.python.",
  );
}

function ended(python: string, complaints: string): TandemError {
  const last = outsideText(complaints.trim().split("\n").at(-1) ?? "", { max: 300 });
  return new TandemError(
    "E_PACKAGE",
    `"${outsideText(python)}" ended before it had said what its environments look like` +
      `${last && ` ("${last}")`}: env.python names Python from 3.9 on.`,
  );
}

function tooLate(python: string, timeout: number): TandemError {
  return new TandemError(
    "E_PACKAGE",
    `"${outsideText(python)}" did not start its environments within "${timeout}" seconds.`,
  );
}

function noFifos(): TandemError {
  return new TandemError(
    "E_DEVICE",
    "Gymnasium's environments are reached by named pipes, which Windows has not as files: its " +
      "Subsystem for Linux has.",
  );
}
