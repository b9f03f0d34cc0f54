/** A hindsight planner: the shortest ways to where something was achieved, over cells that were walked. */
import { cellOf, nameOf, type Pose, stepped, type TurnAndStep, turned } from "./pose.ts";

/** What is right in a pose. */
export interface Plan {
  /** Actions to the goal. */
  readonly distance: number;
  /** The first actions of all shortest ways; none at the goal itself. */
  readonly actions: readonly number[];
}

/**
 * The shortest ways to a pose by turns and steps forward, breadth first from the goal backwards.
 *
 * @param walked Poses that were visited: their cells can be walked, and no others are known to be.
 * @returns What is right in a pose; undefined where no way is known.
 * @example
 * ```ts
 * import { shortestWays } from "./plan.ts";
 * import assert from "node:assert/strict";
 * const actions = { left: 0, right: 1, forward: 2 };
 * const start = { x: 0, y: 0, heading: 2 }; // turned away
 * const goal = { x: 1, y: 0, heading: 0 };
 * const way = shortestWays([start], goal, actions);
 * assert.deepEqual(way(start), { distance: 3, actions: [0, 1] });
 * assert.deepEqual(way(goal), { distance: 0, actions: [] });
 * ```
 */
export function shortestWays(
  walked: readonly Pose[],
  goal: Pose,
  actions: TurnAndStep,
): (pose: Pose) => Plan | undefined {
  const cells = new Set([...walked, goal].map(cellOf));
  const distances = new Map([[nameOf(goal), 0]]);
  const queue = [goal];
  for (const pose of queue) { // grows meanwhile
    const distance = distances.get(nameOf(pose))! + 1;
    for (const before of [turned(pose, "right"), turned(pose, "left"), stepped(pose, -1)]) {
      if (!cells.has(cellOf(before)) || distances.has(nameOf(before))) continue;
      distances.set(nameOf(before), distance);
      queue.push(before);
    }
  }
  return (pose) => {
    const distance = distances.get(nameOf(pose));
    if (distance === undefined) return undefined;
    const closer = (next: Pose) => distances.get(nameOf(next)) === distance - 1;
    const first = [
      ...closer(turned(pose, "left")) ? [actions.left] : [],
      ...closer(turned(pose, "right")) ? [actions.right] : [],
      ...closer(stepped(pose)) ? [actions.forward] : [],
    ];
    return { distance, actions: first };
  };
}
