/**
 * Errors that a user can act on: what was wrong, the value in quotes, what would be right, and a
 * code that docs/errors.md explains. Anything else that is thrown is a defect of Tandem or of a plugin.
 */

import { outsideText } from "./outside.ts";

/** Registered, so that every copy of this package knows the errors of the others. */
const ERROR = Symbol.for("tandem.error");

/** A longer sentence is not read. */
const LONGEST_MESSAGE = 4000;

/**
 * Who has to act on an error: the user, on options, files, numbers or the disk (exit 2), or the author
 * of what failed while it ran (exit 1).
 */
export type ErrorKind = "input" | "run";

/**
 * Every code with its kind and its meaning. docs/errors.md is held to this table by a test, and no
 * code exists outside it.
 */
export const ERROR_CODES = {
  E_OPTION: ["input", "An option is unknown or its value does not fit."],
  E_ARGUMENT: ["input", "The command line is not understood."],
  E_PLUGIN: ["input", "A plugin is unknown, cannot be loaded, or is no plugin."],
  E_SLOT: ["input", "A plugin stands in a stage of another kind."],
  E_WIRING: ["input", "Two stages do not fit together."],
  E_PIPELINE: ["input", "A pipeline's JSON or module cannot be read."],
  E_LEVEL: ["input", "The level is unknown, or one of your own cannot be built."],
  E_ACTION: ["input", "An action is out of range or an episode is over."],
  E_FILE: ["input", "A file is missing, cannot be read, or stands in the way."],
  E_TRACE: ["input", "A trace file is malformed."],
  E_MODEL: ["input", "A model folder is incomplete, truncated or not a model."],
  E_TOKENIZER: ["input", "A tokenizer is malformed or does not fit its model."],
  E_PROMPT: ["input", "A prompt or a candidate cannot be given to the model."],
  E_PACKAGE: ["input", "A package that is needed is not installed and cannot be fetched."],
  E_DOWNLOAD: ["run", "A download failed or does not match its checksum."],
  E_DEVICE: ["input", "The device asked for is not present, or a model gives other numbers there."],
  E_NUMERIC: ["input", "A loss or a value became NaN or infinite."],
  E_CLUSTER: ["input", "A cluster does not answer, or does not take this machine."],
  E_PERMISSION: ["input", "A document names what its owner has not allowed."],
  E_TEACHER: ["run", "A teacher gives no usable answer."],
  E_SHAPE: ["run", "A stage returned values of the wrong shape."],
  E_STAGE: ["run", "A stage failed while it ran."],
  E_DISK: ["input", "The run's folder cannot be written."],
  E_CHECKPOINT: ["input", "A checkpoint is missing, damaged, or of another version or run."],
  E_RUN_BUSY: ["input", "Another process is at work on the run."],
  E_RUN_EXISTS: ["input", "The run's folder holds something else already."],
} as const satisfies Record<string, readonly [ErrorKind, string]>;

/** A code of {@linkcode ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An error with a code. Its message is one sentence for the person who reads it, which a terminal can
 * show as it is: control characters are written out, and what goes beyond 4,000 characters is left out.
 *
 * @example
 * ```ts
 * import { TandemError } from "@tandem/core";
 * import assert from "node:assert/strict";
 * const error = new TandemError("E_LEVEL", 'No level is named "GoToMoon".');
 * assert.equal(error.kind, "input");
 * assert.equal(String(error), 'E_LEVEL: No level is named "GoToMoon".');
 * ```
 */
export class TandemError extends Error {
  /** Always "TandemError", by which one from another copy of the package is known, too. */
  override readonly name = "TandemError";
  /** The code, a key of {@linkcode ERROR_CODES}. */
  readonly code: ErrorCode;
  /** The stage that was at work, where one was. */
  stage?: string;

  /**
   * An error that a user reads.
   *
   * @param code One of {@linkcode ERROR_CODES}.
   * @param message One sentence: what was wrong, the value in quotes, what would be right.
   * @param options `cause`: the error underneath, for the log; `stage`: the stage at work.
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { stage?: string }) {
    // Parts of it came from outside, perhaps by way of a schema or of the system's own words.
    super(outsideText(message, { max: LONGEST_MESSAGE, lines: true }), options);
    this.code = code;
    this.stage = options?.stage;
  }

  /** Whether it is such an error: of this copy of the package, or of another in the same program. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== TandemError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && ERROR in value;
  }

  static {
    Object.defineProperty(this.prototype, ERROR, { value: true });
  }

  /** Who has to act: "input" errors exit with 2, "run" errors with 1. */
  get kind(): ErrorKind {
    return ERROR_CODES[this.code][0];
  }

  /** The code and the sentence. */
  override toString(): string {
    return `${this.code}: ${this.message}`;
  }
}

/**
 * The candidate nearest to a mistyped word (Damerau-Levenshtein distance at most a third of its
 * length, at least 2), or undefined. The same name in another version comes first, then names with the
 * same numbers.
 *
 * @param word What was typed.
 * @param candidates What would have been right.
 * @example
 * ```ts
 * import { nearest } from "./errors.ts";
 * import assert from "node:assert/strict";
 * assert.equal(nearest("lamda", ["lambda", "gamma"]), "lambda");
 * assert.equal(nearest("zebra", ["lambda", "gamma"]), undefined);
 * assert.equal(nearest("MazeS6-v0", ["MazeS4-v0", "MazeS6-v1"]), "MazeS6-v1");
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const [a, b] = [word.toLowerCase(), candidate.toLowerCase()];
    // Another version of the same is meant before another thing of the same version.
    const distance = versionless(a) === versionless(b) ? 0.5 : editDistance(a, b) +
      (numbersIn(a) === numbersIn(b) ? 0 : 0.5);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** "gotoobjs6" of "gotoobjs6-v1". */
function versionless(name: string): string {
  return name.replace(/-v\d+$/, "");
}

/** The numbers in a name but its version: they tell sizes apart, and a slip of the pen seldom makes one. */
function numbersIn(name: string): string {
  return (versionless(name).match(/\d+/g) ?? []).join();
}

/** " Did you mean "X"?" with a leading space, or the empty string where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const name = nearest(word, candidates);
  return name === undefined ? "" : ` Did you mean "${name}"?`;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      }
      row.push(distance);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
