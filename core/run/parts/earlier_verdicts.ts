/** Verdicts that a rule gives on steps of before, brought into the form of those on the step at hand. */
import { TandemError } from "../../base/errors.ts";
import { expectRight } from "../../kit/shapes.ts";
import type { KeptStep } from "./past.ts";
import type { EarlierVerdict, Verdicts } from "../../stages/mod.ts";

/** A verdict, and the step of the run that it is about. */
export interface LocatedVerdict {
  readonly at: number;
  readonly verdict: EarlierVerdict;
  /** What was kept of the step, where the rule asks for the past; it may be forgotten since. */
  readonly kept?: KeptStep;
}

/** Verdicts on the suggestions of one step of before; one with a sign of 0 is none. */
export interface VerdictsOnStep {
  /** Which step of the run. */
  readonly at: number;
  readonly verdicts: Verdicts;
  readonly kept?: KeptStep;
}

/** What a verdict may name. */
export interface Reach {
  /** Steps before the one at hand; those farther back are refused. */
  readonly farthest: number;
  /** What goes back so far, for the message. */
  readonly what: "the ledger" | "the run";
  /** N. */
  readonly envs: number;
  /** K. */
  readonly candidates: number;
}

/**
 * The verdicts in rows, a step each, the earliest first. A step that got several in one environment has
 * several rows, in the order in which they were given.
 */
export function verdictsByStep(
  located: readonly LocatedVerdict[],
  envs: number,
): readonly VerdictsOnStep[] {
  const rows = new Map<number, (EarlierVerdict | undefined)[][]>();
  const known = new Map<number, KeptStep | undefined>();
  for (const { at, verdict, kept } of located) {
    known.set(at, kept);
    const ofStep = rows.get(at) ?? [];
    rows.set(at, ofStep);
    let row = ofStep.find((row) => row[verdict.env] === undefined);
    if (!row) ofStep.push(row = new Array<EarlierVerdict | undefined>(envs).fill(undefined));
    row[verdict.env] = verdict;
  }
  return [...rows].sort(([a], [b]) => a - b)
    .flatMap(([at, ofStep]) =>
      ofStep.map((row) => ({ at, verdicts: verdictsOfRow(row), kept: known.get(at) }))
    );
}

function verdictsOfRow(row: readonly (EarlierVerdict | undefined)[]): Verdicts {
  return {
    signs: Int8Array.from(row, (verdict) => verdict?.sign ?? 0),
    strengths: Float32Array.from(row, (verdict) => verdict?.strength ?? 0),
    words: (i) => row[i]?.words ?? "",
    ...row.some((verdict) => verdict?.right) && { right: row.map((verdict) => verdict?.right) },
    ...row.some((verdict) => verdict?.mission !== undefined) &&
      { missions: row.map((verdict) => verdict?.mission) },
  };
}

/** @throws {TandemError} E_SHAPE where a verdict is none. */
export function expectEarlier(verdict: EarlierVerdict, reach: Reach): EarlierVerdict {
  const wrong = wrongIn(verdict, reach);
  if (wrong === undefined) {
    if (verdict.right) expectRight(verdict.right, reach.candidates);
    return verdict;
  }
  throw new TandemError("E_SHAPE", `The feedback rule gave a verdict ${wrong}.`, {
    stage: "feedback",
  });
}

function wrongIn(
  { stepsAgo, env, sign, strength, mission }: EarlierVerdict,
  { farthest, what, envs }: Reach,
): string | undefined {
  const within = (value: number, end: number) =>
    Number.isInteger(value) && value >= 0 && value < end;
  if (!within(stepsAgo, farthest + 1)) {
    return `of "${stepsAgo}" steps ago; ${what} goes back ${farthest}`;
  }
  if (!within(env, envs)) {
    return `on the environment "${env}"; right would be 0 to ${envs - 1}`;
  }
  if (![-1, 0, 1].includes(sign)) return `of the sign "${sign}"; right would be -1, 0 or 1`;
  if (!Number.isFinite(strength) || strength < 0) {
    return `of the strength "${strength}"; right would be 0 or more`;
  }
  if (mission !== undefined && typeof mission !== "string") {
    return `under the mission "${mission}"; right would be a text`;
  }
  return undefined;
}
