/** Tables as text (RFC 4180). */
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
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

function field(value: CellValue): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
