/** Pictures of worlds: what they show. */

import { EMPTY } from "./cells.ts";
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
