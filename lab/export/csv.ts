/** Tables as text (RFC 4180). */
import { outsideText } from "@tandem/core/internal";
import type { CellValue, Row } from "./rows.ts";

/**
 * A table with a header line. An empty field is a missing value.
 *
 * @example
 * ```ts
 * import { csv } from "./csv.ts";
 * import assert from "node:assert/strict";
 * assert.equal(csv([{ name: 'a "b", c', value: 0.5 }, { name: "d", value: null }]),
 *   'name,value\r\n"a ""b"", c",0.5\r\nd,\r\n');
 * ```
 */
export function csv(rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const names = Object.keys(rows[0]!);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]!))];
  return lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");
}

/** Longer texts are cut: a spreadsheet takes no more in a cell. */
const LONGEST_CELL = 32_000;
/**
 * What a spreadsheet takes for the beginning of a formula, its wide forms and blanks before it too; and
 * tabs and line breaks, behind which some look for one.
 */
const FORMULA = /^[\t\n]|^[\s'"]*[=+\-@|%＝＋－＠−]/u;

/**
 * One cell. A text that a spreadsheet would take for a formula stands behind an apostrophe, and control
 * characters are written out; a number is as it is.
 *
 * @example
 * ```ts
 * import { csvCell } from "./csv.ts";
 * import assert from "node:assert/strict";
 * assert.equal(csvCell('=HYPERLINK("x")'), `"'=HYPERLINK(""x"")"`);
 * assert.equal(csvCell(-0.5), "-0.5");
 * ```
 */
export function csvCell(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value + 0) : "";
  if (typeof value === "boolean") return String(value);
  const shown = outsideText(value, { max: LONGEST_CELL, lines: true });
  const text = FORMULA.test(shown) ? `'${shown}` : shown;
  return /[",;\t\r\n']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
