/** Exact copies of worlds, in which one can try what would come of an action. */

import { World } from "./world.ts";
import { Worlds } from "./worlds.ts";

type Column = {
  [Key in keyof Worlds]: Worlds[Key] extends Uint8Array | Int16Array | Int32Array ? Key : never;
}[keyof Worlds];

/** All columns of a batch, each a row a world: a copy that leaves one out does not compile. */
const COLUMNS = Object.keys(
  {
    cells: 0,
    objectAt: 0,
    marks: 0,
    agent: 0,
    direction: 0,
    carrying: 0,
    steps: 0,
    maxSteps: 0,
    moved: 0,
    objects: 0,
    objectCell: 0,
    objectPlace: 0,
    objectStart: 0,
    contents: 0,
    members: 0,
    missions: 0,
    ledDone: 0,
    done: 0,
    held: 0,
  } satisfies Record<Column, 0>,
) as Column[];

/** Entries from which on the engine's own copy of an array is faster than a loop. */
const LARGE = 64;

/** Makes world `target` of `to` equal to world `source` of `from`; both batches have one size. */
export function copyWorld(from: Worlds, source: number, to: Worlds, target: number): void {
  for (const name of COLUMNS) {
    const there = from[name], here = to[name];
    const width = there.length / from.count, first = source * width;
    if (width > LARGE) here.set(there.subarray(first, first + width), target * width);
    else for (let k = 0; k < width; k++) here[target * width + k] = there[first + k]!;
  }
}

/** A copy of a world in a batch of its own. */
export function cloneWorld({ worlds, index, viewSize }: World): World {
  const copy = new Worlds(1, worlds.width, worlds.height, worlds.margin);
  copyWorld(worlds, index, copy, 0);
  return new World(copy, 0, viewSize);
}
