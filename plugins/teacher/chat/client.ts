import type { Clock, Context } from "../../../core/context.ts";
import { TandemError } from "../../../core/errors.ts";
import type { Pcg64 } from "../../../core/random.ts";
import { backoff, LONGEST_WAIT, RateLimiter } from "./limiter.ts";
import type { ChatOptions } from "./mod.ts";
import { type Completion, parseCompletion } from "./parse.ts";

/** The longest answer that is read, in bytes. */
const LARGEST_BODY = 1 << 20;

/** Server errors that may pass: time-outs, conflicts, too many requests, and all of 5xx. */
const PASSING = [408, 409, 425, 429];

/** Why there is no answer. */
export class NoAnswer extends Error {}

/** What came of one request. */
type Outcome =
  | { readonly answer: Completion }
  | { readonly retry: string; readonly after?: number };

/** Asks a server one question at a time per call, with retries, limits and a budget. */
export class ChatClient {
  /** Requests sent. */
  calls = 0;
  /** Tokens read and written, as the server counts them, or four letters a token. */
  tokens = 0;
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #random: Pcg64;
  readonly #limiter: RateLimiter;
  #downUntil = -Infinity;
  #downReason = "";

  constructor(
    private readonly options: ChatOptions,
    private readonly key: string,
    context: Context,
  ) {
    this.#url = new URL(`${options.baseUrl.replace(/\/+$/, "")}/chat/completions`);
    this.#clock = context.clock;
    this.#signal = AbortSignal.any([context.signal, this.#closing.signal]);
    this.#random = context.random("teacher backoff");
    this.#limiter = new RateLimiter(context.clock, options.requestsPerMinute);
  }

  /**
   * The model's words.
   *
   * @throws {NoAnswer} Where the server keeps failing, the budget is spent or the run is stopped.
   * @throws {TandemError} E_STAGE where the server refuses for good (the key, the model, the request).
   */
  async ask(question: string, temperature: number): Promise<string> {
    const { retries, coolDown } = this.options;
    let reason = "";
    for (let attempt = 0; attempt <= retries; attempt++) {
      await this.#limiter.turn(this.#signal);
      this.#expectLeave();
      const outcome = await this.#request(question, temperature);
      if ("answer" in outcome) return outcome.answer.text;
      reason = outcome.retry;
      if (attempt === retries || this.#signal.aborted) break;
      const wait = backoff(attempt, 1000 * this.options.backoff, this.#random.random());
      await this.#clock.sleep(Math.max(wait, outcome.after ?? 0), this.#signal);
    }
    this.#downUntil = this.#clock.now() + 1000 * coolDown;
    this.#downReason = reason;
    throw new NoAnswer(reason);
  }

  /** Breaks off what is on its way; nothing is asked any more. */
  close(): void {
    this.#closing.abort();
  }

  /** @throws {NoAnswer} Where no request may be sent now. */
  #expectLeave(): void {
    const { budgetCalls, budgetTokens } = this.options;
    if (this.#signal.aborted) throw new NoAnswer("the run is stopped");
    if (budgetCalls > 0 && this.calls >= budgetCalls) {
      throw new NoAnswer(`the budget of "${budgetCalls}" calls is spent`);
    }
    if (budgetTokens > 0 && this.tokens >= budgetTokens) {
      throw new NoAnswer(`the budget of "${budgetTokens}" tokens is spent`);
    }
    if (this.#clock.now() < this.#downUntil) throw new NoAnswer(this.#downReason);
  }

  async #request(question: string, temperature: number): Promise<Outcome> {
    const { model, system, maxTokens, timeout } = this.options;
    const messages = [{ role: "system", content: system }, { role: "user", content: question }];
    const body = JSON.stringify({ model, messages, temperature, max_tokens: maxTokens });
    this.calls++;
    const ending = new AbortController();
    const stop = () => ending.abort();
    this.#signal.addEventListener("abort", stop);
    let late = false;
    const timer = this.#clock.sleep(1000 * timeout, ending.signal).then(() => {
      late = !ending.signal.aborted;
      stop();
    });
    try {
      return await this.#send(body, ending.signal);
    } catch (error) {
      if (error instanceof TandemError) throw error;
      if (error instanceof Deno.errors.NotCapable) throw notAllowed(this.#url);
      if (late) return { retry: `no answer came within "${timeout}" seconds` };
      return { retry: `the server cannot be reached: ${(error as Error).message}` };
    } finally {
      this.#signal.removeEventListener("abort", stop);
      stop();
      await timer;
    }
  }

  async #send(body: string, signal: AbortSignal): Promise<Outcome> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (this.key) headers.authorization = `Bearer ${this.key}`;
    const response = await fetch(this.#url, { method: "POST", headers, body, signal });
    const text = await readText(response);
    if (text === undefined) return { retry: "the answer is longer than a megabyte" };
    const { status } = response;
    if (PASSING.includes(status) || status >= 500) {
      return { retry: `the server answered ${status}`, after: retryAfter(response) };
    }
    if (status !== 200) throw refusal(status, text, this.options);
    const answer = parseCompletion(text);
    this.tokens += typeof answer === "string" || answer.tokens === undefined
      ? Math.ceil((body.length + (typeof answer === "string" ? 0 : answer.text.length)) / 4)
      : answer.tokens;
    return typeof answer === "string" ? { retry: answer } : { answer };
  }
}

/** The body as text, or undefined where it is too long. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return await new Blob(chunks as BlobPart[]).text();
}

/** Milliseconds that the server asks to be left alone, within reason. */
function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return seconds >= 0 ? Math.min(LONGEST_WAIT, 1000 * seconds) : undefined;
}

function notAllowed({ host }: URL): TandemError {
  return new TandemError(
    "E_OPTION",
    `The chat server at "${host}" may not be reached: grant it, by TANDEM_ALLOW=--allow-net=${host} before the command.`,
  );
}

function refusal(status: number, text: string, { model, baseUrl }: ChatOptions): TandemError {
  const said = text.replace(/\s+/g, " ").slice(0, 200);
  const advice = status === 401 || status === 403
    ? "the key is not accepted"
    : status === 404
    ? "the address or the model is wrong"
    : "the request is not accepted";
  return new TandemError(
    "E_STAGE",
    `The chat server "${baseUrl}" refuses to serve "${model}" (${status}): ${advice}. It said "${said}".`,
  );
}
