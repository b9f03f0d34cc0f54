import assert from "node:assert/strict";
import { Canvas } from "../../../cli/play/canvas.ts";
import type { Frame } from "../../../cli/play/frame.ts";
import { gif } from "../../../cli/play/gif.ts";
import { readShapes } from "../../../cli/play/shapes.ts";
import { readGif } from "./read_gif.ts";

const FRAME: Frame = {
  episode: 1,
  step: 1,
  mission: "go to the door",
  seen: [],
  did: "left",
  byHand: false,
  advantage: 0,
  before: undefined,
  reward: 0,
};
const world = (shapes: string) => `<svg viewBox="0 0 4 4" width="9" height="9">${shapes}</svg>`;

function pixelsOf(shapes: string, scale = 1): string[] {
  const canvas = new Canvas(4 * scale, 4 * scale);
  canvas.draw(readShapes(world(shapes)), scale, 0);
  return Array.from(canvas.pixels, (color) => color.toString(16).padStart(6, "0"));
}

Deno.test("shapes become pixels: places, colours, what is see-through, turned or cut in half", () => {
  const at = (pixels: string[], x: number, y: number) => pixels[4 * y + x];
  const box = pixelsOf('<rect x="1" y="1" width="2" height="1" fill="#00f"/>');
  assert.deepEqual(box.flatMap((color, i) => color === "0000ff" ? i : []), [5, 6]);
  assert.equal(box.filter((color) => color === "ffffff").length, 14);

  const light = pixelsOf(
    '<path d="M0 0h4v4h-4z"/><g opacity=".5"><path fill="#fff" d="M0 0H1V1H0Z"/></g>',
  );
  assert.equal(at(light, 0, 0), "808080");
  assert.equal(at(light, 1, 0), "000000");

  const turned = pixelsOf(
    '<g transform="translate(2 2)rotate(90)"><rect width="2" height="1" fill="#f00"/></g>',
  );
  assert.deepEqual(turned.flatMap((color, i) => color === "ff0000" ? i : []), [9, 13]);

  const [half] = pixelsOf('<path d="M0 0h.3333v4h-.3333z"/>');
  assert.equal(half, "aaaaaa", "a third of it is black");
  const wound = pixelsOf('<path d="M0 0h2v1h-2zM1 0h2v1h-2z"/>');
  assert.deepEqual(wound.slice(0, 4), ["000000", "000000", "000000", "ffffff"]);

  const disc = pixelsOf('<circle cx="2" cy="2" r="1" fill="#0f0"/>', 10);
  const covered = disc.filter((color) => color === "00ff00").length / 100;
  assert.ok(covered > 2.8 && covered < Math.PI, `${covered} of pi`);
});

Deno.test("a GIF shows each step for its time, and the same steps give the same bytes", async () => {
  const floor = '<path d="M0 0h4v4h-4z"/>';
  const agent = (x: number) => `<rect x="${x}" y="1" width="1" height="1" fill="#ff0000"/>`;
  const frames = [0, 1, 2].map((x): Frame => ({
    ...FRAME,
    step: x + 1,
    svg: world(floor + agent(x) + "<text>4 words that stand below</text>"),
    ...x === 2 && { said: { text: "go on", probability: 1 }, end: "solved" },
  }));
  const bytes = await gif(frames, 5);
  assert.deepEqual(await gif(frames, 5), bytes);
  const { width, height, repeat, frames: shown } = readGif(bytes);
  assert.deepEqual([width, repeat], [480, 0]);
  assert.ok(height > 480 && height < 600);
  assert.deepEqual(shown.map(({ delay }) => delay), [20, 20, 170]);
  for (const [step, { pixels }] of shown.entries()) {
    const row = [60, 180, 300, 420].map((x) => pixels[180 * width + x]);
    assert.deepEqual(row, [0, 1, 2, 3].map((x) => x === step ? 0xff0000 : 0));
    const below = pixels.subarray(480 * width);
    assert.ok(below.includes(0) && below.includes(0xffffff), "a caption");
  }
  const captions = shown.map(({ pixels }) => String(pixels.subarray(480 * width)));
  assert.equal(new Set(captions).size, 3, "each step has a number, and the last says more");

  const [quick] = readGif(await gif(frames.slice(0, 1), 60)).frames;
  assert.equal(quick!.delay, 152);
});

Deno.test("a GIF of more colours than it can hold has those that are nearest", async () => {
  const shades = Array.from({ length: 400 }, (_, i) => {
    const [x, y] = [i % 20, Math.floor(i / 20)];
    const red = (12 * x).toString(16).padStart(2, "0");
    const green = (12 * y).toString(16).padStart(2, "0");
    return `<rect x="${x / 5}" y="${y / 5}" width=".2" height=".2" fill="#${red}${green}40"/>`;
  });
  const { width, frames: [shown] } = readGif(
    await gif([{ ...FRAME, svg: world(shades.join("")) }], 4),
  );
  for (const [x, y] of [[0, 0], [19, 3], [7, 19]] as const) {
    const color = shown!.pixels[(24 * y + 12) * width + 24 * x + 12]!;
    assert.ok(Math.abs((color >> 16) - 12 * x) <= 16, `red at ${x}, ${y}`);
    assert.ok(Math.abs((color >> 8 & 255) - 12 * y) <= 16, `green at ${x}, ${y}`);
  }
});

Deno.test("a picture that no pixels can be made of is refused in a sentence that names what it has", () => {
  for (
    const [svg, what] of [
      ["", "no size"],
      [world('<image href="a.png"/>'), "a <image>"],
      [world('<path d="M0 0C1 1 2 2 3 3"/>'), 'a path with "C"'],
      [world('<rect fill="red"/>'), 'a colour "red"'],
      [world('<g transform="skewX(3)"/>'), 'a transform "skewX(3)"'],
      [world(`<g>${"<g/>".repeat(20_001)}</g>`), "more than 20000 elements"],
    ] as const
  ) {
    assert.throws(() => readShapes(svg), (error: Error & { code?: string }) => {
      assert.equal(error.code, "E_WIRING");
      assert.ok(error.message.startsWith(`The env's picture has ${what}, `), error.message);
      return true;
    });
  }
});
