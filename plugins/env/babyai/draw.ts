/** Pictures of worlds: what they show, and drawn with a terminal's blocks. */

import { BALL, BOX, colorOf, DOOR, EMPTY, KEY, RED, stateOf, typeOf, WALL } from "./cells.ts";
import type { World } from "./world.ts";
import { MAX_OBJECTS } from "./worlds.ts";

/** One moment of a world, to be drawn. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width] packed cells (cells.ts). */
  readonly cells: Uint8Array;
  /** [height, width] 1 where the agent sees the cell. */
  readonly visible: Uint8Array;
  readonly agentX: number;
  readonly agentY: number;
  /** 0 right, 1 down, 2 left, 3 up. */
  readonly direction: number;
  /** The packed cell of what the agent carries, or EMPTY. */
  readonly carrying: number;
  readonly mission: string;
}

/** Minigrid's colours as [red, green, blue]. */
export const RGB: readonly (readonly [number, number, number])[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [112, 39, 195],
  [255, 255, 0],
  [100, 100, 100],
];

/** Keeps what a world looks like now. */
export function takePicture(world: World): Picture {
  const { width, height, carrying } = world;
  const visible = new Uint8Array(width * height);
  world.markVisible(visible);
  return {
    width,
    height,
    cells: world.copyCells(),
    visible,
    agentX: world.agentX,
    agentY: world.agentY,
    direction: world.direction,
    carrying: carrying === 0
      ? EMPTY
      : world.worlds.objectCell[world.index * MAX_OBJECTS + carrying]!,
    mission: world.mission,
  };
}

const AGENT_GLYPHS = ["▶", "▼", "◀", "▲"] as const;
const DOOR_GLYPHS = ["▯", "▮", "▩"] as const;
const GLYPHS: Readonly<Record<number, string>> = { [KEY]: "⚷", [BALL]: "●", [BOX]: "▣" };

/** Letters for the colours where there is no colour; grey's is "-". */
const COLOR_LETTERS = "rgbpy-";

/** How {@linkcode drawBlocks} draws. */
export interface BlocksOptions {
  /** Whether to use ANSI colours of 24 bits; true unless told otherwise. */
  readonly color?: boolean;
}

/**
 * A world as lines of text, two columns a cell. With colour, the cells that the agent sees are
 * lighter; without, things carry a letter (r, g, b, p, y, - for grey) and seen floor a dot.
 *
 * @example
 * ```ts
 * import { drawBlocks, takePicture } from "./draw.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToObjS4-v0" });
 * worlds.reset([0]);
 * const lines = drawBlocks(takePicture(worlds.world(0)), { color: false }).split("\n");
 * assert.equal(lines[0], "████████");
 * assert.equal(lines.length, 4);
 * ```
 */
export function drawBlocks(picture: Picture, { color = true }: BlocksOptions = {}): string {
  const lines: string[] = [];
  for (let y = 0; y < picture.height; y++) {
    let line = "", style = "";
    for (let x = 0; x < picture.width; x++) {
      const cell = color
        ? coloredCell(picture, x, y)
        : { style: "", text: plainCell(picture, x, y) };
      line += cell.style === style ? cell.text : cell.style + cell.text;
      style = cell.style;
    }
    lines.push(color ? `${line}\x1b[0m` : line);
  }
  return lines.join("\n");
}

function plainCell(picture: Picture, x: number, y: number): string {
  if (x === picture.agentX && y === picture.agentY) return `${AGENT_GLYPHS[picture.direction]} `;
  const at = y * picture.width + x, cell = picture.cells[at]!;
  if (typeOf(cell) === WALL) return "██";
  if (typeOf(cell) === EMPTY) return picture.visible[at] === 1 ? "· " : "  ";
  return glyphOf(cell) + COLOR_LETTERS[colorOf(cell)];
}

function coloredCell(picture: Picture, x: number, y: number): { style: string; text: string } {
  const at = y * picture.width + x, cell = picture.cells[at]!;
  const isLight = picture.visible[at] === 1;
  if (typeOf(cell) === WALL) return { style: background(isLight ? 146 : 100), text: "  " };
  const ground = background(isLight ? 76 : 0);
  if (x === picture.agentX && y === picture.agentY) {
    return { style: ground + foreground(RED), text: `${AGENT_GLYPHS[picture.direction]} ` };
  }
  if (typeOf(cell) === EMPTY) return { style: ground, text: "  " };
  return { style: ground + foreground(colorOf(cell)), text: `${glyphOf(cell)} ` };
}

function glyphOf(cell: number): string {
  return typeOf(cell) === DOOR ? DOOR_GLYPHS[stateOf(cell)]! : GLYPHS[typeOf(cell)] ?? "?";
}

function foreground(color: number): string {
  return `\x1b[38;2;${RGB[color]!.join(";")}m`;
}

function background(grey: number): string {
  return `\x1b[48;2;${grey};${grey};${grey}m`;
}
