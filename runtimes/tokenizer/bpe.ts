import { type ModelPart, Unusable } from "./definition.ts";
import { needed, type TokenModel } from "./token_model.ts";
import { PieceCache } from "./piece_cache.ts";
import { byteTokens } from "./unicode.ts";

type BpePart = Extract<ModelPart, { type: "BPE" }>;

/** What two neighbours become, and how early. */
interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** More than any id: a pair of ids is one number. */
const SCALE = 2 ** 24;

/** Byte-pair encoding: neighbours are merged, those of the earliest rule first, the leftmost first. */
export class Bpe implements TokenModel {
  readonly ids: ReadonlyMap<string, number>;
  readonly unknown?: number;
  readonly #part: BpePart;
  readonly #merges: ReadonlyMap<number, Merge>;
  readonly #cache = new PieceCache((piece) => this.#encode(piece));

  constructor(part: BpePart) {
    this.#part = part;
    this.ids = new Map(Object.entries(part.vocab));
    this.unknown = part.unk_token ? this.ids.get(part.unk_token) : undefined;
    this.#merges = mergesOf(part, this.ids);
  }

  encode(piece: string): readonly number[] {
    return this.#cache.get(piece);
  }

  #encode(piece: string): readonly number[] {
    const whole = this.#part.ignore_merges ? this.ids.get(piece) : undefined;
    return whole === undefined ? merged(this.#symbols(piece), this.#merges) : [whole];
  }

  /** The ids of a piece's characters. */
  #symbols(piece: string): number[] {
    const { continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = this.#part;
    const { byte_fallback, unk_token, fuse_unk } = this.#part;
    const symbols: number[] = [];
    let pending = false; // An unknown character that the next ones may join.
    const characters = [...piece];
    characters.forEach((character, i) => {
      const text = (i > 0 ? prefix ?? "" : "") + character +
        (i === characters.length - 1 ? suffix ?? "" : "");
      const id = this.ids.get(text);
      if (id !== undefined) {
        if (pending) symbols.push(this.unknown!);
        pending = false;
        symbols.push(id);
        return;
      }
      const bytes = byte_fallback ? byteTokens(text).map((token) => this.ids.get(token)) : [];
      const known = bytes.filter((byte) => byte !== undefined);
      if (known.length > 0 && known.length === bytes.length) return void symbols.push(...known);
      if (!unk_token) return; // Then the original, too, leaves it out.
      const unknown = needed(this.unknown, text);
      if (pending && !fuse_unk) symbols.push(unknown);
      pending = true;
    });
    if (pending) symbols.push(this.unknown!);
    return symbols;
  }
}

function mergesOf(part: BpePart, ids: ReadonlyMap<string, number>): Map<number, Merge> {
  const prefix = part.continuing_subword_prefix ?? "";
  const merges = new Map<number, Merge>();
  part.merges.forEach((rule, rank) => {
    const pair = typeof rule === "string" ? rule.split(" ") : rule;
    if (pair.length !== 2) throw new Unusable(`its merge "${rule}" is no pair`);
    const [left, right] = pair as [string, string];
    const id = (token: string) => {
      const known = ids.get(token);
      if (known !== undefined) return known;
      throw new Unusable(`its merge of "${left}" and "${right}" needs the token "${token}"`);
    };
    const key = id(left) * SCALE + id(right);
    merges.set(key, { rank, id: id(left + right.slice(prefix.length)) });
  });
  return merges;
}

/** Symbols with everything merged that can be. */
function merged(ids: number[], merges: ReadonlyMap<number, Merge>): number[] {
  // A list linked both ways; a symbol that was taken in by the one before it is -1.
  const next = ids.map((_, i) => i + 1), before = ids.map((_, i) => i - 1);
  const queue = new Queue();
  const offer = (left: number) => {
    const right = left < 0 ? ids.length : next[left]!;
    if (right >= ids.length) return;
    const merge = merges.get(ids[left]! * SCALE + ids[right]!);
    if (merge) queue.add({ rank: merge.rank, id: merge.id, left });
  };
  for (let i = 0; i < ids.length - 1; i++) offer(i);
  for (let first; (first = queue.take());) {
    const { left, id } = first;
    const right = next[left]!;
    if (ids[left]! < 0 || right >= ids.length) continue;
    if (merges.get(ids[left]! * SCALE + ids[right]!)?.id !== id) continue;
    ids[left] = id;
    ids[right] = -1;
    next[left] = next[right]!;
    if (next[left]! < ids.length) before[next[left]!] = left;
    offer(before[left]!);
    offer(left);
  }
  return ids.filter((id) => id >= 0);
}

/** A merge that could be made, of the symbol at `left` with the next. */
interface Candidate extends Merge {
  readonly left: number;
}

/** A binary heap: the earliest rule first, the leftmost of one rule first. */
class Queue {
  readonly #heap: Candidate[] = [];

  add(candidate: Candidate): void {
    const heap = this.#heap;
    let at = heap.push(candidate) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(candidate, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = candidate;
  }

  take(): Candidate | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    let at = 0;
    for (let child; (child = 2 * at + 1) < heap.length; at = child) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.rank < b.rank || a.rank === b.rank && a.left < b.left;
}
