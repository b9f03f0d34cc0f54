/** Asks a server for one of N, in the way that it keeps to. */
import { type Context, TandemError } from "@tandem/core";
import { type ChatClient, NoAnswer } from "./client.ts";
import type { ChatOptions } from "../options.ts";
import { findWay, type Found, foundSentence } from "./find_way.ts";
import { NO_VERDICT } from "./conversations.ts";
import { type Question, Questions } from "./questions.ts";
import type { Completion } from "./reply.ts";
import { faultOf, faultSentence } from "./unusable.ts";
import { type Answer, type Method, readAnswer, TEXT, type Way, WAYS } from "./ways.ts";

/** Most characters of an answer in what is said of tests. */
const MOST_WORDS = 80;

/** Seeds lie below this: servers keep them in 32 bits with a sign. */
const SEEDS = 2 ** 31;

/** Why a question has no usable answer. */
export interface Mute {
  readonly why: NoAnswer["why"] | ReturnType<typeof faultOf>;
  readonly message: string;
  /** Whether the model has answered. */
  readonly isAnswer: boolean;
}

/** A usable answer, and how it was got. */
export interface Usable {
  readonly answer: Answer;
  readonly method: Method;
}

/** How a question is asked. */
export interface Asking {
  readonly way: Way;
  readonly temperature: number;
  /** Which of the questions that are asked anew each time it is, from 1; 0 for one that is asked once. */
  readonly draw: number;
}

/** See the file's head. */
export class Asker {
  readonly questions: Questions;
  /** How the server is asked; undefined until that is found out. */
  way: Way | undefined;
  readonly #seed: number;
  #finding: Promise<Way> | undefined;

  /** @throws {TandemError} E_OPTION where the prompt has a field that there is not. */
  constructor(
    readonly client: ChatClient,
    private readonly options: Required<ChatOptions>,
    context: Context,
    private readonly candidates: readonly string[],
  ) {
    this.questions = new Questions(options, candidates);
    this.#seed = context.random("teacher seed").integers(0, SEEDS);
    if (options.method === "text") this.way = TEXT;
  }

  /** The question of tests, whose natural answer is the first candidate. */
  testQuestion(way: Way): Question {
    const mission = `this is a test: answer "${this.candidates[0]}"`;
    return this.questions.write({ mission, observation: ["nothing"], feedback: NO_VERDICT }, way);
  }

  /**
   * Finds out how the server is asked, and says so. Where the run is stopped or the budget is spent on
   * the way, it is plain text for now.
   *
   * @throws {TandemError} E_TEACHER where it does not serve what the options name, unless they allow
   * that.
   */
  find(): Promise<Way> {
    return this.#finding ??= this.#find().finally(() => this.#finding = undefined);
  }

  /** Takes the way of a checkpoint, where it has one. */
  resume(id: string | undefined): void {
    this.way = WAYS.find((way) => way.id === id) ?? this.way;
  }

  /** What the answer to a question tells, or why it is of no use. */
  async ask(question: Question, asking: Asking): Promise<Usable | Mute> {
    let completion: Completion;
    try {
      completion = await this.#completion(question, asking);
    } catch (error) {
      if (error instanceof NoAnswer) {
        return { why: error.why, message: error.message, isAnswer: false };
      }
      this.client.close(); // what is asked besides need not be waited for
      throw error;
    }
    const found = readAnswer(asking.way, completion, this.candidates);
    if (found.answer.choice >= 0) return found;
    const why = faultOf(completion);
    const shown = (text: string) => this.client.shown(text);
    const message = faultSentence(why, completion, this.options, shown);
    return { why, message, isAnswer: true };
  }

  async #find(): Promise<Way> {
    const { required } = this.options;
    const found = await this.#search();
    if (!found) return TEXT;
    const sentence = foundSentence(found, this.client.address);
    if (found.way || !required) {
      this.client.note(sentence);
      return this.way = found.way ?? TEXT;
    }
    this.client.close();
    throw new TandemError(
      "E_TEACHER",
      `${sentence} Right would be teacher.method="auto", which takes what the server can do.`,
    );
  }

  /** What the server can do; undefined where the run is stopped or the budget is spent on the way. */
  async #search(): Promise<Found | undefined> {
    const { method, samples } = this.options;
    const { candidates, client } = this;
    try {
      return await findWay({
        method,
        candidates,
        ask: (way, allowed) => {
          const fields = way.fields(allowed, samples);
          const question = this.testQuestion(way);
          return client.ask({ ...question, temperature: 0, seed: this.#seed, fields }, true);
        },
        shown: (text) => client.shown(text, MOST_WORDS),
      });
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      client.close();
      throw error;
    }
  }

  /** What the server says; where it draws one answer at a time, all of them together. */
  async #completion(
    question: Question,
    { way, temperature, draw }: Asking,
  ): Promise<Completion> {
    const { samples } = this.options;
    const request = {
      ...question,
      temperature: way.method === "samples" ? this.options.temperature || 1 : temperature,
      fields: way.fields(this.candidates, samples),
    };
    const ask = (k: number) =>
      this.client.ask({ ...request, seed: (this.#seed + draw + k) % SEEDS });
    const first = await ask(0);
    if (way.id !== "samples") return first;
    const texts = [...first.texts];
    for (let k = 1; k < samples; k++) texts.push((await ask(k)).text);
    return { ...first, texts };
  }
}
