/** Maps of a grid's cells by a mission; assembly/maps.ts computes them. */
import type { Arena, Block } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import { type Column, Columns } from "./columns.ts";
import type { Layer } from "./parameters.ts";
import type { Rows, Table, Tape } from "./tape.ts";

/** Sizes of maps. */
export interface MapShape {
  /** Cells, C, which begin each row of the data. */
  readonly cells: number;
  /** Categories of each byte of a cell, R in all. */
  readonly channels: readonly number[];
  /** Maps by the mission, K; a multiple of 4. */
  readonly matched: number;
  /** Maps without the mission, F; a multiple of 4. */
  readonly plain: number;
  /** Numbers of a cell, and of a word, d; a multiple of 4. */
  readonly width: number;
  /** Places of words in a mission, P. */
  readonly slots: number;
  /** Bytes of a row of the data. */
  readonly bytes: number;
}

/** The layers that maps are made of. */
export interface MapLayers {
  /** [R, d] the table of cells' categories; no bias. */
  readonly cell: Layer;
  /** [words, d] the table of words; no bias. */
  readonly word: Layer;
  /** [P, K] how far a word counts for a query by its place; no bias. */
  readonly gate: Layer;
  /** [1, K] sharpness of attention, and the maps' biases. */
  readonly match: Layer;
  /** [R, F] without a bias. */
  readonly plain: Layer;
  /** [C, d] vectors of the cells' places, without a bias, where they have such. */
  readonly place?: Layer;
  /** [words + floats, hidden], where queries depend on floats. */
  readonly query?: Layer;
  /** [hidden, d K], where queries depend on floats. */
  readonly asked?: Layer;
}

/** Where the data of maps stand. */
export interface MapData {
  /** [rows, bytes] */
  readonly entries: Block<Uint8Array>;
  /** [rows, P] words, counted from 1. */
  readonly slots: Block<Uint8Array>;
  /** [rows, words] 1 where the mission has the word. */
  readonly words: Block<Uint8Array>;
  /** Floats that queries depend on. */
  readonly floats?: Rows;
}

/** Maps with their tables. */
export class Maps {
  /** The shape as assembly/maps.ts reads it. */
  readonly #shape: Block<Int32Array>;
  readonly #query: Columns | undefined;
  /** Bytes of the scores of categories and cells, and of a row of queries. */
  readonly #scores: number;
  readonly #queries: number;

  /** Makes room for the tables; `words` are the columns of a mission's words. */
  constructor(
    arena: Arena,
    private readonly shape: MapShape,
    private readonly layers: MapLayers,
    words: readonly Column[],
  ) {
    const { cells, channels, matched, plain, width, slots, bytes } = shape;
    const firsts: number[] = [];
    const categories = channels.reduce((first, count) => {
      firsts.push(first);
      return first + count;
    }, 0);
    const numbers = [cells, channels.length, categories, matched, plain, width, slots, bytes];
    this.#shape = arena.integers(numbers.length + firsts.length);
    this.#shape.view.set([...numbers, ...firsts]);
    this.#scores = 4 * matched * (categories + cells);
    this.#queries = 4 * matched * width;
    this.#query = layers.query && new Columns(arena, [words], layers.query);
  }

  /** Takes in weights that were written from outside. */
  prepare(): void {
    this.#query?.prepare();
  }

  /** What {@linkcode prepare} does, as a part of a program. */
  prepareIn(tape: Tape, part: "head" | "tail"): void {
    this.#query?.prepareIn(tape, part);
  }

  /** [rows, C K + C K + C F] the maps of the data, `shift` rows on. */
  embed(tape: Tape, data: MapData, shift = 0): Table {
    const { cells, matched, plain } = this.shape;
    const { cell, match, place, plain: free } = this.layers;
    const q = this.#ask(tape, data, shift);
    const m = tape.table(cells * matched, false);
    const out = tape.table(cells * (2 * matched + plain));
    const scores = tape.room(this.#scores + this.#queries);
    const shape = this.#shape.at, seen = data.entries.at;
    tape.emit(
      "body",
      Op.Maps,
      ...[shape, seen, q.at, cell.weights, place?.weights ?? 0, match.weights, free.weights],
      ...[scores, m.at, out.at, shift],
    );
    tape.note(() => {
      const [dCell, dMatch, dPlain] = [cell, match, free].map((layer) => tape.gradsOf(layer));
      const dPlace = place ? tape.gradsOf(place) : 0;
      tape.reach(q);
      tape.emit(
        "body",
        Op.MapGrads,
        ...[shape, seen, q.at, cell.weights, place?.weights ?? 0, match.weights, m.at, out.at],
        ...[out.grads, scores, q.grads, dCell!, dPlace, dMatch!, dPlain!, shift],
      );
    });
    return out;
  }

  /** [rows, d K] queries. */
  #ask(tape: Tape, { words, floats, slots }: MapData, shift: number): Table {
    const { width, matched } = this.shape;
    const { word, gate, asked } = this.layers;
    const hidden = this.#query?.embed(tape, [words], shift, { floats, activation: "relu" });
    const q = hidden && asked ? tape.dense([hidden], asked) : tape.table(width * matched);
    const shape = this.#shape.at;
    const of = [shape, slots.at, word.weights, gate.weights];
    tape.emit("body", Op.Queries, ...of, q.at, hidden ? 0 : 1, shift);
    const turned = tape.room(this.#queries);
    tape.note(() => {
      const [dWord, dGate] = [tape.gradsOf(word), tape.gradsOf(gate)];
      tape.emit("body", Op.QueryGrads, ...of, q.grads, dWord, dGate, turned, shift);
    });
    return q;
  }
}
