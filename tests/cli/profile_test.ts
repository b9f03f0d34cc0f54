import assert from "node:assert/strict";
import { inBrowser } from "../lab/report/browser.ts";
import { type Outcome, task } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";
const ROWS = [
  "env",
  "teacher",
  "student, acting",
  "student, learning",
  "advantage and feedback",
  "measuring",
  "scheduler and the rest",
];

/** The table's rows as milliseconds, share and microseconds by name. */
function table(stdout: string): Map<string, [number, number, number]> {
  const rows = stdout.matchAll(/^(\w[\w, ]*?) {2,}([\d.]+) +([\d.]+) % +([\d.]+)$/gm);
  return new Map([...rows].map(([, name, ...cells]) => {
    const [milliseconds, share, microseconds] = cells.map(Number);
    return [name!, [milliseconds!, share!, microseconds!]];
  }));
}

/** What the command said of a run, and the page that it left. */
interface Profiled extends Outcome {
  readonly html: string;
}

let profiled: Promise<Profiled> | undefined;

/** The same profile for all tests here. */
const profile = () => profiled ??= takeProfile();

async function takeProfile(): Promise<Profiled> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-test-" });
  try {
    const out = `${folder}/new/profile.html`;
    const args = [FILE, "--iterations", "3", "--device", "cpu", "--out", out];
    const outcome = await task("profile", ...args);
    assert.equal(outcome.status, 0, outcome.stderr);
    return { ...outcome, html: await Deno.readTextFile(out) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("profile shows where the time goes by stage, and leaves a flame chart", async () => {
  const { stdout, html } = await profile();
  assert.match(stdout, /: 3 iterations of \d+ x \d+ env steps after one to warm up/);
  const rows = table(stdout);
  assert.deepEqual([...rows.keys()], [...ROWS, "all"]);
  const sum = (column: 0 | 1) => ROWS.reduce((all, name) => all + rows.get(name)![column], 0);
  assert.ok(Math.abs(sum(1) - 100) < 0.5, `shares come to ${sum(1)} %`);
  assert.ok(Math.abs(sum(0) - rows.get("all")![0]) < 0.05, "milliseconds come to all");
  assert.ok(rows.get("student, learning")![0] > 0);
  for (const name of ROWS) assert.ok(html.includes(name), name);
});

Deno.test("profile takes settings, and says what is wrong with one", async () => {
  const { status, stderr } = await inProcess("profile", FILE, "--set", "student.nothing=1");
  assert.equal(status, 2);
  assert.match(stderr, /^E_OPTION: /);
});

Deno.test(
  inBrowser(
    "a profile's flame chart opens with its stages above their functions",
    { width: 1200 },
    async () => (await profile()).html,
    async (page) => {
      const stages = page.locator(".flame").first().locator("> li > ul > li > span");
      const names = await stages.allTextContents();
      assert.ok(names.length > 2, names.join());
      for (const name of names) assert.ok(ROWS.includes(name), name);
      const boxes = await stages.evaluateAll((spans) =>
        spans.map((span) => span.getBoundingClientRect().width)
      );
      const whole = (await page.locator(".flame").first().boundingBox())!.width;
      const together = boxes.reduce((sum, width) => sum + width, 0);
      assert.ok(together > 0.9 * whole && together <= whole, `${together} of ${whole}`);
      assert.ok(
        await page.locator(".flame").first().locator("> li > ul > li > ul span").count() > 0,
      );
    },
  ),
);
