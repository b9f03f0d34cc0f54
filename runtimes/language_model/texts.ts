/** Texts on their way into a model: encoded, and refused where they do not fit. */
import { TandemError } from "@tandem/core";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelConfig } from "../model_folder/config.ts";

/** A text, or the ids of one that is tokenised already; ids are taken as they are. */
export type Text = string | readonly number[];

/** Encodes prompts and candidates. */
export class TextReader {
  readonly #tokenizer: Tokenizer;
  readonly #config: ModelConfig;

  constructor(tokenizer: Tokenizer, config: ModelConfig) {
    this.#tokenizer = tokenizer;
    this.#config = config;
  }

  /**
   * The ids of a text.
   *
   * @param special Whether the tokens of the tokenizer's template are added.
   * @param room Tokens that must fit behind it, where the model holds all in one sequence.
   * @throws TandemError E_PROMPT where it is empty, too long or has ids that the model lacks.
   */
  read(
    text: Text,
    special: boolean,
    what: "prompt" | "candidate",
    room = 0,
  ): readonly number[] {
    const ids = typeof text !== "string"
      ? text
      : text.trim() === ""
      ? []
      : this.#tokenizer.encode(text, { special });
    const problem = this.#problem(ids, this.#config.encoderDecoder ? 0 : room);
    if (problem === undefined) return ids;
    throw new TandemError("E_PROMPT", `The ${what} "${abbreviated(text)}" ${problem}.`);
  }

  /**
   * The ids of the candidates of every prompt.
   *
   * @param candidates One list for all prompts, or one a prompt.
   * @throws TandemError E_PROMPT where a list is empty or holds a text twice.
   */
  readCandidates(
    prompts: number,
    candidates: readonly string[] | readonly (readonly Text[])[],
    special: boolean,
  ): (readonly (readonly number[])[])[] {
    const read = (list: unknown, row: number) =>
      checkedList(list, row).map((text) => this.read(text, special, "candidate"));
    if (typeof candidates[0] !== "string") {
      return Array.from({ length: prompts }, (_, row) => read(candidates[row], row));
    }
    return new Array(prompts).fill(read(candidates, 0));
  }

  #problem(ids: readonly number[], room: number): string | undefined {
    const { maxLength, vocabSize } = this.#config;
    if (ids.length === 0) return "is empty; it needs a word at least";
    const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (foreign !== undefined) return `has the id ${foreign}; ids are below ${vocabSize}`;
    if (maxLength === undefined || ids.length + room <= maxLength) return undefined;
    const more = room > 0 ? ` and needs room for ${room} more` : "";
    return `has ${ids.length} tokens${more}; the model takes ${maxLength}`;
  }
}

function checkedList(list: unknown, row: number): readonly Text[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new TandemError("E_PROMPT", `Prompt ${row} has no candidates; it needs one at least.`);
  }
  const names = list.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return list;
  throw new TandemError(
    "E_PROMPT",
    `The candidate "${abbreviated(twice)}" stands twice in the list; each may stand once.`,
  );
}

function abbreviated(text: Text): string {
  const whole = String(text).replace(/\s+/g, " ");
  return whole.length > 60 ? `${whole.slice(0, 57)}...` : whole;
}
