import assert from "node:assert/strict";
import { ERROR_CODES } from "../../core/base/errors.ts";

Deno.test("docs/errors.md lists every code once, with its meaning, under its exit status", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/errors.md", import.meta.url));
  const [input = "", run = ""] = page.split("## The run");
  const rows = (text: string) =>
    [...text.matchAll(/^\| `(E_\w+)`\s*\| (.*?)\s*\|/gm)].map((
      [, code, meaning],
    ) => [code, meaning]);
  const expected = (kind: string) =>
    Object.entries(ERROR_CODES).filter(([, entry]) => entry[0] === kind)
      .map(([code, entry]) => [code, entry[1]]);
  const sorted = (table: unknown[][]) => table.toSorted((a, b) => a[0]! < b[0]! ? -1 : 1);
  assert.deepEqual(sorted(rows(input)), sorted(expected("input")));
  assert.deepEqual(sorted(rows(run)), sorted(expected("run")));
});
