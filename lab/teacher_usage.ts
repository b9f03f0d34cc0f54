/** What a teacher has cost, in words. */
import type { TeacherUsage } from "@tandem/core";
import { addUsage, NO_USAGE, outsideText } from "@tandem/core/internal";
import { compact, count, percent } from "./format.ts";

/**
 * Prompts apart from requests: what was asked, what of it the cache answered, what was sent to a
 * server, and what went without a usable answer.
 *
 * @param inTraining Dollars of it that training took, where requests have prices.
 * @example
 * ```ts
 * import { usageFacts } from "./teacher_usage.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(usageFacts({ calls: 8, cacheHits: 6, tokens: 90, requests: 3, unusable: 2 }), [
 *   "8 prompts",
 *   "6 from the cache",
 *   "3 requests",
 *   "90 tokens",
 *   "no usable answer in 25.0 %",
 * ]);
 * const answeredBy = { logprobs: 3, text: 1 };
 * assert.deepEqual(usageFacts({ calls: 4, cacheHits: 0, tokens: 9, answeredBy, elsewhere: 0.2 })[3],
 *   "answers by logprobs 75.0 %, text 25.0 % (5.0 % of it on no candidate)");
 * ```
 */
export function usageFacts(usage: TeacherUsage, inTraining?: number): string[] {
  const { calls, cacheHits, tokens, requests } = usage;
  return [
    `${count(calls)} prompts`,
    `${count(cacheHits)} from the cache`,
    requests === undefined ? "" : `${count(requests)} requests`,
    `${compact(tokens)} tokens`,
    dollarsText(usage, inTraining),
    methodsText(usage),
    muteText(usage),
  ].filter((fact) => fact !== "");
}

/** What requests have cost, with the share of training; the empty string where nothing has a price. */
function dollarsText({ dollars }: TeacherUsage, inTraining: number | undefined): string {
  if (dollars === undefined) return "";
  const text = dollars >= 0.01 || dollars === 0 ? dollars.toFixed(2) : `${dollars.toPrecision(1)}`;
  const share = inTraining === undefined || dollars === 0 ? "" : percent(inTraining / dollars);
  return `${text} $${share === "" ? "" : ` (${share} of it in training)`}`;
}

/**
 * How a server's answers were got where not all were read as plain text, with what of the probability
 * stood on no candidate; the empty string elsewhere.
 */
function methodsText({ answeredBy = {}, elsewhere = 0 }: TeacherUsage): string {
  const ways = Object.entries(answeredBy);
  if (ways.every(([method]) => method === "text")) return "";
  const answers = ways.reduce((sum, [, each]) => sum + each, 0);
  const shares = ways.map(([method, each]) => `${outsideText(method)} ${percent(each / answers)}`);
  const beside = elsewhere > 0 ? ` (${percent(elsewhere / answers)} of it on no candidate)` : "";
  return `answers by ${shares.join(", ")}${beside}`;
}

/** The share of prompts without a usable answer; the empty string where there is none. */
export function muteText({ calls, unusable = 0 }: TeacherUsage): string {
  return unusable > 0 && calls > 0 ? `no usable answer in ${percent(unusable / calls)}` : "";
}

/** What the teachers of several runs have cost together. */
export function usageOf(
  runs: readonly { readonly record: { readonly summary: { readonly teacher: TeacherUsage } } }[],
): TeacherUsage {
  return runs.map(({ record }) => record.summary.teacher).reduce(
    (a, b) => addUsage(a, b),
    NO_USAGE,
  );
}
