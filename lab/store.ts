/** The store of trials: a SQLite file in which what was done once stays done. */
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import * as v from "valibot";
import { type PipelineJson, TandemError } from "@tandem/core";
import { expectFile, readSlice, refuseShared } from "@tandem/runtimes/files";
import { canonical, sha256 } from "./digest.ts";
import { diskError } from "./disk.ts";
import type { TrialRecord } from "./trial.ts";
import { readRecord } from "./trial_schema.ts";
import { withoutPlaces } from "./sources.ts";
import { PLAN_HASH } from "./test_summary.ts";

/** Everything that decides what a trial comes to. */
export interface TrialContent {
  /** The pipeline in full. */
  readonly pipeline: PipelineJson;
  /** The run's seed. */
  readonly seed: number;
  /** The device that computes, as `auto` was resolved. */
  readonly device: string;
  /** Tandem's version. */
  readonly version: string;
  /** SHA-256 of the files that the pipeline names, such as plugins and models, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The hash of the plan on whose test worlds it ends; on development worlds alone where absent. */
  readonly testPlan?: string;
}

/** A plan whose test worlds were seen by trials of a store. */
export interface TestedPlan {
  /** Its hash. */
  readonly plan: string;
  /** Trials that ended on its worlds, and when the first of them did. */
  readonly trials: number;
  /** When it first was. */
  readonly since: Date;
}

/** What a trial came to: a record, or the error that ended it. */
export type TrialOutcome =
  | { readonly record: TrialRecord }
  | { readonly error: { readonly code: string | null; readonly message: string } };

/** The key of a trial: SHA-256 over its content. What it is called does not matter. */
export function trialKey(content: TrialContent): string {
  const { name: _, description: __, ...pipeline } = content.pipeline;
  return sha256(canonical({ ...content, pipeline: withoutPlaces(pipeline) }));
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
  create table trials (
    key text primary key,
    content text not null,
    record blob,
    error text,
    finished text not null
  ) strict`;
/** All that a store's schema holds; a view, a trigger or a generated column could run without an end. */
const PARTS = `table trials ${asKept(SCHEMA)}, index sqlite_autoindex_trials_1`;

/** A record unpacks to at most so many bytes; the largest that is sensible has some ten million. */
const LONGEST_RECORD = 1 << 28;
/** Milliseconds for which a store that another process is writing to is waited for. */
const PATIENCE = 5000;

/** What {@linkcode TrialStore} may be told. */
export interface TrialStoreOptions {
  /** Told of each row that cannot be read, once. */
  readonly warn?: (sentence: string) => void;
  /** Whether it is made where there is none; default true. */
  readonly makes?: boolean;
}

/** A row as it lies in the file, of whatever types. */
type StoredRow = Readonly<Record<"record" | "error" | "finished" | "size", unknown>>;

/** A row that was understood. */
interface KnownRow {
  readonly outcome: TrialOutcome;
  readonly finished: Date;
}

/**
 * Keeps trials in a file. Every write is whole or did not happen, also where the power fails. A row
 * that is damaged is told of and counts as a trial that was never ended.
 */
export class TrialStore implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #warn: (sentence: string) => void;
  readonly #told = new Set<string>();

  /**
   * Opens the store of a file, or makes it.
   *
   * @param path The file, made where there is none.
   * @throws {TandemError} E_DISK where it cannot be written, E_FILE where it is no store or leads
   * elsewhere, E_RUN_BUSY where another process does not let go of it.
   */
  constructor(path: string, { warn = () => {}, makes = true }: TrialStoreOptions = {}) {
    this.#path = path;
    this.#warn = warn;
    expectOwnFiles(path);
    try {
      this.#database = new DatabaseSync(path);
    } catch (error) {
      throw diskError(path, error);
    }
    try {
      this.#try(() => this.#prepare(makes));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** What is known of a trial; undefined where it was never ended. */
  get(key: string): TrialOutcome | undefined {
    return this.#read(key)?.outcome;
  }

  /** Whether there is a row for a trial, readable or not. */
  has(key: string): boolean {
    const query = "select 1 from trials where key = ?";
    return this.#try(() => this.#database.prepare(query).get(key)) !== undefined;
  }

  /** Whether a trial ended, and how; undefined where it never did. */
  status(key: string): "done" | "failed" | undefined {
    const outcome = this.get(key);
    return outcome && ("record" in outcome ? "done" : "failed");
  }

  /** When a trial ended; undefined where it never did. */
  finishedAt(key: string): Date | undefined {
    return this.#read(key)?.finished;
  }

  /** Keeps what a trial came to. A record is never replaced; an error is, by what came later. */
  put(key: string, content: TrialContent, outcome: TrialOutcome, finished: Date): void {
    if (this.status(key) === "done") return;
    const record = "record" in outcome ? gzipSync(JSON.stringify(outcome.record)) : null;
    const error = "error" in outcome ? JSON.stringify(outcome.error) : null;
    this.#try(() =>
      this.#database.prepare("insert or replace into trials values (?, ?, ?, ?, ?)")
        .run(key, JSON.stringify(content), record, error, finished.toISOString())
    );
  }

  /** The plans whose test worlds were seen, the first one first. What is damaged is passed over. */
  testedPlans(): TestedPlan[] {
    const rows = this.#try(() => this.#database.prepare(TESTED).all());
    return rows.flatMap((row) => {
      const parsed = v.safeParse(TESTED_PLAN, row);
      return parsed.success ? [parsed.output] : [];
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Looks what the file is; writes where it is new, so that a store on a read-only disk can be read. */
  #prepare(makes: boolean): void {
    // Before anything else: every other statement may meet a lock.
    this.#database.exec(`pragma busy_timeout = ${PATIENCE}`);
    this.#database.exec("pragma synchronous = full");
    const { user_version: version } = this.#database.prepare("pragma user_version").get()!;
    if (Number(version) > SCHEMA_VERSION) {
      throw new TandemError(
        "E_FILE",
        `"${this.#path}" was written by a later Tandem: its format is "${version}", and this one reads "${SCHEMA_VERSION}".`,
      );
    }
    const parts = this.#parts();
    if (parts.length === 0 && Number(version) === 0 && makes) return this.#create();
    if (parts.join(", ") !== PARTS) throw this.#noStore();
  }

  #create(): void {
    // Two processes may make it at once: the second finds it made when it has its turn.
    this.#database.exec("begin immediate");
    const made = this.#parts().length > 0;
    this.#database.exec(made ? "commit" : `${SCHEMA}; pragma user_version = 1; commit`);
  }

  /** What the file's schema holds, the statement of each with it. */
  #parts(): string[] {
    const query = "select type, name, sql from sqlite_master order by type desc, name limit 10";
    const rows = this.#database.prepare(query).all();
    return rows.map(({ type, name, sql }) => `${type} ${name} ${asKept(String(sql ?? ""))}`.trim());
  }

  #read(key: string): KnownRow | undefined {
    const row = this.#try(() => this.#database.prepare(FIND).get(LONGEST_RECORD, key)) as
      | StoredRow
      | undefined;
    const known = row && understood(row);
    if (typeof known !== "string") return known;
    if (!this.#told.has(key)) {
      this.#told.add(key);
      this.#warn(
        `The trial "${
          key.slice(0, 12)
        }" in "${this.#path}" is damaged (${known}) and counts as not run.`,
      );
    }
    return undefined;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof TandemError) throw error;
      const { message } = error as Error;
      if (/not a database/i.test(message)) throw this.#noStore(error);
      if (/malformed|corrupt|disk i\/o error/i.test(message)) throw this.#damaged(error);
      if (/locked|busy/i.test(message)) {
        throw new TandemError(
          "E_RUN_BUSY",
          `Another process is at work on "${this.#path}". Wait for it, or end it.`,
          { cause: error },
        );
      }
      throw diskError(this.#path, error);
    }
  }

  #noStore(cause?: unknown): TandemError {
    return new TandemError(
      "E_FILE",
      `"${this.#path}" is no store of trials; move it away or name another folder with --out.`,
      { cause },
    );
  }

  #damaged(cause: unknown): TandemError {
    return new TandemError(
      "E_FILE",
      `"${this.#path}" is damaged; move it away, and its trials are run again.`,
      { cause },
    );
  }
}

/** A statement as SQLite keeps it, spaces and capitals aside. */
function asKept(statement: string): string {
  return statement.trim().replace(/\s+/g, " ").toLowerCase();
}

/** What ends a journal that belongs to several files at once and names them. */
const OF_SEVERAL = Uint8Array.of(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7);

/**
 * Holds that SQLite will open, write and remove the store's own files and no others.
 *
 * @throws {TandemError} E_FILE where one of them leads elsewhere. A journal of several files, which no
 * store has, names another file, and SQLite removes that one, wherever it lies.
 */
function expectOwnFiles(path: string): void {
  for (const ending of ["", "-journal", "-wal", "-shm"]) refuseShared(path + ending);
  const journal = `${path}-journal`;
  if (!endsWith(journal, OF_SEVERAL)) return;
  throw new TandemError(
    "E_FILE",
    `"${journal}" names other files than the store, which no journal of a store does. Remove it; what ` +
      "was being written is run again.",
  );
}

function endsWith(path: string, bytes: Uint8Array): boolean {
  try {
    const last = readSlice(path, expectFile(path, Infinity) - bytes.length, bytes.length);
    return last.length === bytes.length && last.every((byte, i) => byte === bytes[i]);
  } catch {
    return false; // there is none, or it is shorter
  }
}

/** A record that is too long by itself is not even fetched. */
const FIND = `
  select case when length(record) <= ? then record end as record, length(record) as size, error, finished
  from trials where key = ?`;

/** Contents may come from elsewhere: what is no JSON names no plan. */
const TESTED = `
  select plan, count(*) as trials, min(finished) as since from (
    select case when json_valid(content) then json_extract(content, '$.testPlan') end as plan, finished
    from trials where record is not null)
  where plan is not null group by plan order by since, plan limit 1000`;

const TESTED_PLAN = v.object({
  plan: PLAN_HASH,
  trials: v.number(),
  since: v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text))),
});

/** What a row says, or what is wrong with it. */
function understood({ record, error, finished, size }: StoredRow): KnownRow | string {
  const at = new Date(String(finished));
  if (Number.isNaN(at.getTime())) return "its date is none";
  const outcome = size === null ? failureOf(error) : recordOf(record);
  return typeof outcome === "string" ? outcome : { outcome, finished: at };
}

function failureOf(error: unknown): TrialOutcome | string {
  const parsed = v.safeParse(FAILURE, jsonOf(String(error)));
  return parsed.success ? { error: parsed.output } : "its error is none";
}

const FAILURE = v.object({ code: v.nullable(v.string()), message: v.string() });

function recordOf(packed: unknown): TrialOutcome | string {
  if (!(packed instanceof Uint8Array)) return "its record is too long, or no bytes";
  let bytes: Uint8Array;
  try {
    bytes = gunzipSync(packed, { maxOutputLength: LONGEST_RECORD });
  } catch (error) {
    return /larger than/i.test(String(error))
      ? `its record has more than ${LONGEST_RECORD / (1 << 20)} MiB`
      : "its record cannot be unpacked";
  }
  const value = jsonOf(new TextDecoder().decode(bytes));
  if (value === undefined) return "its record is no JSON";
  const record = readRecord(value);
  return "value" in record ? { record: record.value } : `its record has no right "${record.wrong}"`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
