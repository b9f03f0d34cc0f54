import type { Context } from "../../../core/context.ts";
import { BoundedMap } from "../../../core/bounded_map.ts";
import { candidatesAt } from "../../../core/fitting.ts";
import type { OptionsOutput } from "../../../core/options.ts";
import type { Wirings } from "../../../core/plugin.ts";
import { compilePrompt, type PromptParts } from "../../../core/prompt.ts";
import type { Pcg64, Pcg64State } from "../../../core/random.ts";
import type {
  Feedback,
  Grain,
  Guidance,
  LearningChannel,
  MaybePromise,
  Mode,
  Observations,
  Rollout,
  StageState,
  Teacher,
  TeacherUsage,
  Verdicts,
} from "../../../core/stages.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import type { DrawOptions } from "../../../runtimes/language_model/sampling.ts";
import { Correction, type Deed, featuresOf, type StateFeatures } from "./correction.ts";
import { matchCandidate } from "./match.ts";
import type { languageModelOptions } from "./mod.ts";
import { StatedGuidance } from "./stated_guidance.ts";

/** States whose prompts are remembered; those not seen for longest are forgotten first. */
const MOST_STATES = 100_000;

const NO_VERDICT = "none";

/** What the model made of a prompt: scores of all candidates, or a text that means one or none. */
type Answer =
  | { readonly scores: Float32Array; readonly ids: readonly (readonly number[])[] }
  | { readonly choice: number; readonly logProb: number; readonly ids: readonly number[] };

/** What the teacher knows of a state. */
interface StateNote {
  readonly features: StateFeatures;
  readonly parts: Pick<PromptParts, "mission" | "observation">;
  /** Answers by the verdict that stood in the prompt. */
  readonly answers: Map<string, Answer>;
}

/** A state with the verdict that stands in its prompt. */
interface Question {
  readonly note: StateNote;
  readonly verdict: string;
}

/** What a checkpoint holds besides the correction's tables. */
interface SavedTeacher {
  readonly correction: unknown;
  readonly last: readonly string[];
  readonly before: readonly (Deed | null)[];
  readonly random: Pcg64State;
}

/** See {@linkcode languageModel}. */
export class LanguageModelTeacher implements Teacher {
  readonly grain: Grain;
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #model: LanguageModel;
  readonly #options: OptionsOutput<typeof languageModelOptions>;
  readonly #prompt: (parts: PromptParts) => string;
  readonly #random: Pcg64;
  readonly #correction: Correction;
  readonly #states = new BoundedMap<number, StateNote>(MOST_STATES);
  /** [N] the verdict that stands in the next prompt of a training environment. */
  #last: string[] = [];
  /** [N] what the last verdict was about, with which the next one compares. */
  #before: (Deed | undefined)[] = [];
  #calls = 0;
  #hits = 0;
  #tokens = 0;

  /** @throws {TandemError} E_WIRING where the environment has no candidates of the grain. */
  constructor(
    model: LanguageModel,
    options: OptionsOutput<typeof languageModelOptions>,
    context: Context,
    { env }: Wirings["teacher"],
  ) {
    const { grain, answer, learnsBy, gain, prompt } = options;
    this.grain = grain;
    this.candidates = candidatesAt(env, grain);
    // A text that is written freely has no weights that could be corrected.
    this.learnsBy = learnsBy.filter((channel) => answer === "score" || channel !== "logits");
    this.#model = model;
    this.#options = options;
    this.#prompt = compilePrompt(prompt);
    this.#random = context.random("teacher");
    this.#correction = new Correction(this.candidates.length, gain);
  }

  advise(observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const questions = Array.from({ length: observations.envs }, (_, i): Question => ({
      note: this.#noteOf(observations, i),
      verdict: this.#verdictFor(i, mode),
    }));
    this.#calls += questions.length;
    if (this.#options.answer === "generate" && mode === "train") {
      return this.#draw(questions).then((answers) => this.#guide(questions, answers, mode));
    }
    const unknown = this.#unknown(questions);
    const known = () =>
      this.#guide(
        questions,
        questions.map(({ note, verdict }) => note.answers.get(verdict)!),
        mode,
      );
    return unknown.size === 0 ? known() : this.#ask(unknown).then(known);
  }

  receive({ rollout, verdicts }: Feedback): void {
    const { envs } = rollout;
    for (const [t, verdict] of verdicts.entries()) {
      const guidance = rollout.guidance[t];
      if (!(guidance instanceof StatedGuidance)) continue;
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        this.#last[i] = this.#wordsFor(rollout, at, verdict.signs[i]!, () => verdict.words(i));
        if (this.learnsBy.includes("logits")) {
          this.#learn(
            i,
            verdict,
            guidance.features[i]!,
            guidance.choices[i]!,
            rollout.actions[at]!,
          );
        }
      }
    }
  }

  usage(): TeacherUsage {
    return { calls: this.#calls, cacheHits: this.#hits, tokens: this.#tokens };
  }

  save(): StageState {
    const { json: correction, arrays } = this.#correction.save();
    const json: SavedTeacher = {
      correction,
      last: [...this.#last],
      before: Array.from(this.#before, (deed) => deed ?? null),
      random: this.#random.save(),
    };
    return { json, arrays };
  }

  load({ json, arrays }: StageState): void {
    const { correction, last, before, random } = json as SavedTeacher;
    this.#correction.load({ json: correction, arrays });
    this.#last = [...last];
    this.#before = before.map((deed) => deed ?? undefined);
    this.#random.load(random);
  }

  dispose(): Promise<void> {
    return this.#model.dispose();
  }

  #learn(i: number, verdict: Verdicts, features: StateFeatures, choice: number, action: number) {
    // Only at the grain of actions is it plain whether the student did as it was told.
    const credit = this.grain === "action" ? this.#options.credit : "guidance";
    const candidate = credit === "guidance" ? choice : action;
    const before = verdict.comparesWithBefore ? this.#before[i] : undefined;
    this.#before[i] = candidate < 0 ? undefined : { features, candidate };
    const sign = verdict.signs[i]!;
    if (sign === 0 || candidate < 0 || (credit === "followed" && choice !== action)) return;
    this.#correction.learn(features, candidate, sign, verdict.strengths[i]!, before);
  }

  #noteOf(observations: Observations, i: number): StateNote {
    const key = observations.key(i);
    const known = this.#states.get(key);
    if (known) return known;
    const mission = observations.mission(i);
    const observation = observations.text(i);
    const note: StateNote = {
      features: featuresOf(mission, observation),
      parts: { mission, observation },
      answers: new Map(),
    };
    this.#states.set(key, note);
    return note;
  }

  #verdictFor(i: number, mode: Mode): string {
    if (mode === "evaluate" || !this.learnsBy.includes("prompt")) return NO_VERDICT;
    return this.#last[i] ?? NO_VERDICT;
  }

  /** The verdict's words for the next prompt; an episode's end clears the slate. */
  #wordsFor(rollout: Rollout, at: number, sign: number, words: () => string): string {
    if (sign === 0 || rollout.terminated[at] === 1 || rollout.truncated[at] === 1) {
      return NO_VERDICT;
    }
    if (this.#options.verdictWords === "rule") return words();
    return sign > 0 ? "good" : "bad";
  }

  #promptFor({ note, verdict }: Question): string {
    const { grain, candidates } = this;
    return this.#prompt({ ...note.parts, feedback: verdict, grain, candidates });
  }

  /** The questions without an answer by their prompts: states alike in words are asked once. */
  #unknown(questions: readonly Question[]): Map<string, Question[]> {
    const unknown = new Map<string, Question[]>();
    for (const question of questions) {
      if (question.note.answers.has(question.verdict)) {
        this.#hits++;
        continue;
      }
      const prompt = this.#promptFor(question);
      const asking = unknown.get(prompt);
      if (asking) {
        this.#hits++;
        asking.push(question);
      } else unknown.set(prompt, [question]);
    }
    return unknown;
  }

  async #ask(unknown: ReadonlyMap<string, readonly Question[]>): Promise<void> {
    const prompts = [...unknown.keys()];
    const answers = this.#options.answer === "score"
      ? await this.#score(prompts)
      : await this.#write(prompts);
    for (const [index, asking] of [...unknown.values()].entries()) {
      for (const { note, verdict } of asking) note.answers.set(verdict, answers[index]!);
    }
  }

  async #score(prompts: readonly string[]): Promise<Answer[]> {
    const { normalisation } = this.#options;
    const answers = await this.#model.score(prompts, this.candidates, { normalisation });
    return answers.map(({ candidates, promptTokens }) => {
      const ids = candidates.map(({ ids }) => ids);
      this.#tokens += ids.reduce((sum, { length }) => sum + length, promptTokens);
      return { scores: Float32Array.from(candidates, ({ score }) => score), ids };
    });
  }

  /** A text for each question, drawn anew each time. */
  #draw(questions: readonly Question[]): Promise<Answer[]> {
    const { temperature } = this.#options;
    const seeds = questions.map(() => this.#random.integers(0, 2 ** 32));
    const prompts = questions.map((question) => this.#promptFor(question));
    return this.#write(prompts, { temperature, seeds });
  }

  /** Texts written behind prompts: the likeliest, unless told to draw. */
  async #write(prompts: readonly string[], options: DrawOptions = {}): Promise<Answer[]> {
    const written = await this.#model.generate(prompts, options);
    return written.map(({ text, ids, logProb, promptTokens }) => {
      this.#tokens += promptTokens + ids.length;
      return { choice: matchCandidate(text, this.candidates), logProb, ids };
    });
  }

  #guide(questions: readonly Question[], answers: readonly Answer[], mode: Mode): Guidance {
    const features = questions.map(({ note }) => note.features);
    const guidance = new StatedGuidance(this.candidates, features);
    for (const [i, answer] of answers.entries()) {
      if ("scores" in answer) {
        const scores = answer.scores.map((score) => score / this.#options.temperature);
        this.#correction.apply(scores, 0, features[i]!);
        const draw = mode === "evaluate" ? undefined : this.#random.random();
        guidance.weigh(i, scores, draw, answer.ids);
      } else if (answer.choice >= 0) guidance.quote(i, answer.choice, answer.logProb, answer.ids);
    }
    return guidance;
  }
}
