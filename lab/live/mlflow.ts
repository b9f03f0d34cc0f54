/** Runs told to an MLflow server while they go on, by its REST interface (version 2.0). */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText, parseJson } from "@tandem/core/internal";
import { isNotCapable } from "@tandem/runtimes/files";
import type { RunLog } from "./run_logs.ts";

/** Milliseconds in which an answer must have come. */
const PATIENCE = 10_000;
/** Bytes of an answer. */
const MOST_ANSWER = 2 ** 20;
/** What a request takes: MLflow's own bounds. */
const [MOST_METRICS, MOST_PARAMS, LONGEST_VALUE, LONGEST_KEY] = [1000, 100, 500, 250];

const id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const EXPERIMENT = v.object({ experiment: v.object({ experiment_id: id }) });
const CREATED = v.object({ experiment_id: id });
const RUN = v.object({ run: v.object({ info: v.object({ run_id: id }) }) });

/** What an MLflow server is told of a run at its start. */
export interface MlflowRun {
  /** The experiment: runs of one pipeline stand side by side. */
  readonly experiment: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** What was chosen, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** The run's id at the server, where it goes on. */
  readonly known?: string;
}

/** A run at an MLflow server. */
export interface MlflowLog extends RunLog {
  /** The id that the server gave the run. */
  readonly id: string;
}

/**
 * Begins a run at an MLflow server, or goes on with one. Later failures of the server are told once, and
 * end nothing.
 *
 * @param server Its address, such as http://127.0.0.1:5000.
 * @throws {TandemError} E_ARGUMENT where the address is none, E_PERMISSION where Deno may not reach it,
 * E_DOWNLOAD where it does not answer as MLflow does.
 */
export async function openMlflow(
  server: string,
  run: MlflowRun,
  warn: (sentence: string) => void,
): Promise<MlflowLog> {
  const client = new Client(server);
  const id = run.known ?? await begin(client, run);
  return new Mlflow(client, id, warn);
}

async function begin(client: Client, { experiment, name, startedAt, params }: MlflowRun) {
  const experiment_id = await experimentOf(client, experiment);
  const start_time = Math.round(startedAt * 1000);
  const created = await client.ask("runs/create", { experiment_id, start_time, run_name: name });
  const { run: { info: { run_id } } } = client.parse(RUN, created);
  const all = Object.entries(params).map(([key, value]) => ({
    key: keyOf(key),
    value: outsideText(value, { max: LONGEST_VALUE }),
  }));
  for (const some of chunks(all, MOST_PARAMS)) {
    await client.ask("runs/log-batch", { run_id, params: some });
  }
  return run_id;
}

async function experimentOf(client: Client, name: string): Promise<string> {
  const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
  const found = await client.ask(query, undefined, [404]);
  if (found !== undefined) return client.parse(EXPERIMENT, found).experiment.experiment_id;
  return client.parse(CREATED, await client.ask("experiments/create", { name })).experiment_id;
}

class Mlflow implements MlflowLog {
  #waiting: unknown[] = [];
  /** What is under way. */
  #work: Promise<void> = Promise.resolve();
  #isSending = false;
  #hasWarned = false;

  constructor(
    private readonly client: Client,
    readonly id: string,
    private readonly warn: (sentence: string) => void,
  ) {}

  add(scalars: Parameters<RunLog["add"]>[0]): void {
    for (const { tag, value, step, wallTime } of scalars) {
      if (!Number.isFinite(value)) continue;
      this.#waiting.push({ key: keyOf(tag), value, step, timestamp: Math.round(wallTime * 1000) });
    }
    if (!this.#isSending) this.#work = this.#send();
  }

  async end(isDone: boolean): Promise<void> {
    await this.#work;
    await this.#told("runs/update", {
      run_id: this.id,
      status: isDone ? "FINISHED" : "KILLED",
      end_time: Date.now(),
    });
  }

  /** One request after another: what comes meanwhile goes with the next. */
  async #send(): Promise<void> {
    this.#isSending = true;
    for (let some = this.#take(); some.length > 0; some = this.#take()) {
      await this.#told("runs/log-batch", { run_id: this.id, metrics: some });
    }
    this.#isSending = false;
  }

  #take(): unknown[] {
    return this.#waiting.splice(0, MOST_METRICS);
  }

  async #told(path: string, body: unknown): Promise<void> {
    try {
      await this.client.ask(path, body);
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      const why = error instanceof Error ? error.message : String(error);
      this.warn(`The run goes on, and MLflow lacks a part of it: ${why}`);
    }
  }
}

/** Asks one server. */
class Client {
  readonly #url: URL;

  /** @throws {TandemError} E_ARGUMENT */
  constructor(server: string) {
    const url = URL.parse(server);
    const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
    if (!url || !isWeb || url.username || url.password || url.search || url.hash) {
      throw new TandemError(
        "E_ARGUMENT",
        `The MLflow server "${outsideText(url?.host ?? server)}" does not fit; an address as ` +
          '"http://127.0.0.1:5000" is needed, without a name or a password in it.',
      );
    }
    this.#url = url;
  }

  /**
   * The answer to a question.
   *
   * @param body What is posted; absent for a question alone.
   * @param passed Statuses for which there is no answer.
   */
  async ask(path: string, body?: unknown, passed: readonly number[] = []): Promise<unknown> {
    const url = `${this.#url.href.replace(/\/+$/, "")}/api/2.0/mlflow/${path}`;
    const posted = body === undefined ? {} : {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    let status: number;
    let text: string;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const response = await fetch(url, { ...posted, redirect: "error", signal });
      status = response.status;
      text = await textOf(response);
    } catch (cause) {
      throw this.#unreached(cause);
    }
    if (passed.includes(status)) return undefined;
    if (status < 200 || status > 299) {
      throw this.#failed(`it answered ${status}: ${outsideText(text, { max: 200 })}`);
    }
    try {
      return parseJson(text);
    } catch {
      throw this.#failed("its answer is no JSON");
    }
  }

  /** An answer in its form. @throws {TandemError} E_DOWNLOAD */
  parse<T>(schema: v.GenericSchema<unknown, T>, answer: unknown): T {
    const parsed = v.safeParse(schema, answer);
    if (parsed.success) return parsed.output;
    throw this.#failed(`its answer has no right "${v.getDotPath(parsed.issues[0]!) ?? "whole"}"`);
  }

  #unreached(cause: unknown): TandemError {
    const { host } = this.#url;
    if (!isNotCapable(cause)) {
      return this.#failed("it cannot be reached, or gave no answer in time", cause);
    }
    return new TandemError(
      "E_PERMISSION",
      `The MLflow server "${host}" may not be reached; allow it by TANDEM_ALLOW=--allow-net=${host} before ` +
        "the command.",
      { cause },
    );
  }

  #failed(why: string, cause?: unknown): TandemError {
    return new TandemError(
      "E_DOWNLOAD",
      `The MLflow server "${this.#url.host}" cannot be told: ${why}.`,
      { cause },
    );
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.length;
    if (size > MOST_ANSWER) break; // what is kept is no JSON then
    chunks.push(bytes);
  }
  return await new Blob(chunks).text();
}

/** Letters, digits and the few signs that MLflow takes. */
function keyOf(name: string): string {
  return name.replace(/[^\w\-. /]/g, "_").slice(0, LONGEST_KEY);
}

function* chunks<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
