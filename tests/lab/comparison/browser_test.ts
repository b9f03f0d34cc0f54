/** The comparison's report in a real browser. Skipped, with the reason, where there is none. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { renderComparison } from "../../../lab/comparison/report.ts";
import { inBrowser } from "../report/browser.ts";
import { climb, sampleResults, worth } from "./sample.ts";

const RESULTS = sampleResults((variant, level, seed) => ({
  ...climb(variant === "alone" ? 0.5 : level === "BabyAI-GoToRedBallNoDists-v0" ? 0.95 : 0.7, seed),
  ...(variant === "alone" ? { guidance: undefined } : { worth: worth(0.5, 0.01) }),
}), {
  variants: ["alone", "one-way", "bidirectional"],
  levels: ["BabyAI-GoToRedBallNoDists-v0", "PickupLoc"],
});
const render = () =>
  renderComparison({
    results: RESULTS,
    version: "0.1.0",
    device: "wasm",
    command: "deno task compare pipelines/babyai.ts --variants paper --out runs/paper",
    draw: () => `<svg viewBox="0 0 8 8"><rect width="8" height="8"/></svg>`,
  });

const overflow = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

Deno.test(
  inBrowser(
    "the comparison fits a phone, everything unfolded",
    { width: 390 },
    render,
    async (page) => {
      for (const summary of await page.locator("summary:visible").all()) await summary.click();
      assert.equal(await overflow(page), 0);
      const panel = await page.locator("#learning-curves .panel").first().boundingBox();
      assert.ok(panel!.width > 300, "one panel a row");
    },
  ),
);

Deno.test(
  inBrowser("the comparison saves a figure's data", { width: 1000 }, render, async (page) => {
    const figure = page.locator("#learning-curves");
    await figure.locator("summary", { hasText: "Data" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      figure.locator("button").click(),
    ]);
    const rows = JSON.parse(Deno.readTextFileSync(await download.path()));
    assert.equal(rows.length, 3 * 2 * 4, "variants, levels, measurements");
    await figure.locator("summary", { hasText: "Command" }).click();
    assert.match(await figure.locator("pre:visible").last().innerText(), /^deno task compare/);
  }),
);

Deno.test(
  inBrowser("the comparison steps through an episode", { width: 1000 }, render, async (page) => {
    const episode = page.locator("#episode-1");
    await episode.getByLabel("next step").click();
    assert.equal(await episode.locator(".step:visible").getAttribute("id"), "episode-1-2");
  }),
);

Deno.test(
  inBrowser(
    "the comparison's colours follow the reader's, and all of them differ",
    { width: 1000, colorScheme: "dark" },
    render,
    async (page) => {
      const colours = async () =>
        await page.evaluate(
          `[...document.querySelectorAll("#learning-curves .legend i")]
            .map((mark) => getComputedStyle(mark).backgroundColor)`,
        ) as string[];
      const dark = await colours();
      await page.emulateMedia({ colorScheme: "light" });
      const light = await colours();
      assert.equal(new Set(dark).size, 3);
      assert.ok(dark.every((colour, i) => colour !== light[i]));
      await page.emulateMedia({ media: "print" });
      assert.deepEqual(await colours(), light);
    },
  ),
);
