/** Models: a piece of text to ids. */
import { Bpe } from "./bpe.ts";
import { model as modelSchema, type ModelPart, parsePart, Unusable } from "./definition.ts";
import { Unigram } from "./unigram.ts";

/** Turns pieces into ids. */
export interface TokenModel {
  /** @throws Unusable where the piece has no ids. */
  encode(piece: string): readonly number[];
  readonly ids: ReadonlyMap<string, number>;
  /** The id of what no token covers, where there is one. */
  readonly unknown?: number;
}

/** Reads a definition's "model". @throws Unusable. */
export function modelOf(definition: unknown): TokenModel {
  const part = parsePart(modelSchema, named(definition), "model");
  switch (part.type) {
    case "BPE":
      return new Bpe(part);
    case "Unigram":
      return new Unigram(part);
    case "WordPiece":
      return wordPiece(part);
    case "WordLevel":
      return wordLevel(part);
  }
}

/** Old files do not say the type of their model: what it has tells. */
function named(definition: unknown): unknown {
  if (typeof definition !== "object" || definition === null || "type" in definition) {
    return definition;
  }
  const { vocab, merges, continuing_subword_prefix: prefix } = definition as Record<
    string,
    unknown
  >;
  const type = Array.isArray(merges)
    ? "BPE"
    : Array.isArray(vocab)
    ? "Unigram"
    : prefix !== undefined
    ? "WordPiece"
    : "WordLevel";
  return { ...definition, type };
}

function wordLevel({ vocab, unk_token }: Extract<ModelPart, { type: "WordLevel" }>): TokenModel {
  const ids = new Map(Object.entries(vocab));
  const unknown = ids.get(unk_token);
  return { ids, unknown, encode: (piece) => [ids.get(piece) ?? needed(unknown, piece)] };
}

function wordPiece(part: Extract<ModelPart, { type: "WordPiece" }>): TokenModel {
  const ids = new Map(Object.entries(part.vocab));
  const unknown = ids.get(part.unk_token);
  const prefix = part.continuing_subword_prefix;
  return {
    ids,
    unknown,
    encode(piece) {
      const characters = [...piece];
      if (characters.length > part.max_input_chars_per_word) return [needed(unknown, piece)];
      const found: number[] = [];
      for (let start = 0; start < characters.length;) {
        let end = characters.length;
        let id: number | undefined;
        for (; end > start; end--) {
          const word = characters.slice(start, end).join("");
          id = ids.get(start > 0 ? prefix + word : word);
          if (id !== undefined) break;
        }
        if (id === undefined) return [needed(unknown, piece)];
        found.push(id);
        start = end;
      }
      return found;
    },
  };
}

/** The id for what no token covers. @throws Unusable where there is none. */
export function needed(unknown: number | undefined, piece: string): number {
  if (unknown !== undefined) return unknown;
  const shown = JSON.stringify(piece.slice(0, 40)).slice(1, -1);
  throw new Unusable(`no token of it covers "${shown}", and it has none for the unknown`);
}
