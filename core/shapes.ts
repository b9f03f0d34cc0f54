/** Holds what stages return to the lengths that their contracts promise. */
import { TandemError } from "./errors.ts";
import type { Guidance, PluginKind } from "./stages.ts";

/**
 * @param stage Who returned the values.
 * @param what Their name, such as "actions".
 * @throws {TandemError} E_SHAPE where the length is another one.
 */
export function expectLength(
  stage: PluginKind,
  what: string,
  values: ArrayLike<unknown> | undefined,
  length: number,
): void {
  if (values?.length === length) return;
  const found = values ? `have length "${values.length}"` : `are "${values}"`;
  throw new TandemError(
    "E_SHAPE",
    `The ${what} that the stage ${stage} returned ${found}; right would be ${length}.`,
    { stage },
  );
}

/** @throws {TandemError} E_NUMERIC where a value is NaN or infinite. */
export function expectFinite(stage: PluginKind, what: string, values: Float32Array): void {
  // Called every step: a callback for each value costs more than all of the loop.
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at === values.length) return;
  throw new TandemError(
    "E_NUMERIC",
    `The ${what} of the stage ${stage} hold "${values[at]}" at ${at}; all must be finite.`,
    { stage },
  );
}

/** @throws {TandemError} E_SHAPE, E_NUMERIC where guidance is not for so many environments. */
export function expectGuidance(guidance: Guidance, envs: number): Guidance {
  const { choices, logProbs, distribution, candidates } = guidance;
  expectLength("teacher", "choices", choices, envs);
  expectLength("teacher", "logProbs", logProbs, envs);
  expectLength("teacher", "distribution", distribution, envs * candidates.length);
  expectFinite("teacher", "distribution", distribution);
  let at = 0;
  while (at < choices.length && choices[at]! >= -1 && choices[at]! < candidates.length) at++;
  if (at === choices.length) return guidance;
  throw new TandemError(
    "E_SHAPE",
    `The teacher suggested the candidate "${choices[at]}"; right would be -1 to ${
      candidates.length - 1
    }.`,
    { stage: "teacher" },
  );
}
