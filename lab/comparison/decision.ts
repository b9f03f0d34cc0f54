/** Whether a plan that looks again and again has its answer, and what a look shows. */
import { type Claim, primaryClaims } from "./claims.ts";
import { certainty, listed, looksText } from "./statements.ts";
import type { Results } from "./results.ts";

/** How a plan stands at a look. */
export interface Decision {
  /** All pairs by the primary measure. */
  readonly claims: readonly Claim[];
  /** Whether each is better, worse or the same: no seed need be added. */
  readonly isDecided: boolean;
  /** Variants of which a pair is open. The others need no more seeds: a look never undoes another. */
  readonly open: ReadonlySet<string>;
}

/** How a plan stands by the seeds that it has. */
export function decisionOf(results: Results): Decision {
  const claims = primaryClaims(results);
  const isDecided = claims.length > 0 && !claims.some(isOpen);
  const pairs = claims.filter(isOpen).flatMap(({ variant, against }) => [variant, against]);
  const open = new Set(claims.length > 0 ? pairs : results.variants);
  return { claims, isDecided, open };
}

/** What a look shows, in a line. */
export function lookLine({ seeds, looks = [] }: Results, { claims, isDecided }: Decision): string {
  const bound = looks.at(-1) ?? seeds.length;
  const end = isDecided
    ? "all is decided"
    : seeds.length === bound
    ? "the bound is reached"
    : `${claims.filter(isOpen).length} of ${claims.length} open`;
  const pairs = claims.map((claim) =>
    `${claim.variant} against ${claim.against} ${standing(claim)}`
  );
  return `Look at ${seeds.length} of at most ${bound} seeds: ${listed(pairs)}; ${end}.`;
}

/** How a plan that looks again and again came to its end; undefined for one that looks once. */
export function stoppingText(results: Results): string | undefined {
  const { looks, seeds, variants } = results;
  if (!looks) return undefined;
  const bound = looks.at(-1)!;
  const earlier = variants.filter((name) => results.seedsOf(name).length < seeds.length)
    .map((name) => `${name} after ${results.seedsOf(name).length}`);
  const rule = `Looked at after ${looksText(looks)} seeds` +
    (earlier.length > 0 ? `; decided before the others: ${listed(earlier)}` : "");
  if (decisionOf(results).isDecided) {
    return `${rule}; stopped after ${seeds.length} of at most ${bound}, when all was decided.`;
  }
  return seeds.length === bound
    ? `${rule}; the bound of ${bound} was reached and not all is decided.`
    : `${rule}; stopped after ${seeds.length} of at most ${bound} before all was decided.`;
}

function isOpen({ verdict }: Claim): boolean {
  return verdict === "open" || verdict === "refused";
}

function standing(claim: Claim): string {
  if (claim.verdict === "refused") return "not yet";
  const { verdict } = claim;
  return `${verdict === "same" ? "the same" : verdict} (${certainty(claim)})`;
}
