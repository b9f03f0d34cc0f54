/** Numbers as people read them; shared by the progress line, the end table and the report. */
import type { EarlierVerdictCounts } from "@tandem/core";

/**
 * A share as a percentage of three digits; "–" where there is none.
 *
 * @param share 0 to 1.
 *
 * @example
 * ```ts
 * import { percent } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.equal(percent(0.587), "58.7 %");
 * assert.equal(percent(1), "100 %");
 * assert.equal(percent(null), "–");
 * ```
 */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const value = share * 100;
  const digits = Math.abs(value) >= 99.95 || value === 0 ? 0 : 1;
  // Neither "-0.0 %" nor a hyphen for a minus.
  return `${value < 0 && Number(value.toFixed(1)) !== 0 ? "−" : ""}${
    Math.abs(value).toFixed(digits)
  } %`;
}

/**
 * A count with thousands separated: "163,840"; "–" where there is none.
 *
 * @param value Rounded to a whole number.
 */
export function count(value: number): string {
  if (!Number.isFinite(value)) return "–";
  // Nothing is "-0", however it came about.
  return (Math.round(value) || 0).toLocaleString("en-US");
}

const UNITS = ["", "k", "M", "G", "T", "P", "E"] as const;

/**
 * A count in three digits and a unit of a thousand, a million and so on: at most six characters.
 *
 * @example
 * ```ts
 * import { compact } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.equal(compact(940), "940");
 * assert.equal(compact(20_700), "20.7 k");
 * assert.equal(compact(2.5e9), "2.50 G");
 * ```
 */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value < 0) return `−${compact(-value)}`;
  if (value < 999.5) return String(Math.round(value));
  // Rounding to three digits may reach the next unit.
  const rounded = Number(value.toPrecision(3));
  const unit = Math.floor(Math.log10(rounded) / 3 + 1e-9);
  if (unit >= UNITS.length) return value.toExponential(2).replace("e+", "e");
  const scaled = (rounded / 1000 ** unit).toPrecision(3);
  return `${scaled} ${UNITS[unit]}`;
}

/**
 * A number of unknown size in about four digits, as in a table of options or metrics: thousands are
 * separated, what is tiny keeps its digits.
 *
 * @example
 * ```ts
 * import { plain } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.equal(plain(12345.678), "12,346");
 * assert.equal(plain(0.25), "0.25");
 * assert.equal(plain(1e-9), "1e-9");
 * ```
 */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size >= 1e15 || (size > 0 && size < 1e-4)) {
    return sign + size.toExponential(3).replace(/\.?0*e\+?/, "e");
  }
  if (size >= 1000) return sign + count(size);
  return sign + String(Number(size.toPrecision(4)));
}

/**
 * A span of time in the two units that matter.
 *
 * @param seconds At least 0.
 *
 * @example
 * ```ts
 * import { duration } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.equal(duration(8.44), "8.4 s");
 * assert.equal(duration(84), "1 min 24 s");
 * assert.equal(duration(7265), "2 h 1 min");
 * ```
 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, small, units] = whole < 3600
    ? [Math.floor(whole / 60), whole % 60, ["min", "s"]]
    : whole < 48 * 3600
    ? [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60), ["h", "min"]]
    : [Math.floor(whole / 86_400), Math.floor(whole % 86_400 / 3600), ["d", "h"]];
  return `${count(large)} ${units[0]}${small > 0 ? ` ${small} ${units[1]}` : ""}`;
}

/**
 * A signed number of three digits behind the point, fewer for large ones: "+0.127", "−123.5",
 * "+12,346"; a number that would be all zeros keeps its first digits.
 */
export function signed(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 999.95
    ? size < 1e15 ? count(size) : plain(size)
    : size >= 9.9995
    ? size.toPrecision(4)
    : size > 0 && size < 0.0005
    ? size.toExponential(1)
    : size.toFixed(3);
  return `${value < 0 ? "−" : "+"}${text}`;
}

/**
 * How many verdicts were on steps of before, and how far back.
 *
 * @example
 * ```ts
 * import { hindsightOf } from "./format.ts";
 * import assert from "node:assert/strict";
 * assert.equal(
 *   hindsightOf({ verdicts: 20, stepsAgo: 50, farthest: 9, leftOut: 0 }),
 *   "20 verdicts on steps of before, 2.5 steps back in the mean, 9 at most",
 * );
 * ```
 */
export function hindsightOf(
  { verdicts, stepsAgo, farthest, leftOut }: EarlierVerdictCounts,
): string {
  const mean = verdicts > 0 ? (stepsAgo / verdicts).toFixed(1) : "0";
  const lost = leftOut > 0 ? `; ${count(leftOut)} left out, of steps no longer remembered` : "";
  return `${count(verdicts)} verdicts on steps of before, ${mean} steps back in the mean, ` +
    `${count(farthest)} at most${lost}`;
}
