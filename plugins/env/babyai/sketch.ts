/** Pictures of worlds for terminals: two columns a cell. */
import type { SketchCell } from "@tandem/core";
import { BALL, BOX, colorOf, DOOR, KEY, LOCKED, OPEN, stateOf, typeOf, WALL } from "./cells.ts";
import { type Picture, RGB } from "./draw.ts";

/** The agent, by its direction: right, down, left, up. */
const AGENT = [">>", "vv", "<<", "^^"] as const;

/** Pure blue and grey are hard to read on black. */
const READABLE: Readonly<Record<number, SketchCell["color"]>> = {
  2: [90, 130, 255],
  5: [150, 150, 150],
};

/**
 * Rows of cells, from the top: walls, doors, keys, balls and boxes in their colours, and the agent.
 *
 * @example
 * ```ts
 * import { takePicture } from "./draw.ts";
 * import { sketchPicture } from "./sketch.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToRedBallNoDists-v0" });
 * worlds.reset([0]);
 * const rows = sketchPicture(takePicture(worlds.world(0)));
 * assert.deepEqual(rows[0]!.map(({ text }) => text), Array(8).fill("##"));
 * ```
 */
export function sketchPicture(picture: Picture): readonly (readonly SketchCell[])[] {
  const { width, height, cells, visible, agentX, agentY, direction } = picture;
  return Array.from(
    { length: height },
    (_, y) =>
      Array.from({ length: width }, (_, x): SketchCell => {
        const at = y * width + x;
        const isSeen = visible[at] === 1;
        if (x === agentX && y === agentY) {
          return { text: AGENT[direction]!, color: RGB[0]!, isSeen: true };
        }
        const cell = cells[at]!;
        const color = READABLE[colorOf(cell)] ?? RGB[colorOf(cell)];
        return { text: thingOf(cell), color, isSeen };
      }),
  );
}

function thingOf(cell: number): string {
  switch (typeOf(cell)) {
    case WALL:
      return "##";
    case DOOR:
      return stateOf(cell) === OPEN ? "| " : stateOf(cell) === LOCKED ? "[X" : "[]";
    case KEY:
      return "k-";
    case BALL:
      return "()";
    case BOX:
      return "==";
    default:
      return "  ";
  }
}
