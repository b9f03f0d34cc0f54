import type {
  Channel,
  Example,
  Feedback,
  Grain,
  Guidance,
  JudgedAction,
  LearningChannel,
  MaybePromise,
  Mode,
  Observations,
  OptionsOutput,
  PastSteps,
  StageFiles,
  StageState,
  StateAction,
  StateFeatures,
  Teacher,
  TeacherUsage,
  Verdicts,
} from "@tandem/core";
import {
  compilePrompt,
  type Pcg64,
  type Pcg64State,
  type PromptParts,
  silenceWhere,
  stateDict,
  suggestionOf,
} from "@tandem/core/kit";
import { andThen } from "@tandem/core/internal";
import type { DrawOptions, LanguageModel } from "@tandem/runtimes/language-model";
import { Asker } from "./asker.ts";
import type { TeacherParts } from "./channels/open.ts";
import { type Chat, chatPrompt } from "./chat.ts";
import { loadChannels, type OpenedChannel, saveChannels, together } from "./channels/opened.ts";
import { CreditBook, type Credited, type Step } from "./credit.ts";
import { NO_VERDICT } from "./channels/prompt.ts";
import { featuresOf } from "./features.ts";
import type { languageModelOptions } from "./options.ts";
import {
  type Answer,
  type AskedQuestion,
  noted,
  type Question,
  questionOf,
  questionsOf,
  StateBook,
  type StateNote,
  type ToldFields,
} from "./questions.ts";
import { type Thing, thingsAmong } from "./things.ts";
import { guidanceBy } from "./weighing.ts";
import { type SavedWorth, Worth } from "./worth.ts";

/** What stands in a prompt where no channel has anything to tell. */
const NOTHING_TOLD: ToldFields = { feedback: NO_VERDICT, memory: "" };

/** What a checkpoint holds besides the channels' states. */
interface SavedTeacher {
  readonly channels: unknown;
  readonly credit: ReturnType<CreditBook["save"]>;
  readonly worth: SavedWorth;
  readonly random: Pcg64State;
}

/** An answer to a question about environment `env`, and the verdict on it. */
interface JudgedAnswer extends Credited {
  readonly env: number;
  readonly question: AskedQuestion;
  readonly guidance: Guidance;
  readonly verdict: Verdicts;
  readonly step: Step;
}

/** See {@linkcode languageModel}. */
export class LanguageModelTeacher implements Teacher {
  readonly grain: Grain;
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #model: LanguageModel;
  readonly #options: OptionsOutput<typeof languageModelOptions>;
  /** Whether prompts are conversations. */
  readonly #chats: boolean;
  readonly #prompt: (parts: PromptParts & Pick<ToldFields, "turns">) => string;
  readonly #random: Pcg64;
  /** The things in sight, where one of them is named. */
  readonly #thingsIn: ReturnType<typeof thingsAmong> | undefined;
  readonly #opened: readonly OpenedChannel[];
  readonly #channels: readonly Channel[];
  readonly #credit: CreditBook;
  readonly #worth = new Worth();
  readonly #states: StateBook;
  readonly #asker: Asker;
  readonly cache: Teacher["cache"];

  /**
   * @param opened The channels that the options ask for.
   * @param chat How the model is spoken to, where it was trained to chat.
   */
  constructor(
    { model, options, context, wiring }: TeacherParts,
    opened: readonly OpenedChannel[],
    chat?: Chat,
  ) {
    const { answer, normalisation, credit } = options;
    const { grain, candidates, prompt } = wiring;
    this.grain = grain;
    this.candidates = candidates;
    this.#opened = opened;
    this.#channels = opened.map(({ channel }) => channel);
    this.learnsBy = opened.map(({ name }) => name);
    this.#model = model;
    this.#options = options;
    this.#states = new StateBook(options.features);
    this.#chats = chat !== undefined;
    this.#prompt = chat ? chatPrompt(compilePrompt(prompt), chat) : compilePrompt(prompt);
    this.#thingsIn = grain === "reference" ? thingsAmong(candidates) : undefined;
    this.#random = context.random("teacher");
    // Only at the grain of actions is it plain whether the student did as it was told.
    this.#credit = new CreditBook(grain === "action" ? credit : "guidance");
    this.#asker = new Asker({
      model: this.#channels.find(({ model }) => model)?.model ?? model,
      ...{ candidates, answer, normalisation },
      promptFor: ({ note: { parts }, fields }) => this.#promptFor({ ...parts, fields }),
    });
    this.cache = stateDict({ states: this.#states, asker: this.#asker });
  }

  advise(observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const questions = Array.from({ length: observations.envs }, (_, i) => {
      const note = this.#states.noteOf(observations, i);
      return questionOf(note, this.#promptFields(note, i, mode));
    });
    const answers = this.#options.answer === "generate" && mode === "train"
      ? this.#asker.draw(questions, this.#drawing(questions.length))
      : this.#asker.answers(questions);
    return andThen(answers, (answers) => this.#guide(questions, answers, mode, observations.legal));
  }

  receive(feedback: Feedback): MaybePromise<void> {
    if (feedback.past) this.#receivePast(feedback, feedback.past);
    else this.#receiveLatest(feedback);
    return this.#train();
  }

  #receiveLatest({ rollout, verdicts }: Feedback): void {
    const { envs, terminated, truncated, actions } = rollout;
    for (const [t, verdict] of verdicts.entries()) {
      const guidance = rollout.guidance[t]!;
      const questions = questionsOf(guidance);
      if (!questions) {
        this.#credit.skip();
        continue;
      }
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        const ended = terminated[at] === 1 || truncated[at] === 1;
        this.#onVerdict(i, guidance, verdict, ended, questions[i]!);
        const step = this.#stepOf(questions[i]!, guidance.choices[i]!, actions[at]!);
        const credited = this.#credit.enter(i, step);
        this.#learn({ env: i, question: questions[i]!, guidance, verdict, step, ...credited });
      }
    }
  }

  /** Verdicts on steps of before, whoever was asked there: what was seen tells what they are about. */
  #receivePast({ rollout, verdicts }: Feedback, { stepsAgo, texts }: PastSteps): void {
    const { envs, terminated, truncated, actions, missions, keys } = rollout;
    for (const [t, verdict] of verdicts.entries()) {
      const guidance = rollout.guidance[t]!;
      const asked = questionsOf(guidance);
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        const seen = texts?.[at];
        const question = asked?.[i] ?? (seen && {
          ...{ key: keys[at]!, mission: missions[at]!, observation: seen, fields: NOTHING_TOLD },
        });
        if (verdict.signs[i] === 0 || !question) continue;
        const ended = terminated[at] === 1 || truncated[at] === 1;
        this.#onVerdict(i, guidance, verdict, ended, question, stepsAgo[t]!);
        const under = underMission(question, verdict.missions?.[i]);
        const step = this.#stepOf(under, guidance.choices[i]!, actions[at]!);
        const credited = this.#credit.creditedIn(step);
        this.#learn({ env: i, question: under, guidance, verdict, step, credited });
      }
    }
  }

  #stepOf(question: AskedQuestion, choice: number, action: number): Step {
    return { features: this.#states.featuresOf(question), choice, action };
  }

  features(observations: Observations, i: number): readonly string[] {
    return featuresOf(observations.mission(i), observations.text(i), this.#options.features).parts;
  }

  usage(): TeacherUsage {
    const usage = this.#asker.usage();
    let { calls, tokens } = usage;
    for (const channel of this.#channels) {
      const own = channel.usage?.();
      calls += own?.calls ?? 0;
      tokens += own?.tokens ?? 0;
    }
    return { ...usage, calls, tokens };
  }

  save(): MaybePromise<StageState> {
    const random = this.#random.save();
    const credit = this.#credit.save();
    const worth = this.#worth.save();
    return andThen(saveChannels(this.#opened), ({ json: channels, arrays }): StageState => {
      const json: SavedTeacher = { channels, credit, worth, random };
      return { json, arrays };
    });
  }

  load({ json, arrays }: StageState): MaybePromise<void> {
    const { channels, credit, worth, random } = json as SavedTeacher;
    if (!worth) throw new Error("it was saved before all channels shared what verdicts are worth");
    this.#credit.load(credit);
    this.#worth.load(worth);
    this.#random.load(random);
    this.#states.forgetAnswers();
    return loadChannels(this.#opened, { json: channels, arrays });
  }

  /** The last verdicts of another run's environments are nothing to compare with, or to tell. */
  startAnew(): void {
    this.#credit.skip();
    for (const channel of this.#channels) channel.startAnew?.();
  }

  /** What channels have made, such as the folder of a model that one has trained. */
  files(): MaybePromise<StageFiles | undefined> {
    const made = together(this.#channels.map((channel) => channel.files?.()));
    return andThen(made, (made) => {
      const files = made.filter((files) => files !== undefined);
      return files.length > 0 ? Object.assign({}, ...files) as StageFiles : undefined;
    });
  }

  async dispose(): Promise<void> {
    for (const channel of this.#channels) await channel.dispose?.();
    await this.#model.dispose();
  }

  #promptFields({ state }: StateNote, env: number, mode: Mode): ToldFields {
    let fields = NOTHING_TOLD;
    for (const channel of this.#channels) {
      if (channel.promptFields) {
        fields = { ...fields, ...channel.promptFields(state, env, mode) };
      }
    }
    return fields;
  }

  #onVerdict(
    env: number,
    guidance: Guidance,
    verdict: Verdicts,
    ended: boolean,
    { mission, observation: seen }: AskedQuestion,
    stepsAgo?: number,
  ): void {
    const [sign, strength] = [verdict.signs[env]!, verdict.strengths[env]!];
    const said = suggestionOf(guidance, env);
    const asked = this.#chats ? { asked: { mission, seen } } : {};
    for (const channel of this.#channels) {
      const words = () => verdict.words(env);
      channel.onVerdict?.({ env, sign, strength, said, ended, stepsAgo, ...asked, words });
    }
  }

  #learn({ env, question, guidance, verdict, step, credited, before }: JudgedAnswer): void {
    const right = verdict.right?.[env];
    const sign = verdict.signs[env]!;
    if (sign === 0) return;
    const judged = right
      ? rightAction(step.features, right, credited)
      : credited && { ...credited, sign };
    if (!judged) return;
    const strength = verdict.strengths[env]!;
    const comparesWith = verdict.comparesWithBefore ? before : undefined;
    const worth = this.#worth.of({ ...judged, strength, comparesWith });
    if (!worth) return;
    const example: Example = {
      ...judged,
      ...worth,
      ...{ env, strength, comparesWith, guidance, mission: question.mission },
      seen: question.observation,
      ...right && { right },
      prompt: () => this.#promptFor(question),
    };
    for (const channel of this.#channels) channel.learn?.(example);
  }

  /** Lets channels train. */
  #train(): MaybePromise<void> {
    const training = this.#channels.map((channel) => channel.train?.() ?? false);
    return andThen(together(training), (changes) => {
      if (changes.includes(true)) this.#states.forgetAnswers();
    });
  }

  #promptFor({ mission, observation, fields }: AskedQuestion): string {
    const { grain, candidates } = this;
    return this.#prompt({ mission, observation, ...fields, grain, candidates });
  }

  #drawing(count: number): DrawOptions {
    const { temperature } = this.#options;
    const seeds = Array.from({ length: count }, () => this.#random.integers(0, 2 ** 32));
    return { temperature, seeds };
  }

  #guide(
    questions: readonly Question[],
    answers: readonly Answer[],
    mode: Mode,
    legal?: Uint8Array,
  ): Guidance {
    const draw = () => mode === "evaluate" ? undefined : this.#random.random();
    const corrected = answers.map((answer, i) => this.#corrected(answer, questions[i]!, mode));
    if (legal && this.grain === "action") {
      corrected.forEach((answer, i) => ruleOut(answer, i, legal));
    }
    const guidance = { ...guidanceBy(corrected, this.candidates, draw), note: noted(questions) };
    const thingsIn = this.#thingsIn;
    if (!thingsIn) return guidance;
    return silenceWhere(guidance, (i) => thingsIn(questions[i]!.note.state.seen).length === 0);
  }

  /** An answer with what channels make of its scores, at the teacher's temperature. */
  #corrected(answer: Answer, { note: { state } }: Question, mode: Mode): Answer {
    if (!("scores" in answer)) return answer;
    const scores = answer.scores.map((score) => score / this.#options.temperature);
    for (const channel of this.#channels) channel.correct?.(scores, state, mode);
    const things = this.#thingsIn?.(state.seen) ?? [];
    if (things.length > 0) keepThings(scores, things);
    return { scores, ids: answer.ids };
  }
}

/** Leaves the score of no candidate that is not a legal action of environment i; legal is [N, K]. */
function ruleOut(answer: Answer, i: number, legal: Uint8Array): void {
  if (!("scores" in answer)) return;
  const { scores } = answer;
  for (let c = 0; c < scores.length; c++) {
    if (legal[i * scores.length + c] === 0) scores[c] = -Infinity;
  }
}

/** Leaves places where nothing is seen no probability. */
function keepThings(scores: Float32Array, things: readonly Thing[]): void {
  const places = new Set(things.map(({ candidate }) => candidate));
  for (let c = 0; c < scores.length; c++) if (!places.has(c)) scores[c] = -Infinity;
}

/** The same state under another mission; the key was that of both. */
function underMission(question: AskedQuestion, mission = question.mission): AskedQuestion {
  return mission === question.mission ? question : { ...question, mission, key: undefined };
}

/** What is credited, judged by what is right in its state; a right candidate where nothing is. */
function rightAction(
  features: StateFeatures,
  right: readonly number[],
  credited: StateAction | undefined,
): StateAction & Pick<JudgedAction, "sign"> {
  const candidate = credited?.candidate ?? right[0]!;
  return { features, candidate, sign: right.includes(candidate) ? 1 : -1 };
}
