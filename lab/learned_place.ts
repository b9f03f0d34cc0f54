/** Which of a run's states is meant: its last, or the best that was measured. */

/** Behind a run's folder it asks for the best. */
const BEST = "@best";

/** A run, and which of its states. */
export interface LearnedPlace {
  /** The run's folder. */
  readonly folder: string;
  /** Whether the state of most success on development worlds is meant, and not the last. */
  readonly isBest: boolean;
}

/**
 * Reads a run as people write it: runs/ID, or runs/ID@best.
 *
 * @example
 * ```ts
 * import { learnedPlace } from "./learned_place.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(learnedPlace("runs/a@best"), { folder: "runs/a", isBest: true });
 * assert.deepEqual(learnedPlace("runs/a"), { folder: "runs/a", isBest: false });
 * ```
 */
export function learnedPlace(run: string): LearnedPlace {
  const isBest = run.endsWith(BEST) && run.length > BEST.length;
  return { folder: isBest ? run.slice(0, -BEST.length) : run, isBest };
}
