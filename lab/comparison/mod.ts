/**
 * Comparisons of variants: what their trials say, as sentences, tables and pages.
 *
 * @module
 */
export { claimsTable } from "./terminal.ts";
export { renderComparison } from "./report.ts";
export { renderMarkdown } from "./markdown.ts";
export { Results, type TrialResult } from "./results.ts";
