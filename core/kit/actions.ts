/** Actions as envs take them: checked, before anything is done. */
import { TandemError } from "../base/errors.ts";
import type { Actions, EnvSpec } from "../stages/mod.ts";

/**
 * The action of environment i, an index into the actions' names.
 *
 * @throws {TandemError} E_ACTION where there is none such.
 * @example
 * ```ts
 * import { actionAt } from "./actions.ts";
 * import assert from "node:assert/strict";
 * const spec = { id: "Lamp-v0", actions: ["wait", "switch"] };
 * assert.equal(actionAt(spec, Int32Array.of(0, 1), 1), 1);
 * assert.throws(() => actionAt(spec, Int32Array.of(2), 0), /"2" is no action of "Lamp-v0"/);
 * ```
 */
export function actionAt(
  { actions: names, id }: Pick<EnvSpec, "actions" | "id">,
  actions: Actions,
  i: number,
): number {
  const action = actions[i]!;
  if (action in names) return action;
  const right = names.map((name, index) => `${index} (${name})`).join(", ");
  throw new TandemError("E_ACTION", `"${action}" is no action of "${id}": it has ${right}.`);
}

/** [...shape] the floats of environment i. @throws {TandemError} E_ACTION */
export function floatsAt(
  { actionBox, id, envs }: Pick<EnvSpec, "actionBox" | "id" | "envs">,
  actions: Actions,
  i: number,
): Float32Array {
  const width = actionBox!.low.length;
  const floats = actions.subarray(i * width, (i + 1) * width) as Float32Array;
  if (floats.length === width && actions.length === envs * width && floats.every(Number.isFinite)) {
    return floats;
  }
  throw new TandemError(
    "E_ACTION",
    `"${[...floats]}" is no action of "${id}": it has ${width} floats.`,
  );
}
