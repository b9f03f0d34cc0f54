/** The score of a success between that of chance and that of an expert. */
import { percent } from "../format.ts";
import { differenceInterval } from "./proportions.ts";

/** What a score is measured against. */
export interface ScoreReference {
  /** Success of random actions, 0 to 1; null where it is not known. */
  readonly floor: number | null;
  /** Success of the expert, 0 to 1; null where there is none. */
  readonly ceiling: number | null;
  /** Worlds on which both were measured; null or undefined where that is not known. */
  readonly worlds?: number | null;
}

/** By how much an expert must do better than chance: with less, a score would be noise made large. */
const LEAST_RANGE = 0.05;

/**
 * Why nothing can be scored against a reference; null where it can. Without an expert, or with one
 * that is no better than chance beyond the error of the measurement (95 %), a ratio of the two would
 * mean nothing: it could fall as success rises.
 *
 * @example
 * ```ts
 * import { whyNoScore } from "./score.ts";
 * import assert from "node:assert/strict";
 * assert.equal(whyNoScore({ floor: 0.2, ceiling: 0.9, worlds: 2000 }), null);
 * assert.match(whyNoScore({ floor: 0.2, ceiling: 0, worlds: 2000 })!, /no better than chance/);
 * ```
 */
export function whyNoScore({ floor, ceiling, worlds }: ScoreReference): string | null {
  if (ceiling === null || floor === null) return "there is no expert to score against";
  if (!Number.isFinite(floor) || !Number.isFinite(ceiling)) return "its references are no numbers";
  const numbers = `${percent(ceiling)} against ${percent(floor)}`;
  if (!(ceiling > floor)) return `the expert is no better than chance (${numbers})`;
  if (worlds && leastDifference(ceiling, floor, worlds) <= 0) {
    return `the expert is no better than chance beyond the error of ${worlds} worlds (${numbers})`;
  }
  // Shares of worlds are rounded numbers: a range of exactly the least is enough.
  if (ceiling - floor < LEAST_RANGE - 1e-9) {
    return `the expert is hardly better than chance (${numbers})`;
  }
  return null;
}

/**
 * (success - floor) / (ceiling - floor): 0 is what random actions achieve, 1 what the expert does. It
 * rises with success.
 *
 * @returns null where {@linkcode whyNoScore} has a reason.
 * @example
 * ```ts
 * import { scoreOf } from "./score.ts";
 * import assert from "node:assert/strict";
 * assert.equal(scoreOf(0.75, { floor: 0.5, ceiling: 1 }), 0.5);
 * assert.equal(scoreOf(0.75, { floor: 0.5, ceiling: null }), null);
 * assert.equal(scoreOf(0.75, { floor: 0.5, ceiling: 0.1 }), null);
 * ```
 */
export function scoreOf(success: number, reference: ScoreReference): number | null {
  const { floor, ceiling } = reference;
  if (!Number.isFinite(success) || whyNoScore(reference) !== null) return null;
  return (success - floor!) / (ceiling! - floor!);
}

/** The lower end of the 95 % interval of what the expert does better than chance. */
function leastDifference(ceiling: number, floor: number, worlds: number): number {
  const share = (success: number) => ({ hits: success * worlds, of: worlds });
  return differenceInterval(share(ceiling), share(floor))[0];
}
