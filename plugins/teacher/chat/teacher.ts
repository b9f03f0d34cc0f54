import { andThen, BoundedMap } from "@tandem/core/internal";
import {
  type Context,
  type Feedback,
  type Guidance,
  type LearningChannel,
  type MaybePromise,
  type Mode,
  type Observations,
  type StageState,
  TandemError,
  type Teacher,
  type TeacherUsage,
  type Wirings,
} from "@tandem/core";
import { type Pcg64, type Pcg64State, silence } from "@tandem/core/kit";
import { Asker, type Asking, type Mute, type Usable } from "./asker.ts";
import type { ChatClient } from "./client.ts";
import type { ChatOptions } from "../options.ts";
import { Patience } from "./patience.ts";
import { foreseenSentence, type Spent } from "./spending.ts";
import {
  Conversations,
  NO_VERDICT,
  type QuestionParts,
  type SavedConversations,
} from "./conversations.ts";
import type { Question } from "./questions.ts";
import { suggestAnswer } from "./suggesting.ts";
import { type Answer, type Method, TEXT, type Way } from "./ways.ts";

/** Answers that are remembered; the one not used for longest is forgotten first. */
const MOST_ANSWERS = 100_000;

const NOTHING: Spent = { read: 0, written: 0 };

const MILLION = 1e6;

const NO_CANDIDATE: Answer = { choice: -1 };

/** What may be warned of, each once. */
type Trouble = Mute["why"] | "drift";

interface SavedJson extends SavedConversations {
  readonly answers: readonly SavedAnswer[];
  /** Requests sent. */
  readonly calls: number;
  readonly tokens: number;
  /** The way that was found; absent until one was, and where the options name it. */
  readonly way?: string;
  /** Questions that were asked anew each time, where there were some. */
  readonly drawn?: number;
  /** Tokens that have a price, where they have one. */
  readonly spent?: Spent;
  /** Where the stream of draws from distributions stands, once it was drawn from. */
  readonly random?: Pcg64State;
}

/** An answer of before; its distribution where it has one. */
type SavedAnswer = [question: string, candidate: number, distribution?: readonly number[]];

/** See {@linkcode chat}. */
export class ChatTeacher implements Teacher {
  readonly grain = "action";
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #asker: Asker;
  /** By question: answers at temperature 0, and those that have the whole distribution. */
  readonly #answers = new BoundedMap<string, Answer>(MOST_ANSWERS);
  readonly #warned = new Set<Trouble>();
  readonly #patience: Patience;
  readonly #random: Pcg64;
  /** Questions asked anew each time so far. */
  #drawn = 0;
  #hasDrawn = false;
  /** Usable answers of the model, by how they were got. */
  readonly #answeredBy = new Map<Method, number>();
  /** Millionths of probability on no candidate: whole, so that the order of answers does not count. */
  #elsewhere = 0;
  readonly #conversations: Conversations;
  #prompts = 0;
  #hits = 0;
  #unusable = 0;
  /** Whether the client counts all that this process has sent, and what was sent before it. */
  #isCounted = false;
  /** What was spent before this process, as far as it was added. */
  #carried = { calls: 0, tokens: 0, spent: NOTHING };
  /** Prompts of the run, until it is told what they may cost. */
  #ahead: number;

  constructor(
    private readonly client: ChatClient,
    private readonly options: Required<ChatOptions>,
    private readonly context: Context,
    { env, prompts = 0 }: Wirings["teacher"],
  ) {
    this.#ahead = prompts;
    this.#conversations = new Conversations(options.feedbackTurns);
    this.candidates = env.actions;
    this.#patience = new Patience(options.required ? options.patience : 0);
    this.learnsBy = options.feedback ? ["prompt"] : [];
    this.#asker = new Asker(client, options, context, env.actions);
    this.#random = context.random("teacher draw");
  }

  /**
   * Asks one question before the run begins, whose answer must name a candidate.
   *
   * @throws {TandemError} E_TEACHER where it does not, unless the options allow that; E_OPTION where
   * the server may not be reached.
   */
  async test(): Promise<void> {
    const question = this.#asker.testQuestion(TEXT);
    const found = await this.#asker.ask(question, { way: TEXT, temperature: 0, draw: 0 });
    if ("answer" in found || found.why === "stopped" || found.why === "budget") return;
    const message = `The chat teacher "${this.options.model}" gives no usable answer to a test ` +
      `question: ${found.message}.`;
    if (this.options.required) {
      throw this.#ended(`${message} Set teacher.required=false to run without one.`);
    }
    this.#warn(found.why, message);
  }

  advise(observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const { way } = this.#asker;
    if (way) return this.#adviseBy(way, observations, mode);
    return this.#asker.find().then((found) => this.#adviseBy(found, observations, mode));
  }

  #adviseBy(way: Way, observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const temperature = mode === "evaluate" ? 0 : this.options.temperature;
    const isTold = mode === "train";
    const parts = Array.from({ length: observations.envs }, (_, i): QuestionParts => ({
      mission: observations.mission(i),
      observation: observations.text(i),
      feedback: isTold ? this.#conversations.lastVerdict(i) : NO_VERDICT,
    }));
    const questions = parts.map((each, i) =>
      this.#asker.questions.write(each, way, isTold ? this.#conversations.turns(i) : [])
    );
    const note = isTold && this.#conversations.hasTurns ? parts : undefined;
    return andThen(
      this.#answer(questions, way, temperature),
      (guidance) => note ? { ...guidance, note } : guidance,
    );
  }

  #answer(
    questions: readonly Question[],
    way: Way,
    temperature: number,
  ): MaybePromise<Guidance> {
    if (temperature > 0 && !way.isWhole) {
      const asking = this.#askAll(questions, way, temperature);
      return asking.then((answers) => this.#guide(answers, temperature));
    }
    return this.#adviseOnce(questions, way, temperature);
  }

  /** Asks what is not known yet, and equal questions once. */
  #adviseOnce(
    questions: readonly Question[],
    way: Way,
    temperature: number,
  ): MaybePromise<Guidance> {
    const keys = questions.map(({ key }) => key);
    const known = new Map(keys.map((key) => [key, this.#answers.get(key)]));
    const unknown = new Map(
      keys.flatMap((key, i) => known.get(key) === undefined ? [[key, questions[i]!]] : []),
    );
    const guide = () => this.#guide(keys.map((key) => known.get(key)), temperature);
    this.#hits += questions.length - unknown.size;
    for (const key of keys) this.#meetAgain(known.get(key));
    if (unknown.size === 0) return guide();
    return this.#askAll([...unknown.values()], way, 0).then((answers) => {
      for (const [index, key] of [...unknown.keys()].entries()) {
        const answer = answers[index];
        known.set(key, answer);
        if (answer !== undefined) this.#answers.set(key, answer);
      }
      return guide();
    });
  }

  /** Verdicts on steps of before are not told: more was said since. */
  receive(feedback: Feedback): void {
    if (!this.options.feedback || feedback.past) return;
    this.#conversations.hear(feedback);
  }

  usage(): TeacherUsage {
    const { requests, tokens, spending } = this.client;
    const [calls, cacheHits, unusable] = [this.#prompts, this.#hits, this.#unusable];
    return {
      ...{ calls, cacheHits, tokens, requests, unusable },
      ...this.#answeredBy.size > 0 && { answeredBy: Object.fromEntries(this.#answeredBy) },
      ...this.#elsewhere > 0 && { elsewhere: this.#elsewhere / MILLION },
      ...spending.hasPrices && { dollars: spending.dollars },
    };
  }

  save(): StageState {
    this.#isCounted = true;
    const { requests: calls, tokens } = this.client;
    const answers = [...this.#answers.entries()]
      .map(([key, { choice, distribution }]): SavedAnswer =>
        distribution ? [key, choice, distribution] : [key, choice]
      );
    const json: SavedJson = {
      ...{ ...this.#conversations.save(), answers, calls, tokens },
      ...this.#asker.way && this.options.method !== "text" && { way: this.#asker.way.id },
      ...this.#drawn > 0 && { drawn: this.#drawn },
      ...this.client.spending.hasPrices && { spent: this.client.spending.save() },
      ...this.#hasDrawn && { random: this.#random.save() },
    };
    return { json };
  }

  load({ json }: StageState): void {
    const { answers, calls, tokens, way, drawn = 0, random } = json as SavedJson;
    const { spent = NOTHING } = json as SavedJson;
    // The budget is the run's: what other processes have spent counts, and is added once.
    if (!this.#isCounted) {
      this.client.requests += calls;
      this.client.tokens += tokens;
      this.client.spending.carry(spent);
      this.#carried = { calls, tokens, spent };
      this.#isCounted = true;
    }
    this.#ahead = 0; // it was told when the run began
    this.#conversations.load(json as SavedJson);
    this.#answers.clear();
    for (const [key, choice, distribution] of answers) {
      this.#answers.set(key, { choice, ...distribution && { distribution } });
    }
    this.#asker.resume(way);
    this.#drawn = drawn;
    this.#hasDrawn = random !== undefined;
    if (random) this.#random.load(random);
  }

  /** Another run's budget is its own, and so are its environments. */
  startAnew(): void {
    this.client.requests -= this.#carried.calls;
    this.client.tokens -= this.#carried.tokens;
    this.client.spending.carry(this.#carried.spent, -1);
    this.#carried = { calls: 0, tokens: 0, spent: NOTHING };
    this.#conversations.forget();
  }

  dispose(): void {
    this.client.close();
  }

  /** The answer by question; undefined without one. Questions that begin alike stand together. */
  async #askAll(
    questions: readonly Question[],
    way: Way,
    temperature: number,
  ): Promise<(Answer | undefined)[]> {
    this.#foresee(questions, way);
    const answers = new Array<Answer | undefined>(questions.length);
    const first = this.#drawn;
    if (temperature > 0) this.#drawn += questions.length;
    const order = inOrderOfPrefix(questions);
    let next = 0;
    const worker = async () => {
      while (next < order.length) {
        const index = order[next++]!;
        const draw = temperature > 0 ? first + index + 1 : 0;
        answers[index] = await this.#ask(questions[index]!, { way, temperature, draw });
      }
    };
    const workers = Math.min(this.options.concurrency, questions.length);
    const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
    return answers;
  }

  /** Tells, once in a run, what its questions may come to. */
  #foresee(questions: readonly Question[], way: Way): void {
    if (this.#ahead === 0) return;
    const { spending } = this.client;
    const foreseen = spending.foresee(this.#ahead, questions, way, this.options.samples);
    this.#ahead = 0;
    this.client.note(foreseenSentence(foreseen, this.options));
  }

  /** What is answered, which may name no candidate; undefined without an answer. */
  async #ask(question: Question, asking: Asking): Promise<Answer | undefined> {
    const found = await this.#asker.ask(question, asking);
    if ("answer" in found) return this.#heard(found, asking.way);
    const { why, message } = found;
    if (why === "stopped") return undefined;
    this.#warn(why, `The chat teacher gives no guidance: ${message}.`);
    if (!found.isAnswer && this.options.onFailure === "fail") {
      throw this.#ended(`The chat teacher gives no guidance: ${message}.`);
    }
    if (why === "budget") return undefined;
    // A server may refuse to serve; a model that refuses one question may answer the next.
    if (!found.isAnswer && why === "refused" && this.options.required) {
      throw this.#ended(this.#end(message));
    }
    this.#patience.miss();
    this.#expectPatience(message);
    return found.isAnswer ? NO_CANDIDATE : undefined;
  }

  #heard({ answer, method }: Usable, way: Way): Answer {
    this.#patience.hear();
    this.#answeredBy.set(method, (this.#answeredBy.get(method) ?? 0) + 1);
    this.#elsewhere += Math.round((answer.elsewhere ?? 0) * MILLION);
    if (method !== way.method) {
      this.#warn(
        "drift",
        `The chat server "${this.client.address}" does not keep to teacher.method="${way.method}" ` +
          "any more: the candidate that its answer names in words is taken.",
      );
    }
    return answer;
  }

  /** What is known of a question counts as well, as an answer or as none. */
  #meetAgain(answer: Answer | undefined): void {
    if (answer === undefined) return;
    if (answer.choice >= 0) return this.#patience.hear();
    this.#patience.missAgain();
    this.#expectPatience("its answers name no candidate");
  }

  /** @throws {TandemError} E_TEACHER where too many questions went without a usable answer. */
  #expectPatience(reason: string): void {
    if (!this.#patience.isOver || this.context.signal.aborted) return;
    const { patience } = this.options;
    throw this.#ended(this.#end(`none came to the last "${patience}" questions, and ${reason}`));
  }

  #end(reason: string): string {
    return `The chat teacher "${this.options.model}" gives no usable answer any more: ${reason}. ` +
      "The run can be resumed when it does; teacher.required=false goes on without.";
  }

  #ended(message: string): TandemError {
    this.client.close();
    return new TandemError("E_TEACHER", message);
  }

  #warn(trouble: Trouble, message: string): void {
    if (this.#warned.has(trouble)) return;
    this.#warned.add(trouble);
    this.context.emit({ type: "warning", code: "E_TEACHER", message });
  }

  #guide(answers: readonly (Answer | undefined)[], temperature: number): Guidance {
    const guidance = silence(answers.length, this.candidates);
    const { confidence } = this.options;
    this.#prompts += answers.length;
    for (const [i, answer = NO_CANDIDATE] of answers.entries()) {
      if (answer.choice < 0) {
        this.#unusable++;
        continue;
      }
      this.#hasDrawn ||= temperature > 0 && answer.distribution !== undefined;
      suggestAnswer(guidance, i, answer, { confidence, temperature, random: this.#random });
    }
    return guidance;
  }
}

/** Indices of questions, so that those stand side by side that begin alike: servers reuse what they read. */
function inOrderOfPrefix(questions: readonly Question[]): number[] {
  const keys = questions.map(({ key }) => key);
  return [...keys.keys()].sort((a, b) =>
    keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b
  );
}
