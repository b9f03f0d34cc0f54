import { type Clock, type Context, TandemError } from "@tandem/core";
import { outsideReason, outsideText, shownAddress } from "@tandem/core/internal";
import type { Pcg64 } from "@tandem/core/kit";
import { isNotCapable } from "@tandem/runtimes/files";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { backoff, LONGEST_WAIT, RateLimiter } from "./limiter.ts";
import type { ChatOptions } from "../options.ts";
import { type Completion, errorIn, isLasting, readReply, type ServerError } from "./reply.ts";
import {
  type ChatRequest,
  otherShape,
  requestBody,
  type RequestShape,
  USUAL_SHAPE,
} from "./request.ts";
import { retryAfter } from "./retry_after.ts";
import { Spending } from "./spending.ts";
import { type Received, Redirected, send } from "./transport.ts";

/** Errors that may pass: time-outs, conflicts, too many requests, and all of 5xx. */
const PASSING = [408, 409, 425, 429];

/** Errors of a request that may be put right by saying it otherwise. */
const MALFORMED = [400, 422];

/** Codes of servers that let nothing through to the model, or nothing back. */
const FILTERED = /content_?filter|ResponsibleAIPolicyViolation/i;

/** Times that a test of what a server can do is made again when it fails. */
const TEST_RETRIES = 1;

/** Most characters of a server's own words in a message. */
const MOST_WORDS = 200;

/** So much of a page is read for its words. */
const LONGEST_PAGE = 4096;

/** Why there is no answer: the run is stopped, a budget is spent, or the server does not serve. */
export type Silence = "stopped" | "budget" | "down" | "refused";

/** There is no answer. */
export class NoAnswer extends Error {
  /** @param said What the server said of it, as it may be shown. */
  constructor(readonly why: Silence, message: string, readonly said = message) {
    super(message);
  }
}

/** What came of one request. */
type Outcome =
  | { readonly answer: Completion }
  | { readonly retry: string; readonly after?: number }
  | { readonly refused: string; readonly said?: string }
  | { readonly malformed: ServerError; readonly refused: string; readonly said: string };

/** Asks a server one question at a time per call, with retries, limits and a budget. */
export class ChatClient {
  /** Requests sent. */
  requests = 0;
  /** Tokens read and written, as the server counts them, or four letters a token. */
  tokens = 0;
  /** Where the server is, as it may be shown. */
  readonly address: string;
  /** What it has cost. */
  readonly spending: Spending;
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #random: Pcg64;
  readonly #limiter: RateLimiter;
  #shape = USUAL_SHAPE;
  #isStreamNoted = false;
  #downUntil = -Infinity;
  #downReason = "";
  #refusal: string | undefined;

  /** @throws {TandemError} E_OPTION where the address and the key, or prices and budget, do not fit. */
  constructor(
    private readonly options: Required<ChatOptions>,
    private readonly key: string,
    private readonly context: Context,
  ) {
    this.spending = new Spending(options);
    this.#endpoint = endpointAt(options.baseUrl, key);
    this.address = this.#endpoint.shown;
    this.#clock = context.clock;
    this.#signal = AbortSignal.any([context.signal, this.#closing.signal]);
    this.#random = context.random("teacher backoff");
    this.#limiter = new RateLimiter(context.clock, options.requestsPerMinute);
  }

  /**
   * What the model says.
   *
   * @param isTest Whether it only tests what the server can do: that it does not, or fails, then says
   * nothing of other questions.
   * @throws {NoAnswer} Where the server keeps failing or refuses for good (the key, the model, the
   * request), the budget is spent or the run is stopped.
   * @throws {TandemError} E_OPTION where the server may not be reached.
   */
  async ask(request: ChatRequest, isTest = false): Promise<Completion> {
    const { coolDown } = this.options;
    const retries = isTest ? Math.min(TEST_RETRIES, this.options.retries) : this.options.retries;
    let reason = "";
    for (let attempt = 0; attempt <= retries; attempt++) {
      const outcome = await this.#requestInSomeShape(request);
      if ("answer" in outcome) {
        this.spending.add(request, outcome.answer);
        return outcome.answer;
      }
      if ("refused" in outcome) {
        if (!isTest) this.#refusal = outcome.refused;
        throw new NoAnswer("refused", outcome.refused, outcome.said);
      }
      reason = outcome.retry;
      if (attempt === retries || this.#signal.aborted) break;
      const wait = backoff(attempt, 1000 * this.options.backoff, this.#random.random());
      const asked = Math.min(LONGEST_WAIT, outcome.after ?? 0);
      await this.#clock.sleep(Math.max(wait, asked), this.#signal);
    }
    if (this.#signal.aborted) throw stopped();
    if (isTest) throw new NoAnswer("down", reason);
    this.#downUntil = this.#clock.now() + 1000 * coolDown;
    this.#downReason = reason;
    throw new NoAnswer("down", reason);
  }

  /**
   * Text of the server, or of an error on the way to it, as it may be shown. All such text goes
   * through here: there is no key in what comes out, in whatever form it was repeated.
   */
  shown(text: string, max = MOST_WORDS): string {
    const { url } = this.#endpoint;
    const named = text.replaceAll(url.href, this.address);
    return shownAddress(outsideText(named, { max, secrets: this.#secrets }));
  }

  /** Tells something that is no fault. */
  note(message: string): void {
    this.context.emit({ type: "warning", code: "W_NOTE", message });
  }

  /** Breaks off what is on its way; nothing is asked any more. */
  close(): void {
    this.#closing.abort();
  }

  get #secrets(): readonly string[] {
    return [this.key];
  }

  /** @throws {NoAnswer} Where no request may be sent now. */
  #expectLeave(): void {
    const { budgetCalls, budgetDollars, budgetTokens } = this.options;
    if (this.#signal.aborted) throw stopped();
    if (this.#refusal !== undefined) throw new NoAnswer("refused", this.#refusal);
    if (budgetCalls > 0 && this.requests >= budgetCalls) {
      throw new NoAnswer("budget", `the budget of "${budgetCalls}" calls is spent`);
    }
    if (budgetTokens > 0 && this.tokens >= budgetTokens) {
      throw new NoAnswer("budget", `the budget of "${budgetTokens}" tokens is spent`);
    }
    if (this.spending.isOver) {
      throw new NoAnswer("budget", `the budget of "${budgetDollars}" dollars is spent`);
    }
    if (this.#clock.now() < this.#downUntil) throw new NoAnswer("down", this.#downReason);
  }

  /** Asks, and where the server does not take a field of the request, asks without it. */
  async #requestInSomeShape(request: ChatRequest): Promise<Outcome> {
    let first: Outcome | undefined;
    for (;;) {
      await this.#limiter.turn(this.#signal);
      this.#expectLeave();
      const shape = this.#shape;
      const outcome = await this.#request(requestBody(this.options, shape, request));
      if (!("malformed" in outcome)) return outcome;
      first ??= outcome;
      if (!this.#sayOtherwise(shape, outcome.malformed)) return first;
    }
  }

  /** Whether there is another way to say it than the shape that was refused. */
  #sayOtherwise(shape: RequestShape, error: ServerError): boolean {
    if (this.#shape !== shape) return true; // another question has found it meanwhile
    const other = otherShape(shape, error);
    if (!other) return false;
    this.#shape = other.shape;
    this.note(`The chat server "${this.address}" ${other.note}.`);
    return true;
  }

  async #request(body: string): Promise<Outcome> {
    const { timeout } = this.options;
    this.requests++;
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
      if (late) return { retry: `no answer came within "${timeout}" seconds` };
      return this.#failure(error);
    } finally {
      this.#signal.removeEventListener("abort", stop);
      stop();
      await timer;
    }
  }

  /** @throws {TandemError} E_OPTION where the server may not be reached. */
  #failure(error: unknown): Outcome {
    if (isNotCapable(error)) throw notAllowed(this.#endpoint.url);
    if (error instanceof Redirected) {
      const advice =
        "set teacher.baseUrl to where it is, if you trust that; nothing was sent there";
      return {
        refused: `the server "${this.address}" sends requests on to "${error.target}": ${advice}`,
      };
    }
    // What is thrown may repeat the request, its headers too.
    const reason = [error, (error as Error).cause].filter((each) => each instanceof Error)
      .map((each) => this.shown(outsideReason(each, { max: 2000, secrets: this.#secrets })));
    return { retry: `the server cannot be reached: ${[...new Set(reason)].join(": ")}` };
  }

  async #send(body: string, signal: AbortSignal): Promise<Outcome> {
    const headers = { "content-type": "application/json", ...this.#keyHeader() };
    const { url } = this.#endpoint;
    const received = await send(url, { method: "POST", headers, body, signal }, this.#secrets);
    if (received.status !== 200) return this.#judged(received, errorOf(received.text));
    if (received.isCut) return { retry: "the answer is longer than a megabyte" };
    const reply = readReply(received.text);
    if ("error" in reply) return this.#judged(received, reply.error);
    const answer = "completion" in reply ? reply.completion : undefined;
    const letters = body.length + (answer?.text.length ?? 0);
    this.tokens += answer?.tokens ?? Math.ceil(letters / 4);
    if (answer?.isStreamed) this.#noteStream();
    return answer ? { answer } : { retry: (reply as { nonsense: string }).nonsense };
  }

  #noteStream(): void {
    if (this.#isStreamNoted) return;
    this.#isStreamNoted = true;
    this.note(
      `The chat server "${this.address}" streams its answers although none asked for that: their ` +
        "pieces are put together.",
    );
  }

  #keyHeader(): Record<string, string> {
    const { keyHeader } = this.options;
    if (this.key === "" || this.#endpoint.holdsKey) return {};
    return { [keyHeader]: keyHeader === "authorization" ? `Bearer ${this.key}` : this.key };
  }

  /** What to do about an error. Where it comes with a status of success, its code says which it is. */
  #judged({ status: sent, headers }: Received, error: ServerError): Outcome {
    const coded = /^[45]\d\d$/.test(error.code) ? Number(error.code) : 500;
    const status = sent === 200 ? coded : sent;
    const said = this.shown(error.message);
    if (status === 400 && FILTERED.test(error.code)) return { answer: WITHHELD };
    if ((PASSING.includes(status) || status >= 500) && !isLasting(error)) {
      const reason = said === "" ? `${sent}` : `${sent}, "${said}"`;
      // deno-lint-ignore tandem/hidden-input
      const after = retryAfter(headers, () => Date.now()); // its date can be held against no other
      return { retry: `the server answered ${reason}`, after };
    }
    const { model } = this.options;
    const refused = `the server "${this.address}" refuses to serve "${model}" (${status}): ` +
      `${adviceOn(status, error)}. It said "${said}"`;
    return MALFORMED.includes(status) ? { malformed: error, refused, said } : { refused, said };
  }
}

/** The answer to a question that a server's filter keeps from the model. */
const WITHHELD: Completion = {
  ...{ text: "", texts: [""], finish: "content_filter", refusal: "", callsTool: false },
  ...{ tokens: undefined, written: undefined, logProbs: [], isStreamed: false },
};

function stopped(): NoAnswer {
  return new NoAnswer("stopped", "the run is stopped");
}

/** The error in a body, which may be no JSON: a page, or a line of text. */
function errorOf(body: string): ServerError {
  const reply = readReply(body);
  if ("error" in reply) return reply.error;
  const words = body.slice(0, LONGEST_PAGE).replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
    .replace(/\s+/g, " ");
  return errorIn(words.trim()) ?? { message: "", code: "", param: "" };
}

function notAllowed({ host }: URL): TandemError {
  return new TandemError(
    "E_OPTION",
    `The chat server at "${host}" may not be reached: grant it, by TANDEM_ALLOW=--allow-net=${host} before the command.`,
  );
}

function adviceOn(status: number, error: ServerError): string {
  if (status === 401 || status === 403) return "the key is not accepted";
  if (status === 404) return "the address or the model is wrong";
  if (status === 402 || isLasting(error)) return "the account does not allow it";
  return "the request is not accepted; teacher.fields changes what it holds";
}
