/** Steps as an animated GIF, for talks. */
import { importOptional } from "../../core/base/optional_package.ts";
import { Canvas, LINE_HEIGHT, textWidth } from "./canvas.ts";
import { captionOf } from "./film.ts";
import type { Frame } from "./frame.ts";
import { type Drawing, readShapes } from "./shapes.ts";

/** Pixels along the longer side of a world at most, and around texts. */
const [SIDE, MARGIN] = [480, 8];

/** Pixels along a dot of the letters. */
const DOT = 2;

/** Lines that each of a step's three sentences has at most. */
const MOST_LINES = 2;

/** Hundredths of a second: the least that viewers keep to, and how long the last step stays longer. */
const [SHORTEST, PAUSE] = [2, 150];

/** Colours beside the one that leaves a pixel as it was. */
const MOST_COLORS = 255;

/** A colour as [red, green, blue]. */
type Rgb = number[];

/** What is used of the package, which has no types. */
interface Gifenc {
  GIFEncoder(): {
    writeFrame(pixels: Uint8Array, width: number, height: number, options: object): void;
    finish(): void;
    bytes(): Uint8Array;
  };
  quantize(rgba: Uint8Array, most: number): Rgb[];
  nearestColorIndex(palette: Rgb[], color: Rgb): number;
}

/**
 * An animated GIF, which begins anew at its end: each step's world as the env drew it, and below it the
 * mission, what the teacher says and what the student does. The same steps give the same bytes.
 *
 * @param frames Each with a picture.
 * @param perSecond Steps a second; a GIF shows at most 50.
 * @throws {TandemError} E_WIRING where a picture has what pixels are not made of; E_PACKAGE.
 */
export async function gif(frames: readonly Frame[], perSecond: number): Promise<Uint8Array> {
  const { default: gifenc } = await importOptional<{ default: Gifenc }>(
    "gifenc",
    "writes GIFs",
    (name) => import(name),
  );
  const scenes = frames.map(sceneOf);
  const layout = layoutOf(scenes);
  // Painted twice: all pictures of a long film would fill the memory.
  const palette = paletteOf(scenes.map((scene) => () => paint(scene, layout)), gifenc);
  const encoder = gifenc.GIFEncoder();
  let before: Uint8Array | undefined;
  for (const [i, scene] of scenes.entries()) {
    const pixels = palette.indicesOf(paint(scene, layout));
    const hundredths = Math.max(SHORTEST, Math.round(100 / perSecond));
    encoder.writeFrame(
      before ? changes(before, pixels, palette.unchanged) : pixels,
      layout.width,
      layout.height,
      {
        palette: before ? null : palette.colors,
        delay: 10 * (hundredths + (i === frames.length - 1 ? PAUSE : 0)),
        transparent: before !== undefined,
        transparentIndex: palette.unchanged,
        dispose: 1, // what is not drawn anew stays
      },
    );
    before = pixels;
  }
  encoder.finish();
  return encoder.bytes();
}

/** Where things stand, in pixels; the same for all steps. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** Of the place for worlds. */
  readonly world: number;
  /** Lines that each sentence of a caption has. */
  readonly lines: readonly number[];
}

/** A step's world, and its sentences in lines. */
interface Scene {
  readonly drawing: Drawing;
  readonly caption: readonly (readonly string[])[];
}

function sceneOf(frame: Frame): Scene {
  return { drawing: readShapes(frame.svg!), caption: captionOf(frame).map(wrap) };
}

function layoutOf(scenes: readonly Scene[]): Layout {
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  const world = most(scenes.map(({ drawing }) => Math.ceil(drawing.height * scaleOf(drawing))));
  const lines = [0, 1, 2].map((at) => most(scenes.map(({ caption }) => caption[at]!.length)));
  const rows = lines.reduce((all, each) => all + each, 0);
  const height = world + 2 * MARGIN + rows * LINE_HEIGHT * DOT;
  return { width: SIDE, height, world, lines };
}

/** Pixels a unit of a drawing: a whole number where there is room, so that cells have sharp edges. */
function scaleOf({ width, height }: { readonly width: number; readonly height: number }): number {
  // A line of text below a world, which is passed over here, may reach beyond the side.
  const scale = Math.min(SIDE / width, 1.25 * SIDE / height);
  return scale >= 1 ? Math.floor(scale) : scale;
}

function paint({ drawing, caption }: Scene, { width, height, world, lines }: Layout): Canvas {
  const canvas = new Canvas(width, height);
  const scale = scaleOf(drawing);
  canvas.draw(drawing, scale, Math.floor((width - drawing.width * scale) / 2));
  let top = world + MARGIN;
  caption.forEach((sentence, at) => {
    sentence.forEach((line, i) => canvas.write(line, MARGIN, top + i * LINE_HEIGHT * DOT, DOT));
    top += lines[at]! * LINE_HEIGHT * DOT;
  });
  return canvas;
}

/** A sentence in lines that fit, cut where there are too many. */
function wrap(sentence: string): string[] {
  const most = Math.floor((SIDE - 2 * MARGIN) / (DOT * textWidth(1)));
  const lines: string[] = [""];
  for (const word of sentence.split(" ")) {
    const longer = lines.at(-1) === "" ? word : `${lines.at(-1)} ${word}`;
    if (longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word.slice(0, most));
  }
  const kept = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) kept.push(`${kept.pop()!.slice(0, most - 2)} …`);
  return kept;
}

/** The colours of a film. */
interface Palette {
  readonly colors: Rgb[];
  /** The index that leaves a pixel as it was. */
  readonly unchanged: number;
  /** [height, width] */
  indicesOf(canvas: Canvas): Uint8Array;
}

/** The very colours where there are few enough, else those that are nearest to all. */
function paletteOf(pictures: readonly (() => Canvas)[], gifenc: Gifenc): Palette {
  const seen = new Set<number>();
  for (const picture of pictures) {
    let last = -1;
    for (const color of picture().pixels) {
      if (color !== last) seen.add(last = color);
    }
  }
  const own = [...seen].map(parts);
  const isExact = own.length <= MOST_COLORS;
  const chosen = isExact
    ? own
    : gifenc.quantize(Uint8Array.from(own.flatMap((color) => [...color, 255])), MOST_COLORS);
  const index = new Map([...seen].map((color, i) => [
    color,
    isExact ? i : gifenc.nearestColorIndex(chosen, parts(color)),
  ]));
  return {
    colors: [...chosen, [0, 0, 0]],
    unchanged: chosen.length,
    indicesOf({ pixels }) {
      const indices = new Uint8Array(pixels.length);
      let [last, at] = [-1, 0];
      for (let i = 0; i < pixels.length; i++) {
        if (pixels[i] !== last) at = index.get(last = pixels[i]!)!;
        indices[i] = at;
      }
      return indices;
    },
  };
}

function parts(color: number): Rgb {
  return [color >> 16, color >> 8 & 255, color & 255];
}

function changes(before: Uint8Array, now: Uint8Array, unchanged: number): Uint8Array {
  return now.map((color, at) => color === before[at] ? unchanged : color);
}
