import assert from "node:assert/strict";
import { film } from "../../../cli/play/film.ts";
import type { Frame } from "../../../cli/play/frame.ts";
import { keysHelp, keysOf } from "../../../cli/play/keys.ts";
import { line, screen } from "../../../cli/play/screen.ts";

const frame: Frame = {
  episode: 2,
  step: 3,
  mission: "go to the red ball",
  sketch: [[{ text: "##", color: [150, 150, 150], isSeen: false }, {
    text: "()",
    color: [255, 0, 0],
  }]],
  svg: "<svg xmlns='http://www.w3.org/2000/svg'/>",
  seen: ["You see a red ball"],
  said: { text: "go forward", probability: 0.83 },
  did: "turn left",
  byHand: false,
  advantage: 0.02,
  before: 0.05,
  reward: 0,
};

Deno.test("a step as a line tells all of it, and nothing that moves a cursor", () => {
  assert.equal(
    line(frame),
    '2.3 | go to the red ball | Teacher says "go forward" with 83.0 % | Student does turn left | ' +
      "Q - V +0.020 (−0.030)",
  );
  const ended = { ...frame, said: undefined, before: undefined, byHand: true, reward: 0.95 };
  assert.equal(
    line({ ...ended, mission: "\x1b[2J", end: "solved" }),
    "2.3 | \\x1b[2J | Teacher says nothing | You do turn left | Q - V +0.020 | " +
      "Episode solved, reward 0.950",
  );
});

Deno.test("a screen shows the world beside what was said and done; without a world what is seen", () => {
  const [title, , first, second] = screen(frame, ["keys"]);
  assert.match(title!, /Episode 2, step 3: go to the red ball/);
  assert.match(
    first!,
    /38;2;68;68;68m##.*38;2;255;0;0m\(\).*Teacher says +"go forward" with 83.0 %/,
  );
  assert.match(second!, /^ {4} {3}Student does +turn left$/);
  const words = screen({ ...frame, sketch: undefined }, ["keys"]);
  assert.equal(words[2], "You see a red ball");
  assert.equal(words.at(-1), "keys");
});

Deno.test("a sketch of an env takes two columns a cell and gives no commands", () => {
  const rows = screen({ ...frame, sketch: [[{ text: "\x1b]0;x\x07" }, { text: "o" }]] }, []);
  assert.ok(rows[2]!.includes("\\x"), "written out");
  assert.ok(!rows[2]!.includes("\x07") && !rows[2]!.includes("\x1b]"));
  assert.match(rows[2]!, /mo /);
});

Deno.test("keys ask for what the line of keys says", () => {
  assert.deepEqual(
    keysHelp(["left", "right"]),
    [
      "space pause   . step   + - speed   n next   q quit",
      "by hand: 1 left   2 right   0 lets go",
    ],
  );
  assert.equal(keysHelp([]).length, 1);
  assert.deepEqual(keysOf(" .+-nq0\x03", 2).map(({ does }) => does), [
    ...["pause", "step", "faster", "slower", "next", "quit", "release", "quit"],
  ]);
  assert.deepEqual(keysOf("x2", 2), [{ does: "act", action: 1 }]);
  assert.deepEqual(keysOf("39z", 2), []);
});

Deno.test("a film shows each picture in its time, with its words escaped", () => {
  const other = { ...frame, mission: "a < b & c", step: 4, end: "solved" as const };
  const svg = film([frame, { ...frame, svg: undefined }, other], 2);
  // Two pictures of half a second, and a second and a half to look at the last one.
  assert.deepEqual([...svg.matchAll(/keyTimes="([^"]*)"/g)].map(([, times]) => times), [
    "0;0;0.2",
    "0;0.2;1",
  ]);
  assert.match(svg, /dur="2.500s"/);
  assert.match(svg, /2\.4 {2}a &lt; b &amp; c/);
  assert.match(svg, /student does turn left: solved/);
});
