/** Questions as conversations, for models that were trained to chat. */
import { type OptionsOutput, type PromptFields, TandemError } from "@tandem/core";
import type { PromptParts } from "@tandem/core/kit";
import {
  type ChatMessage,
  type ChatTemplate,
  type LanguageModel,
  readChatTemplate,
  type Text,
} from "@tandem/runtimes/language-model";
import { BLANK } from "./blank_model.ts";
import { NO_VERDICT } from "./channels/prompt.ts";
import type { languageModelOptions } from "./options.ts";

/** How a model is spoken to. */
export interface Chat extends Pick<Options, "system" | "examples"> {
  readonly template: ChatTemplate;
}

type Options = OptionsOutput<typeof languageModelOptions>;

/**
 * How a model is spoken to by the chat template of its folder, or undefined where it is not.
 *
 * @throws {TandemError} E_OPTION where the options ask for a template that is not there; E_TOKENIZER
 * where it cannot be used.
 */
export async function chatFor(
  { chat, model, system, examples }: Pick<Options, "chat" | "model" | "system" | "examples">,
  opened: Pick<LanguageModel, "info">,
): Promise<Chat | undefined> {
  if (chat === "off" || model === BLANK && chat === "auto") return undefined;
  const { dir, encoderDecoder } = opened.info;
  if (chat === "auto" && encoderDecoder) return undefined;
  const template = await readChatTemplate(dir);
  if (template) return { template, system, examples };
  if (chat === "auto") return undefined;
  throw new TandemError(
    "E_OPTION",
    `The option chat is "on", but the folder "${dir}" of the model has no chat template; "auto" ` +
      "speaks by one where it is there.",
  );
}

/**
 * Prompts as conversations: the system's words, the examples, what was asked and suggested before with
 * the verdict on it in the next question, and the question at hand.
 *
 * @param prompt What a user says in one turn.
 */
export function chatPrompt(
  prompt: (parts: PromptParts) => string,
  { template, system, examples }: Chat,
): (parts: PromptParts & Pick<PromptFields, "turns">) => string {
  const opening = [
    ...(system === "" ? [] : [message("system", system)]),
    ...Object.entries(examples).flatMap(([question, answer]) => exchange(question, answer)),
  ];
  return ({ turns = [], ...parts }) => {
    const verdicts = [NO_VERDICT, ...turns.map(({ words }) => words)];
    const before = turns.flatMap(({ mission, seen: observation, said }, i) => {
      const feedback = verdicts[i]!;
      return exchange(prompt({ ...parts, mission, observation, feedback, memory: "" }), said);
    });
    const feedback = turns.at(-1)?.words ?? parts.feedback;
    const question = message("user", prompt({ ...parts, feedback }));
    return template.render([...opening, ...before, question]);
  };
}

/** A model that reads prompts as they are written: a template has the token that begins a text. */
export function asWritten(model: LanguageModel): LanguageModel {
  const read = (prompts: readonly Text[]) =>
    prompts.map((prompt) =>
      typeof prompt === "string" ? model.tokenizer.encode(prompt, { special: false }) : prompt
    );
  return {
    info: model.info,
    tokenizer: model.tokenizer,
    generate: (prompts, options) => model.generate(read(prompts), options),
    score: (prompts, candidates, options) => model.score(read(prompts), candidates, options),
    firstLogits: (prompts) => model.firstLogits(read(prompts)),
    hidden: (prompts) => model.hidden(read(prompts)),
    dispose: () => model.dispose(),
  };
}

function exchange(question: string, answer: string): ChatMessage[] {
  return [message("user", question), message("assistant", answer)];
}

function message(role: ChatMessage["role"], content: string): ChatMessage {
  return { role, content };
}
