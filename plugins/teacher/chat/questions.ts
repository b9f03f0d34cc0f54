/** Questions in the words of the options, and in those of the way in which they are asked. */
import { compileTemplate } from "@tandem/core/internal";
import type { ChatOptions } from "../options.ts";
import { chatOptions } from "./options.ts";
import type { ChatRequest } from "./request.ts";
import { LETTERS, type Way } from "./ways.ts";

/** What a question tells. */
export interface QuestionParts {
  readonly mission: string;
  readonly observation: readonly string[];
  /** The verdict on the last answer. */
  readonly feedback: string;
}

/** A question before it is said when and at which temperature it is asked. */
export type Question = Pick<ChatRequest, "system" | "turns" | "question">;

/** What stands for a verdict where there is none. */
export const NO_VERDICT = "none";

/** What a model is told about its part that is to answer with a letter, unless the options say it. */
const LETTERED_SYSTEM =
  "You guide an agent through a small world. Answer with the letter of one of the candidates, and nothing else.";

const LETTERED_REQUEST = "Answer with the letter of one of the candidates, and nothing else.";

/** Writes questions. */
export class Questions {
  readonly #plain: (parts: QuestionParts) => string;
  readonly #lettered: (parts: QuestionParts) => string;
  readonly #letteredSystem: string;

  /** @throws {TandemError} E_OPTION where the prompt has a field that there is not. */
  constructor(
    private readonly options: Required<ChatOptions>,
    candidates: readonly string[],
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
    const lettered = candidates.map((candidate, k) => `${LETTERS[k]}: ${candidate}`).join(", ");
    const names = /\{candidates\}/.test(prompt) ? "" : `Candidates: ${lettered}\n`;
    this.#lettered = (parts) => names + compile(lettered)(parts);
    const isDefault = system === chatOptions.system.default;
    this.#letteredSystem = isDefault ? LETTERED_SYSTEM : `${system}\n${LETTERED_REQUEST}`;
  }

  /** A question in words that fit the way in which it is asked. */
  write(parts: QuestionParts, { isLettered }: Way): Question {
    return isLettered
      ? { system: this.#letteredSystem, turns: [], question: this.#lettered(parts) }
      : { system: this.options.system, turns: [], question: this.#plain(parts) };
  }
}

/** By what a question is known: equal ones have equal answers. */
export function keyOf({ turns, question }: Question): string {
  return turns.length === 0 ? question : JSON.stringify([turns, question]);
}
