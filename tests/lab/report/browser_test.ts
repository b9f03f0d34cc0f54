/** The report in a real browser. Skipped, with the reason, where there is none. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { renderReport } from "../../../lab/report/report.ts";
import { CONFIG, sampleEvents, SUMMARY } from "../sample.ts";
import { type BrowserOptions, inBrowser } from "./browser.ts";

const drawStep = () => `<svg viewBox="0 0 8 8"><rect width="8" height="8"/></svg>`;
const render = () =>
  renderReport({ summary: SUMMARY, config: CONFIG, events: sampleEvents(), drawStep });

function testInBrowser(
  name: string,
  options: BrowserOptions,
  test: (page: Page) => Promise<void>,
): void {
  Deno.test(inBrowser(name, options, render, test));
}

const shown = (page: Page) => page.locator("#episode-end .step:visible");

testInBrowser(
  "the report steps through an episode by button and by key",
  { width: 1000 },
  async (page) => {
    const episode = page.locator("#episode-end");
    await episode.scrollIntoViewIfNeeded();
    assert.equal(await shown(page).getAttribute("id"), "episode-end-1");
    await episode.getByLabel("next step").click();
    assert.equal(await shown(page).getAttribute("id"), "episode-end-2");
    await page.keyboard.press("ArrowRight");
    assert.equal(await shown(page).getAttribute("id"), "episode-end-3");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await shown(page).getAttribute("id"), "episode-end-2");
    await episode.locator(".pips a").last().click();
    assert.equal(await episode.locator("output").textContent(), "step 5 of 5");
    assert.equal(await episode.getByLabel("next step").isDisabled(), true);
  },
);

testInBrowser("the report saves a figure's data", { width: 1000 }, async (page) => {
  const figure = page.locator("#learning-curve");
  await figure.locator("summary").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    figure.locator("button").click(),
  ]);
  assert.equal(download.suggestedFilename(), "learning-curve.json");
  const rows = JSON.parse(Deno.readTextFileSync(await download.path()));
  assert.equal(rows.length, 6);
});

testInBrowser("the report fits a phone", { width: 390 }, async (page) => {
  const overflow = () =>
    page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  assert.equal(await overflow(), 0);
  for (const summary of await page.locator("summary").all()) await summary.click();
  assert.equal(await overflow(), 0, "with everything unfolded");
});

testInBrowser(
  "the report lists every step where no script runs",
  { width: 1000, javaScriptEnabled: false },
  async (page) => {
    assert.equal(await shown(page).count(), 5);
    assert.equal(await page.locator(".controls:visible").count(), 0);
  },
);
