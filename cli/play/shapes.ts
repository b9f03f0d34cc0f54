/** The shapes of an env's picture: what of SVG can be filled with pixels. */
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";

/** A point, [x, y]. */
export type Point = readonly [x: number, y: number];

/** Red, green and blue, 0 to 255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/** Outlines that are filled by the rule of windings that are not zero, as SVG does unless told otherwise. */
export interface Shape {
  readonly outlines: readonly (readonly Point[])[];
  readonly fill: Color;
  /** 0 to 1. */
  readonly opacity: number;
}

/** A picture's shapes from the one at the bottom on, in units of its own. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** A longer picture, or one of more elements, is no env's. */
const [LONGEST, MOST_ELEMENTS] = [1 << 20, 20_000];

/** Sides of the polygon that stands for a circle. */
const SIDES = 32;

const SILENT = new Set(["title", "desc", "text", "tspan"]);
const TAG = /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+\s*=\s*"[^"]*")*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w:-]+)\s*=\s*"([^"]*)"/g;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi;

/** [a, b, c, d, e, f]: x becomes a x + c y + e, and y becomes b x + d y + f. */
type Matrix = readonly [number, number, number, number, number, number];

/** What an element hands on to those in it. */
interface Style {
  readonly matrix: Matrix;
  readonly fill: Color;
  readonly opacity: number;
}

type Attributes = ReadonlyMap<string, string>;

/**
 * Reads a picture: rectangles, circles, polygons and paths of straight lines, filled with one colour,
 * in groups that move, turn and scale. Texts are passed over.
 *
 * @throws {TandemError} E_WIRING where it has anything else.
 *
 * @example
 * ```ts
 * import { readShapes } from "./shapes.ts";
 * import assert from "node:assert/strict";
 * const { shapes } = readShapes('<svg viewBox="0 0 2 2"><path fill="#f00" d="M0 0h1v1z"/></svg>');
 * assert.deepEqual(shapes[0], { outlines: [[[0, 0], [1, 0], [1, 1]]], fill: [255, 0, 0], opacity: 1 });
 * ```
 */
export function readShapes(svg: string): Drawing {
  if (svg.length > LONGEST) throw unfit(`a picture of ${svg.length} characters`);
  const styles: Style[] = [{ matrix: [1, 0, 0, 1, 0, 0], fill: [0, 0, 0], opacity: 1 }];
  const shapes: Shape[] = [];
  let size: Point | undefined;
  let elements = 0;
  for (const [, closes, name = "", text = "", isEmpty] of svg.matchAll(TAG)) {
    if (++elements > MOST_ELEMENTS) throw unfit(`more than ${MOST_ELEMENTS} elements`);
    if (closes) {
      if (styles.length > 1) styles.pop();
      continue;
    }
    const attributes = new Map(
      [...text.matchAll(ATTRIBUTE)].map(([, key, value]) => [key!, value!]),
    );
    const style = within(styles.at(-1)!, attributes);
    if (name === "svg") size ??= sizeOf(attributes);
    else if (name !== "g" && !SILENT.has(name)) {
      const { matrix, ...paint } = style;
      const outlines = outlinesOf(name, attributes).map((each) => each.map(moved(matrix)));
      if (attributes.get("fill") !== "none") shapes.push({ outlines, ...paint });
    }
    if (!isEmpty) styles.push(style);
  }
  if (size === undefined) throw unfit("no size");
  return { width: size[0], height: size[1], shapes };
}

function sizeOf(attributes: Attributes): Point {
  const box = numbers(attributes.get("viewBox") ?? "");
  const [width = NaN, height = NaN] = box.length === 4
    ? box.slice(2)
    : ["width", "height"].map((name) => number(attributes, name));
  if (box.length === 4 && (box[0] !== 0 || box[1] !== 0)) throw unfit("a viewBox that is moved");
  if (width > 0 && height > 0 && width < 1e6 && height < 1e6) return [width, height];
  throw unfit("no size");
}

function within({ matrix, fill, opacity }: Style, attributes: Attributes): Style {
  const own = ["opacity", "fill-opacity"].map((name) => attributes.get(name) ?? "1").map(Number);
  return {
    matrix: transforms(attributes.get("transform") ?? "").reduce(times, matrix),
    fill: colorOf(attributes.get("fill")) ?? fill,
    opacity: own.reduce((all, each) => all * each, opacity),
  };
}

function transforms(text: string): Matrix[] {
  return [...text.matchAll(/(\w+)\s*\(([^)]*)\)/g)].map(([, name, values = ""]): Matrix => {
    const [x = 0, y] = numbers(values);
    if (name === "translate") return [1, 0, 0, 1, x, y ?? 0];
    if (name === "scale") return [x, 0, 0, y ?? x, 0, 0];
    if (name !== "rotate" || y !== undefined) throw unfit(`a transform "${name}(${values})"`);
    const angle = x * Math.PI / 180;
    return [Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle), 0, 0];
  });
}

function times([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

function moved([a, b, c, d, e, f]: Matrix): (point: Point) => Point {
  return ([x, y]) => [a * x + c * y + e, b * x + d * y + f];
}

function colorOf(text: string | undefined): Color | undefined {
  if (text === undefined || text === "none" || text === "inherit") return undefined;
  const [, short, long] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/i.exec(text) ?? [];
  const hex = long ?? [...short ?? ""].map((digit) => digit + digit).join("");
  if (hex === "") throw unfit(`a colour "${text}"`);
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return [red!, green!, blue!];
}

function outlinesOf(name: string, attributes: Attributes): Point[][] {
  const at = (key: string) => number(attributes, key);
  switch (name) {
    case "rect": {
      const [x, y] = [at("x"), at("y")];
      const [right, bottom] = [x + at("width"), y + at("height")];
      return [[[x, y], [right, y], [right, bottom], [x, bottom]]];
    }
    case "circle":
      return [Array.from({ length: SIDES }, (_, i): Point => {
        const angle = 2 * Math.PI * i / SIDES;
        return [at("cx") + at("r") * Math.cos(angle), at("cy") + at("r") * Math.sin(angle)];
      })];
    case "polygon": {
      const values = numbers(attributes.get("points") ?? "");
      const count = Math.floor(values.length / 2);
      return [Array.from({ length: count }, (_, i): Point => [values[2 * i]!, values[2 * i + 1]!])];
    }
    case "path":
      return pathOutlines(attributes.get("d") ?? "");
    default:
      throw unfit(`a <${name}>`);
  }
}

/** The closed outlines of a path of straight lines. */
function pathOutlines(path: string): Point[][] {
  const outlines: Point[][] = [];
  let [x, y] = [0, 0];
  for (const [, command = "", text = ""] of path.matchAll(/([a-df-z])([^a-df-z]*)/gi)) {
    if (/z/i.test(command)) [x, y] = outlines.at(-1)?.[0] ?? [0, 0];
    else if (!/[mlhv]/i.test(command)) throw unfit(`a path with "${command}"`);
    const values = numbers(text);
    const isRelative = command === command.toLowerCase();
    const step = /[hv]/i.test(command) ? 1 : 2;
    for (let i = 0; i + step <= values.length; i += step) {
      const [first, second] = [values[i]!, values[i + 1]!];
      const to = /h/i.test(command)
        ? [first, isRelative ? 0 : y]
        : /v/i.test(command)
        ? [isRelative ? 0 : x, first]
        : [first, second];
      [x, y] = isRelative ? [x + to[0]!, y + to[1]!] : [to[0]!, to[1]!];
      if (/m/i.test(command) && i === 0) outlines.push([]);
      outlines.at(-1)?.push([x, y]);
    }
  }
  return outlines;
}

function number(attributes: Attributes, name: string): number {
  return numbers(attributes.get(name) ?? "0")[0] ?? 0;
}

function numbers(text: string): number[] {
  return [...text.matchAll(NUMBER)].map(([each]) => Number(each));
}

function unfit(what: string): TandemError {
  return new TandemError(
    "E_WIRING",
    `The env's picture has ${
      outsideText(what)
    }, which no GIF is made of (but of rect, circle, polygon and ` +
      "path of straight lines, filled); --svg takes any picture.",
  );
}
