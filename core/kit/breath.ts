/** Turns of the event loop in the midst of long work, so that signals, timers and workers are heard. */
import type { Clock } from "./clock.ts";

/** Milliseconds of work between two turns. */
const BETWEEN_TURNS = 200;

/**
 * Milliseconds that a turn waits: the event loop looks for signals and for what comes over the network
 * when it has nothing else to do, and among turns without a wait at every 61st only.
 */
const WAIT = 1;

/** Gives the event loop a turn where one is due; nothing to wait for where none is. */
export type Breathe = () => Promise<void> | undefined;

/**
 * Something that long work asks again and again, and that gives the event loop a turn about five times a
 * second. It changes no bits of what is computed.
 *
 * @example
 * ```ts
 * import { breathing } from "./breath.ts";
 * import assert from "node:assert/strict";
 * let [now, turns] = [0, 0];
 * const breathe = breathing({ now: () => now, sleep: async () => void turns++ });
 * await breathe();
 * now = 250;
 * await breathe();
 * await breathe();
 * assert.equal(turns, 1);
 * ```
 */
export function breathing(clock: Clock): Breathe {
  let last = clock.now();
  const turn = async () => {
    await clock.sleep(WAIT);
    last = clock.now();
  };
  return () => clock.now() - last < BETWEEN_TURNS ? undefined : turn();
}

/**
 * [N] a value for each index, with breaths in between.
 *
 * @param each What finds a value.
 */
export async function fillSlowly(
  values: Int32Array,
  each: (i: number) => number,
  breathe: Breathe,
): Promise<Int32Array> {
  for (let i = 0; i < values.length; i++) {
    values[i] = each(i);
    const turn = breathe();
    if (turn) await turn;
  }
  return values;
}
