/** Where an agent is that turns and steps, reckoned from what it did. */

/** A place on a grid and a heading: 0 along x, and a quarter turn to the right for each more. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  /** 0 to 3. */
  readonly heading: number;
}

/** Which actions turn and step. */
export interface TurnAndStep {
  readonly left: number;
  readonly right: number;
  readonly forward: number;
}

const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;

/** Where reckoning starts: how the grid lies does not matter. */
export const ORIGIN: Pose = { x: 0, y: 0, heading: 0 };

/** The actions that turn and step, by their names; undefined where one is missing. */
export function turnAndStepOf(actions: readonly string[]): TurnAndStep | undefined {
  const [left, right, forward] = [["turn left", "left"], ["turn right", "right"], [
    "go forward",
    "move forward",
    "forward",
  ]].map((names) => actions.findIndex((action) => names.includes(action)));
  if (left! < 0 || right! < 0 || forward! < 0) return undefined;
  return { left: left!, right: right!, forward: forward! };
}

/** The pose after a quarter turn to the left or to the right. */
export function turned({ x, y, heading }: Pose, side: "left" | "right"): Pose {
  return { x, y, heading: (heading + (side === "left" ? 3 : 1)) % 4 };
}

/** The pose after so many steps forward; -1 is a step back. */
export function stepped({ x, y, heading }: Pose, count = 1): Pose {
  const [dx, dy] = STEPS[heading]!;
  return { x: x + count * dx, y: y + count * dy, heading };
}

/**
 * The pose after an action. A turn always turns; a step that changed nothing of what is seen did not move.
 *
 * @param changed Whether what is seen changed.
 */
export function poseAfter(
  pose: Pose,
  action: number,
  { left, right, forward }: TurnAndStep,
  changed: boolean,
): Pose {
  if (action === left) return turned(pose, "left");
  if (action === right) return turned(pose, "right");
  return action === forward && changed ? stepped(pose) : pose;
}

/**
 * Where a cell is as it is seen from a pose: cells to the right, and cells ahead.
 *
 * @example
 * ```ts
 * import { seenFrom } from "./pose.ts";
 * import assert from "node:assert/strict";
 * const facingDown = { x: 2, y: 2, heading: 1 };
 * assert.deepEqual(seenFrom(facingDown, { x: 1, y: 5 }), [1, 3]);
 * ```
 */
export function seenFrom(
  { x, y, heading }: Pose,
  cell: Pick<Pose, "x" | "y">,
): readonly [right: number, ahead: number] {
  const [dx, dy] = [cell.x - x, cell.y - y];
  const along = ([stepX, stepY]: readonly [number, number]) => stepX * dx + stepY * dy;
  return [along(STEPS[(heading + 1) % 4]!), along(STEPS[heading]!)];
}

/** A name of the cell of a pose. */
export function cellOf({ x, y }: Pose): string {
  return `${x},${y}`;
}

/** A name of a pose. */
export function nameOf(pose: Pose): string {
  return `${cellOf(pose)},${pose.heading}`;
}
