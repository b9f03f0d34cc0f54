/** Questions in the words of the options, and in those of the way in which they are asked. */
import { TandemError } from "@tandem/core";
import { compileTemplate, didYouMean, outsideText } from "@tandem/core/internal";
import { type AnsweredQuestion, NO_VERDICT, type QuestionParts } from "./conversations.ts";
import type { ChatOptions } from "../options.ts";
import { chatOptions } from "./options.ts";
import type { ChatRequest, Turn } from "./request.ts";
import { LETTERS, type Way } from "./ways.ts";

/** A question before it is said when and at which temperature it is asked. */
export interface Question extends Pick<ChatRequest, "system" | "turns" | "question"> {
  /** By what it is known: questions with equal keys have equal answers. */
  readonly key: string;
}

/** What a model is told about its part that is to answer with a letter, unless the options say it. */
const LETTERED_SYSTEM =
  "You guide an agent through a small world. Answer with the letter of one of the candidates, and nothing else.";

const LETTERED_REQUEST = "Answer with the letter of one of the candidates, and nothing else.";

/** Writes questions. */
export class Questions {
  readonly #plain: (parts: QuestionParts) => string;
  readonly #lettered: (parts: QuestionParts) => string;
  readonly #letteredSystem: string;
  readonly #examples: readonly AnsweredQuestion[];

  /**
   * @throws {TandemError} E_OPTION where the prompt has a field that there is not, or lacks the one in
   * which the verdicts on earlier turns stand, and where an example's answer is no candidate.
   */
  constructor(
    private readonly options: Required<ChatOptions>,
    private readonly candidates: readonly string[],
  ) {
    const { system, prompt } = options;
    const compile = (listed: string) =>
      compileTemplate<QuestionParts>(prompt, {
        mission: ({ mission }) => mission,
        observation: ({ observation }) => observation.join("; "),
        candidates: () => listed,
        feedback: ({ feedback }) => feedback,
      });
    this.#plain = compile(candidates.join(", "));
    const listed = candidates.map((candidate, k) => `${LETTERS[k]}: ${candidate}`).join(", ");
    const names = prompt.includes("{candidates}") ? "" : `Candidates: ${listed}\n`;
    const lettered = compile(listed);
    this.#lettered = (parts) => names + lettered(parts);
    const isDefault = system === chatOptions.system.default;
    this.#letteredSystem = isDefault ? LETTERED_SYSTEM : `${system}\n${LETTERED_REQUEST}`;
    this.#examples = options.examples.map((example) => exampleOf(example, candidates));
    expectFeedback(options);
  }

  /**
   * A question in words that fit the way in which it is asked.
   *
   * @param earlier Questions of the episode that stand before it, each of which tells the verdict on the
   * one before.
   */
  write(parts: QuestionParts, way: Way, earlier: readonly AnsweredQuestion[] = []): Question {
    const text = way.isLettered ? this.#lettered : this.#plain;
    const turn = (asked: QuestionParts, choice: number): Turn => ({
      user: text(asked),
      assistant: way.write(this.candidates, choice),
    });
    const told = earlier.map(({ asked, choice }, j) =>
      turn(j === 0 ? asked : { ...asked, feedback: earlier[j - 1]!.verdict }, choice)
    );
    const question = text(parts);
    return {
      system: way.isLettered ? this.#letteredSystem : this.options.system,
      turns: [...this.#examples.map(({ asked, choice }) => turn(asked, choice)), ...told],
      question,
      key: told.length === 0 ? question : JSON.stringify([told, question]),
    };
  }
}

function exampleOf(
  [mission = "", observation = "", answer = ""]: readonly string[],
  candidates: readonly string[],
): AnsweredQuestion {
  const choice = candidates.indexOf(answer);
  if (choice >= 0) {
    const asked = { mission, observation: [observation], feedback: NO_VERDICT };
    return { asked, choice, verdict: NO_VERDICT };
  }
  const hint = didYouMean(answer, candidates) || ` Right would be: ${candidates.join(", ")}.`;
  throw new TandemError(
    "E_OPTION",
    `An example of teacher.examples has the answer "${
      outsideText(answer)
    }", which is no candidate.${hint}`,
  );
}

function expectFeedback({ prompt, feedback, feedbackTurns }: Required<ChatOptions>): void {
  if (feedbackTurns === 0 || (feedback && prompt.includes("{feedback}"))) return;
  throw new TandemError(
    "E_OPTION",
    `The option "feedbackTurns" of teacher.chat is "${feedbackTurns}", and the verdicts have no place: ` +
      "the prompt needs the field {feedback}, and teacher.feedback must be true.",
  );
}
