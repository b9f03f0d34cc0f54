import type { Context } from "../../../core/context.ts";
import { TandemError } from "../../../core/errors.ts";
import { BoundedMap } from "../../../core/bounded_map.ts";
import { ArrayGuidance } from "../../../core/guidance.ts";
import type { Wirings } from "../../../core/plugin.ts";
import type {
  Feedback,
  Guidance,
  LearningChannel,
  MaybePromise,
  Mode,
  Observations,
  StageState,
  Teacher,
  TeacherUsage,
} from "../../../core/stages.ts";
import { compileTemplate } from "../../../core/template.ts";
import { type ChatClient, NoAnswer } from "./client.ts";
import type { ChatOptions } from "./mod.ts";
import { parseAnswer } from "./parse.ts";

/** Answers that are remembered; the one not used for longest is forgotten first. */
const MOST_ANSWERS = 100_000;

const NO_VERDICT = "none";

interface PromptParts {
  readonly mission: string;
  readonly observation: readonly string[];
  readonly feedback: string;
}

interface SavedJson {
  readonly last: readonly string[];
  readonly answers: readonly [question: string, candidate: number][];
  readonly calls: number;
  readonly tokens: number;
}

/** See {@linkcode chat}. */
export class ChatTeacher implements Teacher {
  readonly grain = "action";
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #prompt: (parts: PromptParts) => string;
  /** The candidate by question, of answers at temperature 0. */
  readonly #answers = new BoundedMap<string, number>(MOST_ANSWERS);
  readonly #warned = new Set<string>();
  /** [N] the verdict that stands in the next question of a training environment. */
  #last: string[] = [];
  #answered = 0;
  #hits = 0;

  constructor(
    private readonly client: ChatClient,
    private readonly options: ChatOptions,
    private readonly context: Context,
    { env }: Wirings["teacher"],
  ) {
    this.candidates = env.actions;
    this.learnsBy = options.feedback ? ["prompt"] : [];
    this.#prompt = compileTemplate(options.prompt, {
      mission: ({ mission }) => mission,
      observation: ({ observation }) => observation.join("; "),
      candidates: () => env.actions.join(", "),
      feedback: ({ feedback }) => feedback,
    });
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

  receive({ rollout, verdicts }: Feedback): void {
    if (!this.options.feedback) return;
    const { envs, terminated, truncated } = rollout;
    for (const [t, { signs, words }] of verdicts.entries()) {
      const guidance = rollout.guidance[t]!;
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        const over = terminated[at] === 1 || truncated[at] === 1;
        const silent = signs[i] === 0 || guidance.choices[i]! < 0;
        this.#last[i] = over || silent ? NO_VERDICT : `"${guidance.text(i)}": ${words(i)}`;
      }
    }
  }

  usage(): TeacherUsage {
    return { calls: this.#answered, cacheHits: this.#hits, tokens: this.client.tokens };
  }

  save(): StageState {
    const { calls, tokens } = this.client;
    const answers = [...this.#answers.entries()];
    return { json: { last: [...this.#last], answers, calls, tokens } satisfies SavedJson };
  }

  load({ json }: StageState): void {
    const { last, answers, calls, tokens } = json as SavedJson;
    Object.assign(this.client, { calls, tokens }); // the budget is the run's
    this.#last = [...last];
    this.#answers.clear();
    for (const [question, answer] of answers) this.#answers.set(question, answer);
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

  async #ask(question: string, temperature: number): Promise<number | undefined> {
    try {
      return parseAnswer(await this.client.ask(question, temperature), this.candidates);
    } catch (error) {
      if (!(error instanceof NoAnswer)) {
        this.client.close(); // what is asked besides need not be waited for
        throw error;
      }
      const message = `The chat teacher gives no guidance: ${error.message}.`;
      if (this.options.onFailure === "fail" && !this.context.signal.aborted) {
        this.client.close();
        throw new TandemError("E_STAGE", message);
      }
      if (!this.#warned.has(message)) {
        this.#warned.add(message);
        this.context.emit({ type: "warning", code: "E_STAGE", message });
      }
      return undefined;
    }
  }

  #guide(answers: readonly (number | undefined)[]): Guidance {
    const guidance = new ArrayGuidance(answers.length, this.candidates);
    for (const [i, answer = -1] of answers.entries()) {
      if (answer < 0) continue;
      guidance.suggest(i, answer, this.options.confidence);
      this.#answered++;
    }
    return guidance;
  }
}
