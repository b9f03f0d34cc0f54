/**
 * Comparisons of variants: what their trials say, as sentences, tables and pages.
 *
 * @module
 */
export { claimsTable } from "./terminal.ts";
export { renderComparison } from "./report.ts";
export { renderMarkdown } from "./markdown.ts";
export { Results, type TrialResult } from "./results.ts";
export type { Cell, Prices, Question, SeededRun } from "./results.ts";
export type { ComparisonInput } from "./report.ts";
export type { Origin } from "./page/header_view.ts";
export type { Registration } from "./registration.ts";
export type { MeasureId } from "../plan.ts";
