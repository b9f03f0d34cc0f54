import { type ModelPart, Unusable } from "./definition.ts";
import { needed, type TokenModel } from "./token_model.ts";
import { PieceCache } from "./piece_cache.ts";
import { byteTokens } from "./unicode.ts";

/** What an unknown character costs beyond the unlikeliest token. */
const PENALTY = 10;

/** The likeliest tokens that make up a piece, found by Viterbi's algorithm. */
export class Unigram implements TokenModel {
  readonly ids: ReadonlyMap<string, number>;
  readonly unknown?: number;
  readonly #scores: readonly number[];
  readonly #fallsBack: boolean;
  /** The lengths that tokens have, shortest first. */
  readonly #lengths: readonly number[];
  readonly #unknownScore: number;
  readonly #cache = new PieceCache((piece) => this.#encode(piece));

  constructor({ vocab, unk_id, byte_fallback }: Extract<ModelPart, { type: "Unigram" }>) {
    this.ids = new Map(vocab.map(([token], id) => [token, id]));
    this.#scores = vocab.map(([, score]) => score);
    this.unknown = unk_id ?? undefined;
    if (this.unknown !== undefined && this.unknown >= vocab.length) {
      throw new Unusable(`its "unk_id" is "${unk_id}", and it has ${vocab.length} tokens`);
    }
    this.#fallsBack = byte_fallback;
    this.#lengths = [...new Set(vocab.map(([{ length }]) => length))].filter((length) => length > 0)
      .sort((a, b) => a - b);
    this.#unknownScore = this.#scores.reduce((least, score) => Math.min(least, score)) - PENALTY;
  }

  encode(piece: string): readonly number[] {
    return this.#cache.get(piece);
  }

  #encode(piece: string): number[] {
    return this.#parts(piece).flatMap((part) => {
      const id = this.ids.get(part);
      if (id !== undefined) return [id];
      const bytes = this.#fallsBack ? byteTokens(part).map((token) => this.ids.get(token)) : [];
      const known = bytes.filter((byte) => byte !== undefined);
      return known.length > 0 && known.length === bytes.length
        ? known
        : [needed(this.unknown, part)];
    });
  }

  /** The tokens as text; unknown characters side by side are one part. */
  #parts(piece: string): string[] {
    const starts = this.#bestStarts(piece);
    const parts: string[] = [];
    let unknown = 0;
    for (let end = piece.length; end > 0;) {
      const { start, id } = starts[end]!;
      const part = piece.slice(start, end);
      if (id === this.unknown && unknown > 0) parts[parts.length - 1] = part + parts.at(-1)!;
      else parts.push(part);
      unknown = id === this.unknown ? unknown + 1 : 0;
      end = start;
    }
    return parts.reverse();
  }

  /** For each place, where the last token of the best way there begins, and which one it is. */
  #bestStarts(piece: string): { start: number; id: number; score: number }[] {
    const best: { start: number; id: number; score: number }[] = [];
    const offer = (end: number, start: number, id: number, score: number) => {
      if (best[end] === undefined || score > best[end].score) best[end] = { start, id, score };
    };
    for (let start = 0; start < piece.length;) {
      const before = start === 0 ? 0 : best[start]!.score;
      const one = piece.codePointAt(start)! > 0xffff ? 2 : 1;
      let alone = false;
      for (const length of this.#lengths) {
        if (start + length > piece.length) break;
        const id = this.ids.get(piece.slice(start, start + length));
        if (id === undefined) continue;
        offer(start + length, start, id, this.#scores[id]! + before);
        alone ||= length === one;
      }
      if (!alone) {
        const id = needed(this.unknown, piece.slice(start, start + one));
        offer(start + one, start, id, this.#unknownScore + before);
      }
      start += one;
    }
    return best;
  }
}
