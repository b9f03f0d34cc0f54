import assert from "node:assert/strict";
import { endTable, trainingChart } from "../../lab/terminal.ts";
import { SUMMARY } from "./sample.ts";

Deno.test("endTable() sets the result between the random floor and the bot's ceiling", () => {
  assert.equal(
    endTable(SUMMARY, { color: false }),
    `\
BabyAI-GoToRedBallNoDists-v0, seed 3, wasm: 4 iterations in 10 s

Success on 100 held-out worlds
  random floor    25.0 %  ██████
  start           25.0 %  ██████
  end             75.0 %  ██████████████████         95 %: 65.0 % to 82.0 %
  bot's ceiling    100 %  ████████████████████████

  normalised      0.667  (floor 0, ceiling 1)
  guidance right  50.0 % to 62.5 %  (50 held-out states)
  verdicts        +40  −20  ○4
  teacher         64 prompts, 16 from the cache, 2.05 k tokens
  training        64 steps, 8 episodes, 8 frames/s
  time by stage   env 1.0 s, teacher 4.0 s, student 3.0 s, advantage 0 ms, feedback 0 ms`,
  );
});

Deno.test("endTable() leaves out what is not known and names a control", () => {
  const table = endTable({
    ...SUMMARY,
    floor: null,
    ceiling: null,
    normalised: null,
    guidanceAccuracy: { start: null, end: null, states: 0 },
    control: "oracle: teacher bot",
    stopped: true,
    iterations: 1,
  }, { color: false });
  assert.doesNotMatch(table, /floor|ceiling|normalised|guidance|null|NaN/);
  assert.match(table, /1 iteration \(stopped\) in 10 s/);
  assert.match(table, /\n\nA control \(oracle: teacher bot\): no evidence of learning\.$/);
});

Deno.test("endTable() says what is left without the teacher, and why there is no score", () => {
  const table = endTable({
    ...SUMMARY,
    withoutTeacher: 0.375,
    floor: 0.11,
    ceiling: 0,
    normalised: null,
    noScore: "the expert is no better than chance (0 % against 11.0 %)",
  }, { color: false });
  assert.match(table, /^ {2}end, alone +37\.5 % +█+ +without the teacher$/m);
  assert.match(
    table,
    /^ {2}no score +the expert is no better than chance \(0 % against 11\.0 %\)$/m,
  );
  assert.doesNotMatch(table, /normalised/);
});

Deno.test("endTable() uses colour only when told to", () => {
  assert.ok(!endTable(SUMMARY, { color: false }).includes("\x1b"));
  assert.ok(endTable(SUMMARY, { color: true }).includes("\x1b[32m"));
});

Deno.test("trainingChart() climbs from the first iteration to the last", async () => {
  const points = [1, 2, 3, 4].map((iteration) => ({ iteration, success: iteration / 4 }));
  const lines = (await trainingChart(points, 0.5, { color: false, columns: 50 })).split("\n");
  assert.equal(lines[0], "Training success by iteration (╌ random floor)");
  assert.match(lines.find((line) => line.startsWith("100 %"))!, /━$/);
  assert.match(lines.find((line) => line.startsWith(" 25 %"))!, /^ 25 %┤━/);
  assert.match(lines.find((line) => line.startsWith(" 50 %"))!, /╌/);
  assert.match(lines.at(-1)!, /^ +1 .* 4$/);
  assert.ok(lines.every((line) => line.length <= 50), "no line is too long");
});

Deno.test("trainingChart() averages a long run and fits the terminal", async () => {
  const points = Array.from({ length: 2100 }, (_, i) => ({ iteration: i + 1, success: i % 2 }));
  const chart = await trainingChart(points, null, { color: false, columns: 60 });
  const lines = chart.split("\n");
  assert.equal(lines[0], "Training success by iteration");
  assert.ok(lines.every((line) => line.length <= 60));
  // Pairs of 0 and 1 average to one level line.
  assert.equal(lines.filter((line) => /[━┏┓┗┛]/.test(line)).length, 1);
});

Deno.test("trainingChart() says the one point that there is, and nothing for none", async () => {
  assert.equal(
    await trainingChart([{ iteration: 1, success: 0.5 }], 0.5, { color: false }),
    "Training success in iteration 1: 50.0 %",
  );
  assert.equal(await trainingChart([], 0.5, { color: false }), "");
});

Deno.test("endTable() shows control characters of a summary and paints with its own alone", () => {
  const hostile = { level: "A\x1b[2J", device: "cpu\x07", control: "oracle\x9b31m" };
  const plain = endTable({ ...SUMMARY, ...hostile }, { color: false });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(plain, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  assert.match(plain, /A\\x1b\[2J/);
  const painted = endTable({ ...SUMMARY, ...hostile }, { color: true });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(painted.replace(/\x1b\[\d+m/g, ""), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

Deno.test("endTable() counts requests and prompts apart, and what went without a usable answer", () => {
  const teacher = { calls: 575, cacheHits: 570, tokens: 100, requests: 6, unusable: 575 };
  assert.match(
    endTable({ ...SUMMARY, teacher }, { color: false }),
    /575 prompts, 570 from the cache, 6 requests, 100 tokens, no usable answer in 100 %\n/,
  );
});
