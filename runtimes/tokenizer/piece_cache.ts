/** Pieces with their ids: words come again and again. */

const MOST_PIECES = 10_000;
const LONGEST_PIECE = 256;

/** Remembers the ids of short pieces, and forgets all of them when there are too many. */
export class PieceCache {
  readonly #encode: (piece: string) => readonly number[];
  readonly #known = new Map<string, readonly number[]>();

  constructor(encode: (piece: string) => readonly number[]) {
    this.#encode = encode;
  }

  get(piece: string): readonly number[] {
    const known = this.#known.get(piece);
    if (known) return known;
    const ids = this.#encode(piece);
    if (piece.length > LONGEST_PIECE) return ids;
    if (this.#known.size >= MOST_PIECES) this.#known.clear();
    this.#known.set(piece, ids);
    return ids;
  }
}
