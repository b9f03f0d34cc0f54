/** The store of trials: a SQLite file in which what was done once stays done. */
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import { TandemError } from "../core/errors.ts";
import type { PipelineJson } from "../core/pipeline.ts";
import { canonical, sha256 } from "./digest.ts";
import { diskError } from "./disk.ts";
import type { TrialRecord } from "./trial.ts";

/** Everything that decides what a trial comes to. */
export interface TrialContent {
  readonly pipeline: PipelineJson;
  readonly seed: number;
  /** The device that computes, as `auto` was resolved. */
  readonly device: string;
  /** Tandem's version. */
  readonly version: string;
  /** SHA-256 of the files that the pipeline names, such as plugins and models, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a trial came to: a record, or the error that ended it. */
export type TrialOutcome =
  | { readonly record: TrialRecord }
  | { readonly error: { readonly code: string | null; readonly message: string } };

/** The key of a trial: SHA-256 over its content. What it is called does not matter. */
export function trialKey(content: TrialContent): string {
  const { name: _, description: __, ...pipeline } = content.pipeline;
  return sha256(canonical({ ...content, pipeline }));
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
  create table if not exists trials (
    key text primary key,
    content text not null,
    record blob,
    error text,
    finished text not null
  ) strict`;

/** Keeps trials in a file. Every write is whole or did not happen, also where the power fails. */
export class TrialStore implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;

  /**
   * @param path The file, made where there is none.
   * @throws {TandemError} E_DISK where it cannot be written, E_FILE where it is no store.
   */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#database = new DatabaseSync(path);
    } catch (error) {
      throw diskError(path, error);
    }
    this.#try(() => {
      this.#database.exec("pragma synchronous = full; pragma busy_timeout = 5000");
      const { user_version: version } = this.#database.prepare("pragma user_version").get() as {
        user_version: number;
      };
      if (version > SCHEMA_VERSION) {
        throw new TandemError(
          "E_FILE",
          `"${path}" was written by a later Tandem: its format is "${version}", and this one reads "${SCHEMA_VERSION}".`,
        );
      }
      this.#database.exec(`${SCHEMA}; pragma user_version = ${SCHEMA_VERSION}`);
    });
  }

  /** What is known of a trial; undefined where it was never ended. */
  get(key: string): TrialOutcome | undefined {
    const row = this.#try(() =>
      this.#database.prepare("select record, error from trials where key = ?").get(key)
    ) as { record: Uint8Array | null; error: string | null } | undefined;
    if (!row) return undefined;
    return row.record === null
      ? { error: JSON.parse(row.error!) }
      : { record: JSON.parse(new TextDecoder().decode(gunzipSync(row.record))) };
  }

  /** Whether a trial ended, and how; undefined where it never did. */
  status(key: string): "done" | "failed" | undefined {
    const query = "select record is not null as done from trials where key = ?";
    const row = this.#try(() => this.#database.prepare(query).get(key));
    return row && (row.done === 1 ? "done" : "failed");
  }

  /** When a trial ended; undefined where it never did. */
  finishedAt(key: string): Date | undefined {
    const query = "select finished from trials where key = ?";
    const row = this.#try(() => this.#database.prepare(query).get(key));
    return row && new Date(String(row.finished));
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

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof TandemError) throw error;
      const { message } = error as Error;
      if (/not a database|malformed/i.test(message)) {
        throw new TandemError(
          "E_FILE",
          `"${this.#path}" is no store of trials; move it away or name another folder with --out.`,
          { cause: error },
        );
      }
      throw diskError(this.#path, error);
    }
  }
}
