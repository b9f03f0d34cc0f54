/** Verdicts that a rule gives on steps of before, brought into the form of those on the step at hand. */
import { TandemError } from "../../base/errors.ts";
import type { EarlierVerdict, Verdicts } from "../../stages/mod.ts";

/** Verdicts on the suggestions of one step. */
export interface VerdictsOnStep {
  /** The step in the iteration's rollout. */
  readonly step: number;
  readonly verdicts: Verdicts;
}

/**
 * The verdicts that name steps of before, a step each, the earliest first.
 *
 * @param now The step at hand in the iteration's rollout. @param envs N.
 * @throws {TandemError} E_SHAPE where one names what the iteration's ledger does not hold.
 */
export function verdictsOnEarlier(
  earlier: readonly EarlierVerdict[],
  now: number,
  envs: number,
): readonly VerdictsOnStep[] {
  const byStep = Map.groupBy(
    earlier,
    (verdict) => now - expectEarlier(verdict, now, envs).stepsAgo,
  );
  return [...byStep].sort(([a], [b]) => a - b).map(([step, given]) => {
    const signs = new Int8Array(envs);
    const strengths = new Float32Array(envs);
    const words = new Array<string>(envs).fill("");
    for (const verdict of given) {
      signs[verdict.env] = verdict.sign;
      strengths[verdict.env] = verdict.strength;
      words[verdict.env] = verdict.words;
    }
    return { step, verdicts: { signs, strengths, words: (i) => words[i]! } };
  });
}

function expectEarlier(verdict: EarlierVerdict, now: number, envs: number): EarlierVerdict {
  const { stepsAgo, env, sign, strength } = verdict;
  const within = (value: number, end: number) =>
    Number.isInteger(value) && value >= 0 && value < end;
  const wrong = !within(stepsAgo, now + 1)
    ? `of "${stepsAgo}" steps ago; the ledger goes back ${now}`
    : !within(env, envs)
    ? `on the environment "${env}"; right would be 0 to ${envs - 1}`
    : ![-1, 0, 1].includes(sign)
    ? `of the sign "${sign}"; right would be -1, 0 or 1`
    : !Number.isFinite(strength) || strength < 0
    ? `of the strength "${strength}"; right would be 0 or more`
    : undefined;
  if (wrong === undefined) return verdict;
  throw new TandemError("E_SHAPE", `The feedback rule gave a verdict ${wrong}.`, {
    stage: "feedback",
  });
}
