/** Claims as sentences and as the cells of a table. */
import { count, percent, signed } from "../format.ts";
import type { Claim, Finding } from "./claims.ts";
import type { Measure } from "./measures.ts";

/** A value of a measure, as people read it. */
export function measured(measure: Measure, value: number): string {
  return measure.id === "steps" ? count(value) : value.toFixed(3);
}

/** A difference in a measure, with its sign. */
export function difference(measure: Measure, value: number): string {
  if (measure.id !== "steps") return signed(value);
  return `${value < 0 ? "−" : "+"}${count(Math.abs(value))}`;
}

/** A p-value: three digits, or how small it is. */
export function pText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${p.toPrecision(2)}`;
}

/** What a claim says, without its numbers. */
export function statement(claim: Claim): string {
  const { measure, variant, against, level, verdict } = claim;
  const where = level === null ? "over all levels" : `on ${level}`;
  if (verdict === "refused") return `${variant} and ${against}, ${measure.name}, ${where}`;
  if (verdict === "open") {
    return `No difference in the ${measure.name} shown between ${variant} and ${against}, ${where}`;
  }
  return `${variant} ${measure.says[verdict]} than ${against}, ${where}`;
}

/** The numbers behind a finding. */
export function evidence(finding: Finding): string {
  const { measure, value, other, ci95, seeds, corrected } = finding;
  const [low, high] = ci95.map((end) => difference(measure, end));
  return `${measured(measure, value)} against ${measured(measure, other)}; difference ` +
    `${
      difference(measure, finding.difference)
    }, 95 %: ${low} to ${high}; paired permutation test ` +
    `over ${seeds} seeds, ${pText(corrected)} after Holm`;
}

/** The tests of a plan, counted. */
export function tally(claims: readonly Claim[]): string {
  const number = (...verdicts: Claim["verdict"][]) =>
    claims.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const [shown, open, refused] = [number("better", "worse"), number("open"), number("refused")];
  return `${count(claims.length)} comparisons: ${shown} show a difference, ${open} do not, ` +
    `${refused} cannot be made`;
}

/** A share that may have no value yet. */
export function shareText(values: readonly number[]): string {
  return values.length === 0
    ? "–"
    : percent(values.reduce((sum, value) => sum + value, 0) / values.length);
}
