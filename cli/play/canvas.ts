/** A picture of pixels. */
import { letter, LETTER_HEIGHT, LETTER_WIDTH } from "./glyphs.ts";
import type { Color, Drawing, Point, Shape } from "./shapes.ts";

/** Samples along a pixel's side: edges are as smooth as Minigrid's. */
const SAMPLES = 3;

const WHITE = 0xffffff;

/** A side of an outline, from one point to another. */
type Edge = readonly [Point, Point];

/** Where an edge crosses a row of samples, and which way it goes: 1 down, -1 up. */
type Crossing = readonly [x: number, way: number];

/** White at first. */
export class Canvas {
  /** [height, width] red, green and blue as 0xRRGGBB. */
  readonly pixels: Uint32Array;
  /** How many samples of each pixel of a row a shape covers. */
  readonly #covered: Uint8Array;

  constructor(readonly width: number, readonly height: number) {
    this.pixels = new Uint32Array(width * height).fill(WHITE);
    this.#covered = new Uint8Array(width);
  }

  /**
   * Fills a drawing's shapes, one over the other.
   *
   * @param scale Pixels that a unit of the drawing has.
   * @param left Pixels to the left of it.
   */
  draw({ shapes }: Drawing, scale: number, left: number): void {
    for (const { outlines, fill, opacity } of shapes) {
      const scaled = outlines.map((outline) =>
        outline.map(([x, y]): Point => [(scale * x + left) * SAMPLES, scale * y * SAMPLES])
      );
      this.#fill({ outlines: scaled, fill, opacity });
    }
  }

  /** Writes a line of text, black, each dot of its letters a square of so many pixels. */
  write(text: string, left: number, top: number, dot: number): void {
    [...text].forEach((character, at) => {
      letter(character).forEach((row, y) => {
        for (let x = 0; x < LETTER_WIDTH; x++) {
          const from = left + dot * (at * (LETTER_WIDTH + 1) + x);
          if (row[x] === "#") this.#ink(from, top + dot * y, dot);
        }
      });
    });
  }

  #ink(left: number, top: number, side: number): void {
    const right = Math.min(left + side, this.width);
    for (let y = top; y < Math.min(this.height, top + side); y++) {
      this.pixels.fill(0, y * this.width + Math.min(left, right), y * this.width + right);
    }
  }

  /** Fills a shape in units of samples. */
  #fill({ outlines, fill, opacity }: Shape): void {
    const [left, right] = rangeOf(outlines, 0, this.width);
    const [top, bottom] = rangeOf(outlines, 1, this.height);
    const edges = edgesByRow(outlines, top, bottom);
    for (let y = top; y < bottom; y++) {
      this.#covered.fill(0, left, right);
      for (let sample = 0; sample < SAMPLES; sample++) {
        this.#cover(crossings(edges[y - top]!, y * SAMPLES + sample + 0.5));
      }
      for (let x = left; x < right; x++) {
        const count = this.#covered[x]!;
        const at = y * this.width + x;
        if (count === 0) continue;
        this.pixels[at] = blend(this.pixels[at]!, fill, opacity * count / SAMPLES ** 2);
      }
    }
  }

  /** Counts the samples of a row between which the winding is not zero. */
  #cover(row: readonly Crossing[]): void {
    let winding = 0;
    row.forEach(([x, way], i) => {
      winding += way;
      if (winding === 0 || i + 1 === row.length) return;
      const from = Math.max(0, Math.ceil(x - 0.5));
      const to = Math.min(this.width * SAMPLES, Math.ceil(row[i + 1]![0] - 0.5));
      for (let at = from; at < to;) {
        const pixel = Math.floor(at / SAMPLES);
        const end = Math.min(to, (pixel + 1) * SAMPLES);
        this.#covered[pixel]! += end - at;
        at = end;
      }
    });
  }
}

/** The pixels that a shape in units of samples may touch, from one to another. */
function rangeOf(outlines: Shape["outlines"], axis: 0 | 1, most: number): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const point of outlines.flat()) {
    least = Math.min(least, point[axis]);
    greatest = Math.max(greatest, point[axis]);
  }
  return [Math.max(0, Math.floor(least / SAMPLES)), Math.min(most, Math.ceil(greatest / SAMPLES))];
}

function blend(under: number, [red, green, blue]: Color, share: number): number {
  const mix = (shift: number, over: number) => {
    const part = under >> shift & 255;
    return Math.round(part + share * (over - part)) << shift;
  };
  return mix(16, red) | mix(8, green) | mix(0, blue);
}

/** Columns that a text takes, in dots. */
export function textWidth(characters: number): number {
  return characters * (LETTER_WIDTH + 1);
}

/** Rows that a line of text takes with the gap below it, in dots. */
export const LINE_HEIGHT = LETTER_HEIGHT + 3;

/** The edges that pixels of each row may touch; level ones bound nothing. */
function edgesByRow(outlines: Shape["outlines"], top: number, bottom: number): Edge[][] {
  const rows = Array.from({ length: Math.max(0, bottom - top) }, (): Edge[] => []);
  for (const outline of outlines) {
    outline.forEach((point, i) => {
      const edge: Edge = [point, outline[(i + 1) % outline.length]!];
      const [least, greatest] = [point[1], edge[1][1]].sort((a, b) => a - b);
      if (least === greatest) return;
      const from = Math.max(top, Math.floor(least! / SAMPLES));
      const to = Math.min(bottom, Math.ceil(greatest! / SAMPLES));
      for (let y = from; y < to; y++) rows[y - top]!.push(edge);
    });
  }
  return rows;
}

function crossings(edges: readonly Edge[], y: number): Crossing[] {
  const found: Crossing[] = [];
  for (const [[x0, y0], [x1, y1]] of edges) {
    if ((y0 <= y) === (y1 <= y)) continue;
    found.push([x0 + (y - y0) / (y1 - y0) * (x1 - x0), y1 > y0 ? 1 : -1]);
  }
  return found.sort(([a], [b]) => a - b);
}
