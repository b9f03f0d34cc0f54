import assert from "node:assert/strict";
import { packCell } from "../../../../plugins/env/babyai/cells.ts";
import { type Picture, takePicture } from "../../../../plugins/env/babyai/draw.ts";
import { drawSvg } from "../../../../plugins/env/babyai/draw_svg.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";

const WALL = packCell(2, 5), EMPTY = 1;

/** A corridor: wall, agent facing right, and one more cell. */
function corridor(cell: number, change: Partial<Picture> = {}): Picture {
  return {
    width: 3,
    height: 1,
    cells: Uint8Array.of(WALL, EMPTY, cell),
    visible: Uint8Array.of(0, 1, 1),
    agentX: 1,
    agentY: 0,
    direction: 0,
    carrying: EMPTY,
    mission: "go to <it> & back",
    ...change,
  };
}

/** Elements that open and close as XML asks; the names in order. */
function elements(svg: string): string[] {
  const open: string[] = [], all: string[] = [];
  for (const [, close, name, rest] of svg.matchAll(/<(\/?)([a-z]+)([^>]*)>/gi)) {
    if (close) assert.equal(open.pop(), name);
    else {
      all.push(name!);
      if (!rest!.endsWith("/")) open.push(name!);
    }
  }
  assert.deepEqual(open, []);
  return all;
}

Deno.test("drawSvg() draws Minigrid's shapes", () => {
  const shapes = (cell: number) => {
    const names = elements(drawSvg(corridor(cell), { caption: "" }));
    return names.filter((name) => name === "rect" || name === "circle").join(" ");
  };
  assert.equal(shapes(EMPTY), "");
  assert.equal(shapes(packCell(6, 0)), "circle");
  assert.equal(shapes(packCell(7, 0)), "rect rect rect");
  assert.equal(shapes(packCell(5, 0)), "rect rect rect circle circle");
  assert.equal(shapes(packCell(4, 0, 0)), "rect rect");
  assert.equal(shapes(packCell(4, 0, 1)), "rect rect rect rect circle");
  assert.equal(shapes(packCell(4, 0, 2)), "rect rect rect");
});

Deno.test("drawSvg() places, turns, highlights and escapes", () => {
  const svg = drawSvg(corridor(packCell(6, 3), { direction: 3 }));
  assert.ok(svg.includes('<g transform="translate(2 0)"><circle'));
  assert.ok(svg.includes('fill="#7027c3"'));
  assert.ok(svg.includes('transform="translate(1.5 0.5)rotate(270)"'));
  assert.ok(svg.includes('opacity="0.3" d="M1 0h2v1h-2z"'));
  assert.ok(svg.includes("go to &lt;it&gt; &amp; back"));
  assert.ok(svg.includes('viewBox="0 0 3 1.9" width="96"'));
  assert.ok(!drawSvg(corridor(EMPTY), { highlight: false }).includes("opacity"));
});

Deno.test("takePicture() keeps a moment of a world", () => {
  const worlds = new BabyAIVector({ level: "BabyAI-UnlockPickup-v0" });
  worlds.reset([0]);
  const world = worlds.world(0), picture = takePicture(world);
  const before = structuredClone(picture);
  for (const action of [1, 2, 2, 3]) worlds.step([action]);
  assert.deepEqual(picture, before);
  assert.equal(picture.cells.length, 11 * 6);
  assert.equal(picture.cells[6 + 5 * 11], world.cell(6, 5));
});
