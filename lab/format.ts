/** Numbers as people read them; shared by the progress line, the end table and the report. */

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
  return `${value.toFixed(digits)} %`;
}

/**
 * A count with thousands separated: "163,840".
 *
 * @param value Rounded to a whole number.
 */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A count in at most five characters: "940", "20.7k", "4.12M". */
export function compact(value: number): string {
  if (value < 1000) return String(Math.round(value));
  const [scaled, unit] = value < 999_500 ? [value / 1e3, "k"] : [value / 1e6, "M"];
  return `${scaled.toPrecision(3).slice(0, 4).replace(/\.$/, "")}${unit}`;
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
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, small, units] = whole < 3600
    ? [Math.floor(whole / 60), whole % 60, ["min", "s"]]
    : [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60), ["h", "min"]];
  return `${large} ${units[0]}${small > 0 ? ` ${small} ${units[1]}` : ""}`;
}

/** A signed number of three digits: "+0.127", "−1.30". */
export function signed(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value) < 10 ? Math.abs(value).toFixed(3) : Math.abs(value).toPrecision(4);
  return `${value < 0 ? "−" : "+"}${text}`;
}
