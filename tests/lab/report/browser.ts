/** Opens pages in Chromium, where there is one. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { inTemporaryFolder } from "../temporary.ts";

// When it is loaded playwright-core looks for Windows below Linux in /proc, which Deno forbids.
Deno.env.set("__IS_WSL_TEST__", "1");
const { chromium } = await import("playwright-core");

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = CANDIDATES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** How a page is looked at. */
export interface BrowserOptions {
  /** Of the window, in CSS pixels. */
  readonly width: number;
  readonly javaScriptEnabled?: boolean;
  readonly colorScheme?: "light" | "dark";
}

/**
 * A test that opens a page and fails where the page complains or loads anything; skipped, with the
 * reason in its name, where there is no browser.
 *
 * @param render Gives the page's HTML.
 */
export function inBrowser(
  name: string,
  options: BrowserOptions,
  render: () => Promise<string>,
  test: (page: Page) => Promise<void>,
): Deno.TestDefinition {
  const { width, ...context } = options;
  return {
    name: `${name}${executablePath ? "" : " (skipped: no Chromium)"}`,
    ignore: !executablePath,
    // The browser's own process and pipes end after the test's clock has looked.
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        Deno.writeTextFileSync(`${folder}/report.html`, await render());
        const browser = await chromium.launch({
          executablePath,
          args: ["--no-sandbox", "--disable-gpu"],
        });
        try {
          const page = await browser.newPage({ viewport: { width, height: 844 }, ...context });
          const complaints: string[] = [];
          page.on("console", (message) => complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(error.message));
          page.on("request", (request) => {
            const url = request.url();
            if (!/^(file|data|blob):/.test(url)) complaints.push(`it loads ${url}`);
          });
          await page.goto(`file://${folder}/report.html`);
          await test(page);
          assert.deepEqual(complaints, []);
        } finally {
          await browser.close();
        }
      }),
  };
}
