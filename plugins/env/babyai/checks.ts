/** What users can get wrong about a batch of worlds. */

import { TandemError } from "@tandem/core";
import { ACTION_NAMES } from "./cells.ts";

/** @throws TandemError E_OPTION unless the value fits; `right` says what would. */
export function checkOption(name: string, value: unknown, fits: boolean, right: string): void {
  if (!fits) throw new TandemError("E_OPTION", `The option ${name} is "${value}", not ${right}.`);
}

/** @throws TandemError E_OPTION unless the seed is a whole number from 0 on. */
export function checkSeed(seed: number): void {
  checkOption("seed", seed, Number.isSafeInteger(seed) && seed >= 0, "a whole number from 0 on");
}

/** @throws TandemError E_OPTION unless there is a seed for each world. */
export function checkSeeds(seeds: ArrayLike<number>, envs: number): void {
  if (seeds.length === envs) return;
  throw new TandemError(
    "E_OPTION",
    `There are ${seeds.length} seeds for ${envs} worlds: each needs one.`,
  );
}

/**
 * @param over [N] 1 where there is no episode to act in.
 * @throws TandemError E_ACTION unless there is an action from 0 to 6 for each world and all may act.
 */
export function checkActions(actions: ArrayLike<number>, over: Uint8Array): void {
  if (actions.length !== over.length) {
    throw new TandemError(
      "E_ACTION",
      `There are ${actions.length} actions for ${over.length} worlds: each needs one.`,
    );
  }
  for (let i = 0; i < over.length; i++) {
    const action = actions[i]!;
    if (!(action >= 0 && action <= 6) || action % 1 !== 0) throw noAction(action, i);
    if (over[i] === 1) throw noEpisode(i);
  }
}

function noAction(action: number, i: number): TandemError {
  return new TandemError(
    "E_ACTION",
    `The action "${action}" of world ${i} is none: actions are 0 to 6 (${
      ACTION_NAMES.join(", ")
    }).`,
  );
}

function noEpisode(i: number): TandemError {
  return new TandemError(
    "E_ACTION",
    `World ${i} has no episode to act in: it is over or not begun, and must be reset.`,
  );
}
