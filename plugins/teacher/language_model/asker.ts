import { matchCandidate } from "@tandem/core/internal";
import type { AnsweringModel, MaybePromise, StageState, TeacherUsage } from "@tandem/core";
import type { DrawOptions } from "@tandem/runtimes/language-model";
import type { Answer, Question } from "./questions.ts";

/** How a model is asked. */
export interface AskerParts {
  /** The model that answers now. */
  readonly model: AnsweringModel;
  readonly candidates: readonly string[];
  readonly answer: "score" | "generate";
  readonly normalisation: "mean" | "sum";
  promptFor(question: Question): string;
}

/** Asks a model what is not known yet, and counts what that costs. */
export class Asker {
  #calls = 0;
  #hits = 0;
  #tokens = 0;
  #unusable = 0;

  constructor(private readonly parts: AskerParts) {}

  usage(): TeacherUsage {
    const usage = { calls: this.#calls, cacheHits: this.#hits, tokens: this.#tokens };
    return this.parts.answer === "generate" ? { ...usage, unusable: this.#unusable } : usage;
  }

  /** What was counted so far, to be gone on with. */
  save(): StageState {
    return { json: this.usage() };
  }

  load({ json }: StageState): void {
    const { calls, cacheHits, tokens, unusable = 0 } = json as TeacherUsage;
    [this.#calls, this.#hits, this.#tokens] = [calls, cacheHits, tokens];
    this.#unusable = unusable;
  }

  /** The likeliest answers, each asked for once; a promise only where one is not known. */
  answers(questions: readonly Question[]): MaybePromise<Answer[]> {
    this.#calls += questions.length;
    const answers = questions.map(({ note, key }) => note.answers.get(key));
    const unknown = this.#unknown(questions, answers);
    if (unknown.size === 0) return this.#counted(answers as Answer[]);
    return this.#ask([...unknown.keys()]).then((found) => {
      for (const [index, asking] of [...unknown.values()].entries()) {
        for (const i of asking) {
          questions[i]!.note.answers.set(questions[i]!.key, answers[i] = found[index]!);
        }
      }
      return this.#counted(answers as Answer[]);
    });
  }

  /** A text for each question, drawn anew each time. */
  draw(questions: readonly Question[], options: DrawOptions): Promise<Answer[]> {
    this.#calls += questions.length;
    const prompts = questions.map((question) => this.parts.promptFor(question));
    return this.#write(prompts, options).then((answers) => this.#counted(answers));
  }

  /** Answers, of which those are counted that name no candidate. */
  #counted(answers: Answer[]): Answer[] {
    for (const answer of answers) if ("choice" in answer && answer.choice < 0) this.#unusable++;
    return answers;
  }

  /** Which questions are without an answer, by prompts: states alike in words are asked once. */
  #unknown(
    questions: readonly Question[],
    answers: readonly (Answer | undefined)[],
  ): Map<string, number[]> {
    const unknown = new Map<string, number[]>();
    for (const [i, question] of questions.entries()) {
      if (answers[i]) {
        this.#hits++;
        continue;
      }
      const prompt = this.parts.promptFor(question);
      const asking = unknown.get(prompt);
      if (asking) {
        this.#hits++;
        asking.push(i);
      } else unknown.set(prompt, [i]);
    }
    return unknown;
  }

  #ask(prompts: readonly string[]): Promise<Answer[]> {
    return this.parts.answer === "score" ? this.#score(prompts) : this.#write(prompts);
  }

  async #score(prompts: readonly string[]): Promise<Answer[]> {
    const { model, candidates, normalisation } = this.parts;
    const answers = await model.score(prompts, candidates, { normalisation });
    return answers.map(({ candidates, promptTokens }) => {
      const ids = candidates.map(({ ids }) => ids);
      this.#tokens += ids.reduce((sum, { length }) => sum + length, promptTokens);
      return { scores: Float32Array.from(candidates, ({ score }) => score), ids };
    });
  }

  /** Texts written behind prompts: the likeliest, unless told to draw. */
  async #write(prompts: readonly string[], options: DrawOptions = {}): Promise<Answer[]> {
    const { model, candidates } = this.parts;
    const written = await model.generate(prompts, options);
    return written.map(({ text, ids, logProb, promptTokens, finish }) => {
      this.#tokens += promptTokens + ids.length;
      const choice = matchCandidate(text, candidates, { cut: finish === "length" });
      return { choice, logProb, ids };
    });
  }
}
