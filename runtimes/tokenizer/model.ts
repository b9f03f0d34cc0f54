/** Models: a piece of text to ids. */
import { Bpe } from "./bpe.ts";
import { model as modelSchema, type ModelPart, parsePart } from "./definition.ts";
import { needed, type TokenModel } from "./token_model.ts";
import { Unigram } from "./unigram.ts";

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
