/** How an instruct model is spoken to: the chat template of its folder. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideReason } from "@tandem/core/internal";
import { inFolder } from "../files/location.ts";
import { isThere, readTextFile } from "../files/read.ts";
import { readOptionalJsonObject } from "../model_folder/files.ts";
import { meteredTemplate, MOST_TEMPLATE, type Render, TemplateError } from "./metered.ts";

/** One turn of a conversation. */
export interface ChatMessage {
  /** Whose turn it is. */
  readonly role: "system" | "user" | "assistant";
  /** What is said. */
  readonly content: string;
}

/** A model's chat template. */
export interface ChatTemplate {
  /**
   * A conversation as the model was trained to read it, up to where its answer begins. It holds the
   * token that begins texts where the model knows one, so none is to be added. Where the template has
   * no place for the system's words, they stand before those of the first user.
   *
   * @param messages The system's words, or none; then users and assistant in turns, a user last.
   * @throws TandemError E_TOKENIZER where the template refuses it.
   */
  render(messages: readonly ChatMessage[]): string;
}

const TEMPLATE_FILE = "chat_template.jinja";
const CONFIG = "tokenizer_config.json";

/**
 * Reads the chat template of a model folder, of chat_template.jinja or else tokenizer_config.json;
 * undefined where there is none. A template is foreign: its size, what it computes and what it makes
 * are bounded, and a conversation is tried on it at once.
 *
 * @throws TandemError E_TOKENIZER where it is malformed, too large, or refuses every conversation.
 * @example
 * ```ts
 * import { readChatTemplate } from "@tandem/runtimes/language-model";
 * import assert from "node:assert/strict";
 * // Its chat_template.jinja says "<{{ m.role }}>{{ m.content }}" of each message, and "<assistant>".
 * const template = await readChatTemplate("tests/fixtures/chat-templates/folder");
 * const text = template!.render([{ role: "user", content: "Left or right?" }]);
 * assert.equal(text, "<user>Left or right?<assistant>");
 * ```
 */
export async function readChatTemplate(dir: string): Promise<ChatTemplate | undefined> {
  const config = await readOptionalJsonObject(inFolder(dir, CONFIG), "E_TOKENIZER");
  const found = await sourceIn(dir, config);
  if (!found) return undefined;
  const { file, source } = found;
  const fails = (cause: unknown) => {
    if (!(cause instanceof TemplateError)) return cause;
    return new TandemError(
      "E_TOKENIZER",
      `The chat template in "${file}" cannot be used: ${
        outsideReason(cause).replace(/\.$/, "")
      }; without it the model is asked as one that was not trained to chat.`,
      { cause },
    );
  };
  try {
    const tokens = await specialTokens(dir, config);
    const render = await meteredTemplate(source);
    return new JinjaTemplate(render, tokens, fails);
  } catch (cause) {
    throw fails(cause);
  }
}

/** A template's text and where it stands. The file of its own goes before, as in transformers. */
async function sourceIn(
  dir: string,
  config: Readonly<Record<string, unknown>>,
): Promise<{ readonly file: string; readonly source: string } | undefined> {
  const own = inFolder(dir, TEMPLATE_FILE);
  if (await isThere(own)) return { file: own, source: await readSource(own) };
  const file = inFolder(dir, CONFIG);
  const { chat_template: given } = config;
  if (given === undefined || given === null) return undefined;
  const parsed = v.safeParse(TEMPLATES, given);
  if (!parsed.success) throw malformed(file);
  const { output } = parsed;
  const source = typeof output === "string"
    ? output
    : output.find(({ name }) => name === "default")?.template;
  return source === undefined ? undefined : { file, source };
}

/** A template, or several by name, of which "default" is for conversations. */
const TEMPLATES = v.union([
  v.string(),
  v.array(v.object({ name: v.string(), template: v.string() })),
]);

async function readSource(file: string): Promise<string> {
  try {
    return await readTextFile(file, 4 * MOST_TEMPLATE);
  } catch (cause) {
    if (cause instanceof TandemError) throw cause; // of a server
    throw malformed(file, cause);
  }
}

function malformed(file: string, cause?: unknown): TandemError {
  return new TandemError(
    "E_TOKENIZER",
    `The chat template in "${file}" cannot be read; a text of at most ${MOST_TEMPLATE} ` +
      "characters is needed, or a list of such texts with their names.",
    { cause },
  );
}

const token = v.fallback(
  v.optional(v.union([
    v.string(),
    v.pipe(v.object({ content: v.string() }), v.transform(({ content }) => content)),
  ])),
  undefined,
);

/** The tokens that templates know by name. */
const TOKENS = v.object({
  ...{ bos_token: token, eos_token: token, unk_token: token, pad_token: token },
  ...{ sep_token: token, cls_token: token, mask_token: token },
});

async function specialTokens(dir: string, config: Readonly<Record<string, unknown>>) {
  const file = inFolder(dir, "special_tokens_map.json");
  const named = { ...await readOptionalJsonObject(file, "E_TOKENIZER"), ...config };
  const known = Object.entries(v.parse(TOKENS, named)).filter(([, token]) => token !== undefined);
  return Object.fromEntries(known);
}

const PROBE: readonly ChatMessage[] = [
  { role: "user", content: "Where am I?" },
  { role: "assistant", content: "In a room." },
  { role: "user", content: "Where shall I go?" },
];
const SYSTEM = "You know the house.";

/** What templates may ask for, as transformers has it. Who guides shall answer, and not think. */
const ASKED = {
  ...{ add_generation_prompt: true, tools: null, documents: null },
  ...{ enable_thinking: false, thinking: false },
};

/** The mark of a thought that a template begins in the model's name, at a text's end. */
const OPEN_THOUGHT = /<(think(?:ing)?)>\s*$/;

/** See {@linkcode ChatTemplate}. */
class JinjaTemplate implements ChatTemplate {
  readonly #takesSystem: boolean;

  /** @throws TemplateError where it refuses every conversation. */
  constructor(
    private readonly made: Render,
    private readonly tokens: Readonly<Record<string, string>>,
    private readonly fails: (cause: unknown) => unknown,
  ) {
    this.#rendered(PROBE);
    this.#takesSystem = this.#saysSystem();
  }

  render(messages: readonly ChatMessage[]): string {
    const [first, next, ...rest] = messages;
    const apart = this.#takesSystem || first?.role !== "system" || !next;
    const taken = apart
      ? messages
      : [{ ...next, content: `${first.content}\n\n${next.content}` }, ...rest];
    try {
      return this.#rendered(taken);
    } catch (cause) {
      throw this.fails(cause);
    }
  }

  #saysSystem(): boolean {
    try {
      return this.#rendered([{ role: "system", content: SYSTEM }, ...PROBE]).includes(SYSTEM);
    } catch (error) {
      if (error instanceof TemplateError) return false;
      throw error;
    }
  }

  #rendered(messages: readonly ChatMessage[]): string {
    const text = this.made({ ...ASKED, ...this.tokens, messages });
    const [, thought] = OPEN_THOUGHT.exec(text) ?? [];
    return thought === undefined ? text : `${text.trimEnd()}\n</${thought}>\n\n`;
  }
}
