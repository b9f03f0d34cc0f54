import assert from "node:assert/strict";
import fc from "fast-check";
import { DOOR, WALL } from "../../../../plugins/env/babyai/cells.ts";
import { LEVEL_IDS } from "../../../../plugins/env/babyai/levels.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";
import { spread } from "../../../../plugins/env/babyai/view.ts";
import type { World } from "../../../../plugins/env/babyai/world.ts";

/** The position of the cell `left` from the view's left and `far` from its far end. */
function positionOf(world: World, left: number, far: number): [number, number] {
  const size = world.viewSize, ahead = size - 1 - far, right = left - (size >> 1);
  const dx = [1, 0, -1, 0][world.direction]!, dy = [0, 1, 0, -1][world.direction]!;
  return [world.agentX + ahead * dx - right * dy, world.agentY + ahead * dy + right * dx];
}

/** Minigrid's spreading of visibility cell by cell, on a grid of [left][far]. */
function visible(opaque: boolean[][]): boolean[][] {
  const size = opaque.length;
  const seen = opaque.map((column) => column.map(() => false));
  seen[size >> 1]![size - 1] = true;
  const visit = (i: number, j: number, to: number) => {
    if (!seen[i]![j] || opaque[i]![j]) return;
    seen[to]![j] = true;
    if (j === 0) return;
    seen[to]![j - 1] = true;
    seen[i]![j - 1] = true;
  };
  for (let j = size - 1; j >= 0; j--) {
    for (let i = 0; i < size - 1; i++) visit(i, j, i + 1);
    for (let i = size - 1; i > 0; i--) visit(i, j, i - 1);
  }
  return seen;
}

Deno.test("spread() lets one see along clear cells, both ways and ahead", () => {
  assert.equal(spread(0b0001000, 0b1111111, 7), 0b1111111 | 0b1111111 << 7);
  assert.equal(spread(0b0001000, 0b0001000, 7), 0b0011100 | 0b0011100 << 7);
  assert.equal(spread(0b0001000, 0b1110111, 7), 0b0001000);
  assert.equal(spread(0, 0b1111111, 7), 0);
});

Deno.test("observations show the grid where it is visible, and nothing elsewhere", () => {
  const levels = fc.constantFrom(...LEVEL_IDS), sizes = fc.constantFrom(3, 5, 7, 9, 11);
  const actions = fc.array(fc.constantFrom(0, 1, 2, 2, 2, 3, 4, 5), { maxLength: 40 });
  const check = (level: string, viewSize: number, seed: number, taken: number[]) => {
    const worlds = new BabyAIVector({ level, viewSize });
    worlds.reset([seed]);
    worlds.step([6]);
    for (const action of taken) worlds.step([action]);
    const world = worlds.world(0), image = worlds.observations;
    if (world.steps === 0) return;
    const cells = Array.from(
      { length: viewSize },
      (_, i) =>
        Array.from({ length: viewSize }, (_, j) => {
          const [x, y] = positionOf(world, i, j);
          const isInside = x >= 0 && y >= 0 && x < world.width && y < world.height;
          if (!isInside) return { type: WALL, color: 5, state: 0 };
          return {
            type: world.typeAt(x, y),
            color: world.colorAt(x, y),
            state: world.stateAt(x, y),
          };
        }),
    );
    const seen = visible(
      cells.map((column) =>
        column.map(({ type, state }) => type === WALL || (type === DOOR && state > 0))
      ),
    );
    const { carrying } = world;
    cells[viewSize >> 1]![viewSize - 1] = carrying === 0
      ? { type: 1, color: 0, state: 0 }
      : { type: world.objectType(carrying), color: world.objectColor(carrying), state: 0 };
    const expected = cells.flatMap((column, i) =>
      column.flatMap(({ type, color, state }, j) => seen[i]![j] ? [type, color, state] : [0, 0, 0])
    );
    assert.deepEqual([...image], [...expected, world.direction]);
    const mask = new Uint8Array(world.width * world.height);
    world.markVisible(mask);
    seen.forEach((column, i) =>
      column.forEach((isSeen, j) => {
        const [x, y] = positionOf(world, i, j);
        assert.ok(world.inView(x, y));
        if (x < 0 || y < 0 || x >= world.width || y >= world.height) return;
        assert.equal(mask[y * world.width + x] === 1, isSeen);
      })
    );
  };
  fc.assert(fc.property(levels, sizes, fc.nat(9999), actions, check), { numRuns: 150 });
});
