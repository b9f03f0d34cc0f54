/**
 * Pictures of worlds as SVG, in Minigrid's shapes and colours (minigrid/core/world_object.py,
 * grid.py): one cell is one unit. Every function is pure and gives a whole document.
 */

import { BALL, BOX, colorOf, DOOR, KEY, LOCKED, OPEN, stateOf, typeOf, WALL } from "./cells.ts";
import { type Picture, RGB } from "./draw.ts";

/** How worlds are drawn. */
export interface SvgOptions {
  /** Pixels along a cell's side; 32 unless told otherwise. */
  readonly tile?: number;
  /** Whether the cells that the agent sees are lighter; true unless told otherwise. */
  readonly highlight?: boolean;
  /** A line below the world; the mission unless told otherwise, "" for none. */
  readonly caption?: string;
}

/** Width of the lines between cells, and height of a caption, in cells. */
const LINE = 0.031;
const CAPTION = 0.9;

/** How much lighter seen cells are. */
const LIGHT = 0.3;

/**
 * One picture.
 *
 * @example
 * ```ts
 * import { takePicture } from "./draw.ts";
 * import { drawSvg } from "./draw_svg.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToLocal-v0" });
 * worlds.reset([0]);
 * assert.match(drawSvg(takePicture(worlds.world(0))), /^<svg [\s\S]*<\/svg>\n$/);
 * ```
 */
export function drawSvg(picture: Picture, options: SvgOptions = {}): string {
  const { caption = picture.mission } = options;
  const things = picture.cells.reduce((all, cell, at) => all + drawThing(picture, cell, at), "");
  return frame(picture, options.tile, caption !== "", caption || picture.mission, [
    drawGround(picture, picture.cells),
    things,
    drawMoment(picture, options.highlight, caption),
  ]);
}

function frame(
  { width, height }: Picture,
  tile = 32,
  hasCaption: boolean,
  title: string,
  parts: readonly string[],
): string {
  const tall = height + (hasCaption ? CAPTION : 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${round(tall)}" ` +
    `width="${width * tile}" height="${round(tall * tile)}" role="img">\n` +
    `<title>${escape(title)}</title>\n${parts.join("\n")}\n</svg>\n`;
}

/** Black floor, the lines on it, and walls. */
function drawGround({ width, height }: Picture, cells: Uint8Array): string {
  let lines = "";
  for (let x = 0; x < width; x++) lines += `M${x} 0h${LINE}v${height}h-${LINE}z`;
  for (let y = 0; y < height; y++) lines += `M0 ${y}h${width}v${LINE}h-${width}z`;
  const walls = spans(
    width,
    (at) => cells[at] !== undefined && typeOf(cells[at]!) === WALL,
    height,
  );
  return `<path d="M0 0h${width}v${height}h-${width}z"/>` +
    `<path fill="${rgb(5)}" d="${lines}${walls}"/>`;
}

/** What the agent sees, the agent itself, and the caption. */
function drawMoment(picture: Picture, highlight = true, caption: string): string {
  const { width, height, visible, agentX, agentY, direction } = picture;
  const seen = highlight ? spans(width, (at) => visible[at] === 1, height) : "";
  const light = seen && `<path fill="#fff" opacity="${LIGHT}" d="${seen}"/>`;
  const turn = `translate(${agentX + 0.5} ${agentY + 0.5})rotate(${90 * direction})`;
  const agent = `<path fill="${rgb(0)}" transform="${turn}" d="M-.38-.31L.37 0L-.38.31z"/>`;
  const text = caption && `<text x="${width / 2}" y="${height + 0.6}" font-size=".5" ` +
      `font-family="sans-serif" text-anchor="middle" fill="#888">${escape(caption)}</text>`;
  return agent + light + text;
}

/** A door, key, ball or box in its cell; nothing for others. */
function drawThing({ width }: Picture, cell: number, at: number): string {
  const shapes = shapesOf(cell);
  if (shapes === "") return "";
  return `<g transform="translate(${at % width} ${Math.floor(at / width)})">${shapes}</g>`;
}

function shapesOf(cell: number): string {
  const color = rgb(colorOf(cell)), black = "#000";
  switch (typeOf(cell)) {
    case DOOR:
      return doorShapes(cell, color);
    case KEY:
      return box(0.5, 0.31, 0.63, 0.88, color) + box(0.38, 0.59, 0.5, 0.66, color) +
        box(0.38, 0.81, 0.5, 0.88, color) + disc(0.56, 0.28, 0.19, color) +
        disc(0.56, 0.28, 0.064, black);
    case BALL:
      return disc(0.5, 0.5, 0.31, color);
    case BOX:
      return box(0.12, 0.12, 0.88, 0.88, color) + box(0.18, 0.18, 0.82, 0.82, black) +
        box(0.16, 0.47, 0.84, 0.53, color);
    default:
      return "";
  }
}

function doorShapes(cell: number, color: string): string {
  if (stateOf(cell) === OPEN) {
    return box(0.88, 0, 1, 1, color) + box(0.92, 0.04, 0.96, 0.96, "#000");
  }
  if (stateOf(cell) === LOCKED) {
    return box(0, 0, 1, 1, color) + box(0.06, 0.06, 0.94, 0.94, rgb(colorOf(cell), 0.45)) +
      box(0.52, 0.5, 0.75, 0.56, color);
  }
  return box(0, 0, 1, 1, color) + box(0.04, 0.04, 0.96, 0.96, "#000") +
    box(0.08, 0.08, 0.92, 0.92, color) + box(0.12, 0.12, 0.88, 0.88, "#000") +
    disc(0.75, 0.5, 0.08, color);
}

/** The outlines of runs of cells in rows. */
function spans(width: number, has: (at: number) => boolean, height: number): string {
  let path = "";
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = x;
      while (x < width && has(y * width + x)) x++;
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
    }
  }
  return path;
}

function box(left: number, top: number, right: number, bottom: number, fill: string): string {
  return `<rect x="${left}" y="${top}" width="${round(right - left)}" ` +
    `height="${round(bottom - top)}" fill="${fill}"/>`;
}

function disc(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

function rgb(color: number, shade = 1): string {
  const hex = RGB[color]!.map((part) => Math.round(part * shade).toString(16).padStart(2, "0"));
  return `#${hex.join("")}`;
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
