import type { Context } from "../../../core/context.ts";
import { argmax, ArrayGuidance, drawFrom } from "../../../core/guidance.ts";
import type { OptionsOutput } from "../../../core/options.ts";
import type { Wirings } from "../../../core/plugin.ts";
import type { Pcg64, Pcg64State } from "../../../core/random.ts";
import type {
  Feedback,
  Guidance,
  LearningChannel,
  MaybePromise,
  Mode,
  Observations,
  Rollout,
  StageState,
  Teacher,
  TeacherUsage,
} from "../../../core/stages.ts";
import type { LanguageModel } from "../../../runtimes/language_model/language_model.ts";
import { Correction, featuresOf, type StateFeatures } from "./correction.ts";
import type { languageModelOptions } from "./mod.ts";
import { compilePrompt, type PromptParts } from "./prompt.ts";

/** States whose prompts are remembered; the oldest is forgotten first. */
const MOST_STATES = 100_000;

const NO_VERDICT = "none";

/** What the teacher knows of a state. */
interface StateNote {
  readonly features: StateFeatures;
  readonly parts: Omit<PromptParts, "feedback">;
  /** [K] log-scores by the verdict that stood in the prompt. */
  readonly scores: Map<string, Float32Array>;
}

/** What a checkpoint holds besides the correction's tables. */
interface SavedTeacher {
  readonly correction: unknown;
  readonly last: readonly string[];
  readonly random: Pcg64State;
}

/** Guidance that remembers which states it was given for. */
class StatedGuidance extends ArrayGuidance {
  constructor(
    candidates: readonly string[],
    readonly notes: readonly StateNote[],
    readonly ids: readonly (readonly number[])[],
  ) {
    super(notes.length, candidates);
  }

  override tokens(i: number): ArrayLike<number> {
    return this.ids[this.choices[i]!] ?? [];
  }
}

/** See {@linkcode languageModel}. */
export class LanguageModelTeacher implements Teacher {
  readonly grain = "action";
  readonly candidates: readonly string[];
  readonly learnsBy: readonly LearningChannel[];
  readonly #model: LanguageModel;
  readonly #options: OptionsOutput<typeof languageModelOptions>;
  readonly #prompt: (parts: PromptParts) => string;
  readonly #random: Pcg64;
  readonly #correction: Correction;
  readonly #states = new Map<number, StateNote>();
  /** Token ids of the candidates, as the model scored them last. */
  #ids: readonly (readonly number[])[] = [];
  /** [N] the verdict that stands in the next prompt of a training environment. */
  #last: string[] = [];
  #calls = 0;
  #hits = 0;
  #tokens = 0;

  constructor(
    model: LanguageModel,
    options: OptionsOutput<typeof languageModelOptions>,
    context: Context,
    { env }: Wirings["teacher"],
  ) {
    this.candidates = env.actions;
    this.learnsBy = options.learnsBy;
    this.#model = model;
    this.#options = options;
    this.#prompt = compilePrompt(options.prompt);
    this.#random = context.random("teacher");
    this.#correction = new Correction(env.actions.length, options.gain);
  }

  advise(observations: Observations, mode: Mode): MaybePromise<Guidance> {
    const { envs } = observations;
    const notes = Array.from({ length: envs }, (_, i) => this.#noteOf(observations, i));
    const verdicts = Array.from(notes, (_, i) => this.#verdictFor(i, mode));
    this.#calls += envs;
    const unknown = new Map<string, [StateNote, string][]>();
    for (let i = 0; i < envs; i++) {
      const [note, verdict] = [notes[i]!, verdicts[i]!];
      if (note.scores.has(verdict)) {
        this.#hits++;
        continue;
      }
      // States that look alike in words have one prompt, which is asked once.
      const prompt = this.#prompt({ ...note.parts, feedback: verdict });
      const asking = unknown.get(prompt);
      if (asking) {
        this.#hits++;
        asking.push([note, verdict]);
      } else unknown.set(prompt, [[note, verdict]]);
    }
    if (unknown.size === 0) return this.#guide(notes, verdicts, mode);
    return this.#ask(unknown).then(() => this.#guide(notes, verdicts, mode));
  }

  receive({ rollout, verdicts }: Feedback): void {
    const { envs } = rollout;
    for (const [t, { signs, strengths, words }] of verdicts.entries()) {
      const guidance = rollout.guidance[t];
      if (!(guidance instanceof StatedGuidance)) continue;
      for (let i = 0; i < envs; i++) {
        this.#last[i] = this.#wordsFor(rollout, t * envs + i, signs[i]!, () => words(i));
        if (signs[i] === 0 || !this.learnsBy.includes("logits")) continue;
        const credited = this.#credited(guidance.choices[i]!, rollout.actions[t * envs + i]!);
        if (credited < 0) continue;
        this.#correction.learn(guidance.notes[i]!.features, credited, signs[i]!, strengths[i]!);
      }
    }
  }

  usage(): TeacherUsage {
    return { calls: this.#calls, cacheHits: this.#hits, tokens: this.#tokens };
  }

  save(): StageState {
    const { json: correction, arrays } = this.#correction.save();
    const json: SavedTeacher = { correction, last: [...this.#last], random: this.#random.save() };
    return { json, arrays };
  }

  load({ json, arrays }: StageState): void {
    const { correction, last, random } = json as SavedTeacher;
    this.#correction.load({ json: correction, arrays });
    this.#last = [...last];
    this.#random.load(random);
  }

  dispose(): Promise<void> {
    return this.#model.dispose();
  }

  /** The candidate that a verdict is about, or -1. */
  #credited(choice: number, action: number): number {
    const { credit } = this.#options;
    if (credit === "action") return action;
    return credit === "guidance" || choice === action ? choice : -1;
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
      scores: new Map(),
    };
    if (this.#states.size >= MOST_STATES) {
      this.#states.delete(this.#states.keys().next().value!);
    }
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

  async #ask(unknown: ReadonlyMap<string, readonly [StateNote, string][]>): Promise<void> {
    const prompts = [...unknown.keys()];
    const { normalisation } = this.#options;
    const answers = await this.#model.score(prompts, this.candidates, { normalisation });
    for (const [index, asking] of [...unknown.values()].entries()) {
      const { candidates } = answers[index]!;
      const scores = Float32Array.from(candidates, ({ score }) => score);
      for (const [note, verdict] of asking) note.scores.set(verdict, scores);
      this.#ids = candidates.map(({ ids }) => ids);
      this.#tokens += this.#ids.reduce((sum, ids) => sum + ids.length, 0);
    }
  }

  #guide(notes: readonly StateNote[], verdicts: readonly string[], mode: Mode): Guidance {
    const guidance = new StatedGuidance(this.candidates, notes, this.#ids);
    const { distribution, choices, logProbs } = guidance;
    const count = this.candidates.length;
    for (const [i, note] of notes.entries()) {
      const scores = note.scores.get(verdicts[i]!)!;
      const offset = i * count;
      for (let c = 0; c < count; c++) {
        distribution[offset + c] = scores[c]! / this.#options.temperature;
      }
      this.#correction.apply(distribution, offset, note.features);
      softmax(distribution, offset, count);
      const choice = mode === "evaluate"
        ? argmax(distribution, offset, count)
        : drawFrom(distribution, offset, count, this.#random.random());
      choices[i] = choice;
      logProbs[i] = Math.log(distribution[offset + choice]!);
    }
    return guidance;
  }
}

/** Softmax in place over `length` values from `offset`. */
function softmax(values: Float32Array, offset: number, length: number): void {
  let largest = -Infinity;
  for (let c = 0; c < length; c++) largest = Math.max(largest, values[offset + c]!);
  let sum = 0;
  for (let c = 0; c < length; c++) {
    sum += values[offset + c] = Math.exp(values[offset + c]! - largest);
  }
  for (let c = 0; c < length; c++) values[offset + c]! /= sum;
}
