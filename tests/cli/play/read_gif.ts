/** Reads animated GIFs, by the format's own description (GIF89a): what a viewer would show. */

/** One picture as it is seen. */
export interface Shown {
  /** Hundredths of a second. */
  readonly delay: number;
  /** [height, width] 0xRRGGBB. */
  readonly pixels: Uint32Array;
}

/** An animated GIF. */
export interface Gif {
  readonly width: number;
  readonly height: number;
  /** How often it is shown; 0 for ever. */
  readonly repeat: number;
  readonly frames: readonly Shown[];
}

/** @param bytes Whole pictures with one table of colours for all. */
export function readGif(bytes: Uint8Array): Gif {
  const reader = new Reader(bytes);
  if (reader.text(6) !== "GIF89a") throw new Error("no GIF");
  const [width, height, fields] = [reader.short(), reader.short(), reader.byte()];
  reader.skip(2);
  const table = Array.from({ length: 2 << (fields & 7) }, () => reader.color());
  let [repeat, delay, unchanged, pixels] = [-1, 0, -1, new Uint32Array(width * height)];
  const frames: Shown[] = [];
  for (let block = reader.byte(); block !== 0x3b; block = reader.byte()) {
    if (block === 0x21) {
      const label = reader.byte();
      if (label === 0xff) {
        reader.skip(14);
        repeat = reader.short();
        reader.skip(1);
      } else {
        reader.skip(1);
        const hasUnchanged = reader.byte() & 1;
        delay = reader.short();
        const index = reader.byte();
        unchanged = hasUnchanged ? index : -1;
        reader.skip(1);
      }
    } else {
      reader.skip(9);
      const smallest = reader.byte();
      const indices = unpack(reader.blocks(), smallest);
      if (indices.length !== pixels.length) throw new Error(`${indices.length} pixels`);
      pixels = pixels.map((color, at) => indices[at] === unchanged ? color : table[indices[at]!]!);
      frames.push({ delay, pixels });
    }
  }
  return { width, height, repeat, frames };
}

/**
 * Lempel, Ziv and Welch's codes. They take so many bits as the next entry of the table asks for, of which
 * the reader is one behind the writer.
 */
function unpack(bytes: Uint8Array, smallest: number): number[] {
  const [clear, end] = [1 << smallest, (1 << smallest) + 1];
  const first = () => Array.from({ length: end + 1 }, (_, i) => i < clear ? [i] : []);
  const indices: number[] = [];
  let codes = first();
  let before: number[] | undefined;
  for (let at = 0;;) {
    const size = Math.min(12, 32 - Math.clz32(Math.max(codes.length, end)));
    let code = 0;
    for (let bit = 0; bit < size; bit++, at++) code |= (bytes[at >> 3]! >> (at & 7) & 1) << bit;
    if (code === end || at > 8 * bytes.length) return indices;
    if (code === clear) {
      codes = first();
      before = undefined;
      continue;
    }
    const run: number[] = codes[code] ?? [...before!, before![0]!];
    for (const index of run) indices.push(index);
    if (before && codes.length < 4096) codes.push([...before, run[0]!]);
    before = run;
  }
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.#at >= this.bytes.length) throw new Error("a GIF that is cut short");
    return this.bytes[this.#at++]!;
  }

  short(): number {
    return this.byte() | this.byte() << 8;
  }

  color(): number {
    return this.byte() << 16 | this.byte() << 8 | this.byte();
  }

  text(length: number): string {
    return String.fromCharCode(...Array.from({ length }, () => this.byte()));
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  /** Pieces of up to 255 bytes, until an empty one. */
  blocks(): Uint8Array {
    const pieces: number[] = [];
    for (let length = this.byte(); length > 0; length = this.byte()) {
      for (let i = 0; i < length; i++) pieces.push(this.byte());
    }
    return Uint8Array.from(pieces);
  }
}
