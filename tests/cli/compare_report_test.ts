/** What `deno task compare` leaves behind: statements, refusals, tables for others, and the page. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { inBrowser } from "../lab/report/browser.ts";
import { entries, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";
const CPU = ["--device", "cpu"];

Deno.test("compare takes the controls from one word, its plan from JSON, and its runs to other programs", async () => {
  await withFolder(async (folder) => {
    const [out, again] = [`${folder}/compared`, `${folder}/again`];
    const variants = ["--variants", "bidirectional,controls", "--seeds", "1"];
    const first = await inProcess("compare", FILE, ...variants, ...CPU, "--quiet", "--out", out);
    assert.equal(first.status, 0, first.stderr);
    const results = await Deno.readTextFile(`${out}/results.md`);
    assert.deepEqual(
      [...results.matchAll(/^\| ([\w-]+) \| [\d.]+ % /gm)].map(([, name]) => name),
      [
        ...["bidirectional", "alone", "one-way", "verdicts-only", "random", "constant"],
        ...["shuffled", "misleading", "oracle"],
      ],
    );
    const page = await Deno.readTextFile(`${out}/report.html`);
    assert.match(page, /Ask the expert, and are controls: [^<]*misleading, oracle</);

    const plan = await inProcess("compare", `${out}/plan.json`, ...CPU, "--quiet", "--out", again);
    assert.equal(plan.status, 0, plan.stderr);
    const read = (name: string) => Deno.readTextFile(name);
    assert.equal(await read(`${again}/plan.json`), await read(`${out}/plan.json`));
    // All but the command, the times, and what is said of equal times.
    const said = (text: string) =>
      text.replace(
        /```[^`]*```|Registered on [^,]*|## At equal cost[^#]*|[\d.]+ m?s\b(?:, [\d.]+ %)?/g,
        "",
      );
    assert.equal(said(await read(`${again}/results.md`)), said(results));

    const exported = await inProcess("export", out, ...CPU);
    assert.equal(exported.status, 0, exported.stderr);
    assert.deepEqual(await entries(`${out}/export`), [
      ...[
        "evaluations.csv",
        "evaluations.parquet",
        "export.json",
        "runs.csv",
        "runs.parquet",
        "tensorboard",
      ],
      ...["training.csv", "training.parquet"],
    ]);
    const runs = (await read(`${out}/export/runs.csv`)).trim().split("\r\n");
    assert.equal(runs.length, 1 + 9);
    const boards = await entries(`${out}/export/tensorboard`);
    assert.ok(boards.includes("misleading"), boards.join());
  });
});

Deno.test("compare runs variants over levels of BabyAI by their short names", async () => {
  await withFolder(async (folder) => {
    const small = [
      "schedule.envs=2",
      "schedule.steps=4",
      "evaluation.episodes=2",
      "evaluation.states=4",
    ];
    const { status, stdout, stderr } = await inProcess(
      ...["compare", "pipelines/babyai.ts", "--variants", "alone,one-way,synthetic,bidirectional"],
      ...["--levels", "GoToRedBallNoDists,PickupLoc,PutNextLocal", "--seeds", "1"],
      ...["--iterations", "1", ...small.flatMap((setting) => ["--set", setting])],
      ...["--device", "wasm", "--out", `${folder}/compared`],
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /\[12\/12\] /);
    assert.deepEqual(
      [...stdout.matchAll(/^(\w+) \(random [\d.]+ %\)$/gm)].map(([, level]) => level),
      ["GoToRedBallNoDists", "PickupLoc", "PutNextLocal"],
    );
    const page = await Deno.readTextFile(`${folder}/compared/report.html`);
    assert.match(page, /<h1>4 variants on 3 levels<\/h1>/);
  });
});

Deno.test("compare refuses statements about runs that were measured at other iterations", async () => {
  await withFolder(async (folder) => {
    const { status, stdout, stderr } = await inProcess(
      ...["compare", FILE, "--variants", "alone,often", "--variant", "often=evaluation.every=1"],
      ...["--iterations", "4", "--evaluations", "2", "--seeds", "6", ...CPU],
      ...["--out", `${folder}/compared`],
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^3 comparisons: 0 show a difference, .*, 3 cannot be made\.$/m);
    assert.match(
      stdout,
      /No statement: the runs of often and alone on .* were not measured at the same iterations\.$/m,
    );
  });
});

/** A rule that praises, and does something first. */
const rule = (first: string) =>
  `import { definePlugin } from "${new URL("../../core/pipeline/plugin.ts", import.meta.url).href}";
   export default definePlugin({
     kind: "feedback", name: "theirs", description: "By someone else.", options: {},
     create: () => ({ judge: ({ advantages: { length } }) => {
       ${first}
       const [signs, strengths] = [new Int8Array(length).fill(1), new Float32Array(length).fill(1)];
       return { signs, strengths, words: () => "Good." };
     } }),
   });`;

Deno.test("compare --sandbox runs rules in a sandbox, and reports one that was stopped", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/good.ts`, rule(""));
    await Deno.writeTextFile(`${folder}/endless.ts`, rule("for (;;);"));
    const variants = [
      ...[
        "--variants",
        "good,endless",
        "--seeds",
        "1",
        "--variant",
        `good=feedback=${folder}/good.ts`,
      ],
      ...["--variant", `endless=feedback=${folder}/endless.ts`, "--sandbox", ...CPU],
    ];
    const out = `${folder}/compared`;
    const { status, stderr } = await inProcess("compare", FILE, ...variants, "--out", out);
    assert.equal(status, 0, stderr);
    const page = await Deno.readTextFile(`${out}/report.html`);
    const warnings = page.slice(page.indexOf("<h3>Warnings</h3>"));
    // Ticks end it, or, on a machine that is busy, the clock.
    assert.match(
      warnings,
      /(ran past its limit|took longer than).*<small>\(endless: 1 run\)<\/small>/,
    );

    const exported = await inProcess("export", out, "--as", "csv", "--sandbox", ...CPU);
    assert.equal(exported.stdout.trim().split("\n").length, 3, exported.stderr);

    await Deno.writeTextFile(`${folder}/good.ts`, `Deno.exit(3);\n${rule("")}`);
    const outside = await inProcess("compare", FILE, ...variants, "--out", `${folder}/outside`);
    assert.equal(outside.status, 2, outside.stderr);
    assert.match(
      outside.stderr,
      /^E_PLUGIN: The plugin ".*good\.ts" failed: 'Deno' is not defined/m,
    );
  });
});

const NONSENSE: readonly [what: string, args: string[], message: RegExp][] = [
  ["--watch", ["--watch"], /^E_ARGUMENT: --watch is for a single run: the trials of a comparison/m],
  [
    "--sandbox without a rule given by path",
    ["--sandbox"],
    /^E_ARGUMENT: --sandbox is for feedback rules given by path.* this plan has none\.$/m,
  ],
];

for (const [what, args, message] of NONSENSE) {
  Deno.test(`compare answers ${what} with one sentence and status 2`, async () => {
    await withFolder(async (folder) => {
      const { status, stderr } = await inProcess(
        "compare",
        FILE,
        ...args,
        "--out",
        `${folder}/compared`,
      );
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
      assert.deepEqual(await entries(folder), []);
    });
  });
}

/** The page of a comparison whose teachers leave, as the command writes it. */
async function realPage(): Promise<string> {
  let page = "";
  await withFolder(async (folder) => {
    const { status, stderr } = await task(
      ...["compare", FILE, "--variants", "alone,one-way,bidirectional", "--seeds", "7"],
      ...["--iterations", "4", "--set", "schedule.teacherOff=0.5"],
      ...["--levels", "length=4,length=6", ...CPU, "--quiet", "--out", `${folder}/compared`],
    );
    assert.equal(status, 0, stderr);
    page = await Deno.readTextFile(`${folder}/compared/report.html`);
  });
  return page;
}

Deno.test(
  inBrowser(
    "the page that compare writes reads well on a phone, in the dark and on paper, and every figure " +
      "gives its data and its command",
    { width: 390, colorScheme: "dark" },
    realPage,
    async (page) => {
      const figures = await page.locator("figure").all();
      assert.ok(figures.length >= 11, `${figures.length} figures`);
      for (const figure of figures) await expectWhole(page, figure);
      assert.equal(await overflow(page), 0, "on a phone, everything unfolded");
      const deviations = page.locator("#learning-curves svg text", {
        hasText: "the teacher leaves",
      });
      assert.equal(await deviations.count(), 2, "a level a panel");
      assert.equal(await page.locator("#retention .legend li").count(), 3);
      const dark = await background(page);
      await page.emulateMedia({ media: "print", colorScheme: "light" });
      await page.setViewportSize({ width: 720, height: 1000 });
      assert.notEqual(await background(page), dark);
      assert.equal(await page.locator("details:visible, button:visible").count(), 0);
      assert.equal(await overflow(page), 0, "on paper");
      assert.ok((await page.pdf({ format: "A4" })).length > 20_000);
    },
  ),
);

type Figure = ReturnType<Page["locator"]>;

/** A picture that is there, data that can be saved, and the command. */
async function expectWhole(page: Page, figure: Figure): Promise<void> {
  const id = await figure.getAttribute("id");
  const box = await figure.locator("svg:visible").first().boundingBox();
  assert.ok(box && box.width > 100 && box.height > 50, `${id} is drawn`);
  await figure.locator("summary", { hasText: "Data" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    figure.locator("button").click(),
  ]);
  assert.equal(download.suggestedFilename(), `${id}.json`);
  const rows = JSON.parse(Deno.readTextFileSync(await download.path()));
  assert.ok(Array.isArray(rows) && rows.length > 0, `${id} has data`);
  await figure.locator("summary", { hasText: "Command" }).click();
  const command = await figure.locator("details", { hasText: "Command" }).locator("pre")
    .innerText();
  assert.match(command, /^deno task compare tests\/cli\/corridor\.ts /);
}

const overflow = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");
