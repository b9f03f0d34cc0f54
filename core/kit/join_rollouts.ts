/** Rollouts laid end to end. */
import { TandemError } from "../base/errors.ts";
import { type Column, joinColumns, joinTensors } from "./join_columns.ts";
import type { Rollout } from "../stages/mod.ts";

/**
 * Rollouts of the same envs, one after the other in time; their steps need not have followed one another.
 * A column that only some of them have is left out.
 *
 * @param rollouts At least one.
 * @returns A rollout with arrays of its own.
 * @throws {TandemError} E_SHAPE where there is none.
 */
export function joinRollouts(rollouts: readonly Rollout[]): Rollout {
  const [first] = rollouts;
  if (!first) throw new TandemError("E_SHAPE", "No rollouts were given to be joined.");
  const steps = rollouts.reduce((sum, rollout) => sum + rollout.steps, 0);
  const joined: Partial<Record<keyof Rollout, unknown>> = { ...first, steps };
  for (const name of Object.keys(first) as (keyof Rollout)[]) {
    const parts = rollouts.map((rollout) => rollout[name]);
    if (parts.some((part) => part === undefined)) joined[name] = undefined;
    else if (ArrayBuffer.isView(parts[0])) joined[name] = joinColumns(parts as Column[]);
    else if (Array.isArray(parts[0])) joined[name] = (parts as unknown[][]).flat();
  }
  joined.observations = joinTensors(rollouts.map(({ observations }) => observations));
  return joined as unknown as Rollout;
}
