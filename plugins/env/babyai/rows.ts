/** Observations as rows of bytes, and what writes them. */
import type { Worlds } from "./worlds.ts";

/** N observations of D bytes; D is a multiple of four. */
export class Rows {
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit words. */
  readonly words: Uint32Array;

  /**
   * @param count Number of rows, N.
   * @param size Bytes of a row, D.
   */
  constructor(readonly count: number, readonly size: number) {
    this.bytes = new Uint8Array(count * size);
    this.words = new Uint32Array(this.bytes.buffer);
  }

  /** Copies row i of another of the same shape. */
  copyRow(i: number, from: Rows): void {
    const length = this.size >> 2;
    for (let k = i * length; k < (i + 1) * length; k++) this.words[k] = from.words[k]!;
  }
}

/** Writes what the agent of a world is given into a row. */
export interface Observer {
  /** Number of categories of each byte of a row; a multiple of four bytes. */
  readonly categories: readonly number[];
  /** Bytes of a cell. */
  readonly channels: number;
  write(worlds: Worlds, index: number, rows: Rows): void;
}
