import { BoundedMap, compileTemplate, matchCandidate } from "@tandem/core/internal";
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
import { silence, suggest, suggestionOf } from "@tandem/core/kit";
import { type ChatClient, NoAnswer } from "./client.ts";
import type { ChatOptions } from "../options.ts";
import { Patience } from "./patience.ts";
import type { Completion } from "./reply.ts";
import { faultOf, faultSentence } from "./unusable.ts";

/** Answers that are remembered; the one not used for longest is forgotten first. */
const MOST_ANSWERS = 100_000;

const NO_VERDICT = "none";

/** What may be warned of, each once. */
type Trouble = NoAnswer["why"] | ReturnType<typeof faultOf>;

interface PromptParts {
  readonly mission: string;
  readonly observation: readonly string[];
  readonly feedback: string;
}

interface SavedJson {
  readonly last: readonly string[];
  readonly answers: readonly [question: string, candidate: number][];
  /** Requests sent. */
  readonly calls: number;
  readonly tokens: number;
}

/** Why a question has no usable answer. */
interface Mute {
  readonly why: Trouble;
  readonly message: string;
  /** Whether the model has answered. */
  readonly isAnswer: boolean;
}

/** See {@linkcode chat}. */
export class ChatTeacher implements Teacher {
  readonly grain = "action";
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #prompt: (parts: PromptParts) => string;
  /** The candidate by question, of answers at temperature 0. */
  readonly #answers = new BoundedMap<string, number>(MOST_ANSWERS);
  readonly #warned = new Set<Trouble>();
  readonly #patience: Patience;
  /** [N] the verdict that stands in the next question of a training environment. */
  #last: string[] = [];
  #prompts = 0;
  #hits = 0;
  #unusable = 0;
  /** Whether the client counts all that this process has sent, and what was sent before it. */
  #isCounted = false;
  /** What was spent before this process, as far as it was added. */
  #carried = { calls: 0, tokens: 0 };

  constructor(
    private readonly client: ChatClient,
    private readonly options: Required<ChatOptions>,
    private readonly context: Context,
    { env }: Wirings["teacher"],
  ) {
    this.candidates = env.actions;
    this.#patience = new Patience(options.required ? options.patience : 0);
    this.learnsBy = options.feedback ? ["prompt"] : [];
    this.#prompt = compileTemplate(options.prompt, {
      mission: ({ mission }) => mission,
      observation: ({ observation }) => observation.join("; "),
      candidates: () => env.actions.join(", "),
      feedback: ({ feedback }) => feedback,
    });
  }

  /**
   * Asks one question before the run begins, whose answer must name a candidate.
   *
   * @throws {TandemError} E_TEACHER where it does not, unless the options allow that; E_OPTION where
   * the server may not be reached.
   */
  async test(): Promise<void> {
    const mission = `this is a test: answer "${this.candidates[0]}"`;
    const question = this.#prompt({ mission, observation: ["nothing"], feedback: NO_VERDICT });
    const found = await this.#told(question, 0);
    if (typeof found === "number" || found.why === "stopped" || found.why === "budget") return;
    const message = `The chat teacher "${this.options.model}" gives no usable answer to a test ` +
      `question: ${found.message}.`;
    if (this.options.required) {
      throw this.#ended(`${message} Set teacher.required=false to run without one.`);
    }
    this.#warn(found.why, message);
  }

  advise(observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const { envs } = observations;
    const temperature = mode === "evaluate" ? 0 : this.options.temperature;
    const questions = Array.from({ length: envs }, (_, i) =>
      this.#prompt({
        mission: observations.mission(i),
        observation: observations.text(i),
        feedback: mode === "train" ? this.#last[i] ?? NO_VERDICT : NO_VERDICT,
      }));
    if (temperature > 0) {
      const asking = this.#askAll(questions, temperature);
      return asking.then((answers) => this.#guide(answers));
    }
    const known = new Map(questions.map((question) => [question, this.#answers.get(question)]));
    const unknown = [...known.keys()].filter((question) => known.get(question) === undefined);
    const guide = () => this.#guide(questions.map((question) => known.get(question)));
    this.#hits += envs - unknown.length;
    for (const question of questions) this.#meetAgain(known.get(question));
    if (unknown.length === 0) return guide();
    return this.#askAll(unknown, 0).then((answers) => {
      for (const [index, answer] of answers.entries()) {
        const question = unknown[index]!;
        known.set(question, answer);
        if (answer !== undefined) this.#answers.set(question, answer);
      }
      return guide();
    });
  }

  /** Verdicts on steps of before are not told: more was said since. */
  receive({ rollout, verdicts, past }: Feedback): void {
    if (!this.options.feedback || past) return;
    const { envs, terminated, truncated } = rollout;
    for (const [t, { signs, words }] of verdicts.entries()) {
      const guidance = rollout.guidance[t]!;
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        const over = terminated[at] === 1 || truncated[at] === 1;
        const silent = signs[i] === 0 || guidance.choices[i]! < 0;
        this.#last[i] = over || silent ? NO_VERDICT : `"${suggestionOf(guidance, i)}": ${words(i)}`;
      }
    }
  }

  usage(): TeacherUsage {
    const { requests, tokens } = this.client;
    const [calls, cacheHits, unusable] = [this.#prompts, this.#hits, this.#unusable];
    return { calls, cacheHits, tokens, requests, unusable };
  }

  save(): StageState {
    this.#isCounted = true;
    const { requests: calls, tokens } = this.client;
    const answers = [...this.#answers.entries()];
    return { json: { last: [...this.#last], answers, calls, tokens } satisfies SavedJson };
  }

  load({ json }: StageState): void {
    const { last, answers, calls, tokens } = json as SavedJson;
    // The budget is the run's: what other processes have spent counts, and is added once.
    if (!this.#isCounted) {
      this.client.requests += calls;
      this.client.tokens += tokens;
      this.#carried = { calls, tokens };
      this.#isCounted = true;
    }
    this.#last = [...last];
    this.#answers.clear();
    for (const [question, answer] of answers) this.#answers.set(question, answer);
  }

  /** Another run's budget is its own, and so are its environments. */
  startAnew(): void {
    this.client.requests -= this.#carried.calls;
    this.client.tokens -= this.#carried.tokens;
    this.#carried = { calls: 0, tokens: 0 };
    this.#last = [];
  }

  dispose(): void {
    this.client.close();
  }

  /** The candidate by question: -1 where the answer names none, undefined without an answer. */
  async #askAll(
    questions: readonly string[],
    temperature: number,
  ): Promise<(number | undefined)[]> {
    const answers = new Array<number | undefined>(questions.length);
    let next = 0;
    const worker = async () => {
      while (next < questions.length) {
        const index = next++;
        answers[index] = await this.#ask(questions[index]!, temperature);
      }
    };
    const workers = Math.min(this.options.concurrency, questions.length);
    const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
    return answers;
  }

  /** The candidate that the answer names, -1 where it names none, undefined without an answer. */
  async #ask(question: string, temperature: number): Promise<number | undefined> {
    const found = await this.#told(question, temperature);
    if (typeof found === "number") {
      this.#patience.hear();
      return found;
    }
    const { why, message } = found;
    if (why === "stopped") return undefined;
    this.#warn(why, `The chat teacher gives no guidance: ${message}.`);
    if (!found.isAnswer && this.options.onFailure === "fail") {
      throw this.#ended(`The chat teacher gives no guidance: ${message}.`);
    }
    if (why === "budget") return undefined;
    if (why === "refused" && this.options.required) throw this.#ended(this.#end(message));
    this.#patience.miss();
    this.#expectPatience(message);
    return found.isAnswer ? -1 : undefined;
  }

  /** The candidate that the answer to a question names, or why there is none. */
  async #told(question: string, temperature: number): Promise<number | Mute> {
    let completion: Completion;
    try {
      completion = await this.client.ask(question, temperature);
    } catch (error) {
      if (error instanceof NoAnswer) {
        return { why: error.why, message: error.message, isAnswer: false };
      }
      this.client.close(); // what is asked besides need not be waited for
      throw error;
    }
    const cut = completion.finish === "length";
    const choice = matchCandidate(completion.text, this.candidates, { cut });
    if (choice >= 0) return choice;
    const why = faultOf(completion);
    const shown = (text: string) => this.client.shown(text);
    const message = faultSentence(why, completion, this.options, shown);
    return { why, message, isAnswer: true };
  }

  /** What is known of a question counts as well, as an answer or as none. */
  #meetAgain(answer: number | undefined): void {
    if (answer === undefined) return;
    if (answer >= 0) return this.#patience.hear();
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

  #guide(answers: readonly (number | undefined)[]): Guidance {
    const guidance = silence(answers.length, this.candidates);
    this.#prompts += answers.length;
    for (const [i, answer = -1] of answers.entries()) {
      if (answer >= 0) suggest(guidance, i, answer, this.options.confidence);
      else this.#unusable++;
    }
    return guidance;
  }
}
