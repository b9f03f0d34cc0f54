/** What a plan's test worlds are drawn by. */
import { canonical, sha256 } from "./digest.ts";
import type { Plan } from "./plan.ts";
import { withoutPlaces } from "./sources.ts";

/**
 * The hash that a plan's test worlds are drawn by: SHA-256 over the pipeline, the variants' settings and
 * the levels. Names, descriptions and order do not matter. Seeds are left out: each has test worlds of
 * its own, so that a plan with more seeds has others beside those that it had.
 *
 * @returns undefined for a plan that is measured on development worlds alone.
 */
export function testPlanOf({ pipeline, variants, levels, worlds }: Plan): string | undefined {
  if (worlds === "development") return undefined;
  const { name: _, description: __, ...rest } = pipeline;
  const settings = variants.map((variant) => canonical(variant.settings)).sort();
  return sha256(
    canonical({ pipeline: withoutPlaces(rest), variants: settings, levels: [...levels].sort() }),
  );
}

/** The part of a plan's hash by which people know it. */
export function shortHash(plan: string): string {
  return plan.slice(0, 12);
}
