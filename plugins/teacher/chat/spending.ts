/** What was asked of a server so far, what it cost, and what a run may come to cost. */
import { TandemError } from "@tandem/core";
import type { ChatOptions } from "../options.ts";
import type { Completion } from "./reply.ts";
import type { ChatRequest } from "./request.ts";
import type { Way } from "./ways.ts";

/** Letters of a token where no server has counted any: about so many in English. */
const LETTERS_PER_TOKEN = 4;

/** How far an estimate of tokens may be off, as it is told. */
const ERROR = 0.3;

/** The options that are about money. */
type Prices = Pick<Required<ChatOptions>, "priceInput" | "priceOutput" | "budgetDollars">;

/** Tokens as a checkpoint keeps them. */
export interface Spent {
  readonly read: number;
  readonly written: number;
}

/** What is foreseen of a run. */
export interface Foreseen {
  /** Questions at most. */
  readonly questions: number;
  readonly tokens: number;
  /** 0 where nothing has a price. */
  readonly dollars: number;
}

/** Keeps the account. */
export class Spending {
  /** Tokens read and written, as the server counts them, or four letters a token. */
  #read = 0;
  #written = 0;
  /** What this process has seen: letters and tokens of questions that a server counted, and answers. */
  #letters = 0;
  #tokensOfLetters = 0;
  #answers = 0;
  #writtenNow = 0;

  /** @throws {TandemError} E_OPTION for a budget without prices. */
  constructor(private readonly prices: Prices) {
    const { budgetDollars, priceInput, priceOutput } = prices;
    if (budgetDollars > 0 && priceInput === 0 && priceOutput === 0) {
      throw new TandemError(
        "E_OPTION",
        `The option "budgetDollars" of teacher.chat is "${budgetDollars}", and nothing has a price: ` +
          "set priceInput and priceOutput, in dollars for a million tokens.",
      );
    }
  }

  /** Dollars so far. */
  get dollars(): number {
    return this.#price({ read: this.#read, written: this.#written });
  }

  /** Whether no more may be spent. */
  get isOver(): boolean {
    return this.prices.budgetDollars > 0 && this.dollars >= this.prices.budgetDollars;
  }

  /** Whether anything has a price. */
  get hasPrices(): boolean {
    return this.prices.priceInput > 0 || this.prices.priceOutput > 0;
  }

  /** Takes an answer into the account. */
  add(request: ChatRequest, { tokens, written, texts }: Completion): void {
    const letters = lettersOf(request);
    const lettersWritten = texts.reduce((sum, { length }) => sum + length, 0);
    const told = Math.ceil(written ?? lettersWritten / LETTERS_PER_TOKEN);
    const read = Math.max(0, tokens === undefined ? letters / LETTERS_PER_TOKEN : tokens - told);
    this.#read += Math.ceil(read);
    this.#written += told;
    this.#writtenNow += told;
    this.#answers += texts.length;
    if (tokens === undefined || tokens === 0) return;
    this.#letters += letters;
    this.#tokensOfLetters += read;
  }

  /** Adds what other processes have spent, or takes it out again. */
  carry({ read, written }: Spent, sign: 1 | -1 = 1): void {
    this.#read += sign * read;
    this.#written += sign * written;
  }

  save(): Spent {
    return { read: this.#read, written: this.#written };
  }

  /**
   * What questions like these will come to: by the letters of a token that the server has counted so
   * far, and by the tokens of its answers so far.
   *
   * @param samples Answers to a question, where they are drawn.
   */
  foresee(
    questions: number,
    like: readonly Pick<ChatRequest, "system" | "turns" | "question">[],
    way: Way,
    samples: number,
  ): Foreseen {
    const mean = like.reduce((sum, each) => sum + lettersOf(each), 0) / Math.max(1, like.length);
    const isCounted = this.#tokensOfLetters > 0;
    const lettersPerToken = isCounted ? this.#letters / this.#tokensOfLetters : LETTERS_PER_TOKEN;
    const answer = this.#writtenNow / Math.max(1, this.#answers);
    const read = questions * mean / lettersPerToken * (way.id === "samples" ? samples : 1);
    const written = questions * answer * (way.method === "samples" ? samples : 1);
    return { questions, tokens: read + written, dollars: this.#price({ read, written }) };
  }

  #price({ read, written }: Spent): number {
    const { priceInput, priceOutput } = this.prices;
    return (read * priceInput + written * priceOutput) / 1e6;
  }
}

/** Letters that the model is given to read. */
function lettersOf(
  { system, turns, question }: Pick<ChatRequest, "system" | "turns" | "question">,
) {
  const earlier = turns.reduce(
    (sum, { user, assistant }) => sum + user.length + assistant.length,
    0,
  );
  return system.length + earlier + question.length;
}

/** What is foreseen, in a sentence. */
export function foreseenSentence(
  { questions, tokens, dollars }: Foreseen,
  { priceInput, priceOutput, budgetCalls, budgetDollars }:
    & Prices
    & Pick<Required<ChatOptions>, "budgetCalls">,
): string {
  const money = dollars > 0
    ? `, ${dollarsText(dollars)} at ${priceInput} $ and ${priceOutput} $ a million read and written`
    : "";
  const calls = budgetCalls > 0 && budgetCalls < questions
    ? ` teacher.budgetCalls ends them at ${budgetCalls.toLocaleString("en")}.`
    : "";
  const bound = budgetDollars > 0 && budgetDollars < dollars
    ? ` teacher.budgetDollars ends them at ${dollarsText(budgetDollars)}.`
    : "";
  return `The run may ask up to ${questions.toLocaleString("en")} questions, about ${
    millions(tokens)
  } M tokens${money}: fewer where equal ones are asked once, and by ` +
    `${
      Math.round(100 * ERROR)
    } % more or less where later questions are longer or shorter.${calls}${bound}`;
}

function millions(tokens: number): string {
  return Number((tokens / 1e6).toPrecision(2)).toString();
}

function dollarsText(dollars: number): string {
  return `${dollars >= 0.01 ? dollars.toFixed(2) : Number(dollars.toPrecision(1))} $`;
}
