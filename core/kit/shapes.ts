/** Holds what stages return to the lengths that their contracts promise. */
import { TandemError } from "../base/errors.ts";
import type {
  Decision,
  Dtype,
  EnvSpec,
  Guidance,
  Metrics,
  PluginKind,
  PolicyView,
  Reference,
  Tensor,
  Verdicts,
} from "../stages/mod.ts";

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

/**
 * @param name The tensor's name in the env's spec.
 * @throws {TandemError} E_SHAPE where there is none, or it holds other or more numbers.
 */
export function expectTensor(
  name: string,
  tensor: Tensor | undefined,
  dtype: Dtype,
  length: number,
): Tensor {
  if (tensor?.dtype === dtype && tensor.data.length === length) return tensor;
  const found = tensor
    ? `holds "${tensor.data.length}" numbers of the type "${tensor.dtype}"`
    : "is not there";
  throw new TandemError(
    "E_SHAPE",
    `The tensor "${name}" of the env's observations ${found}; right would be ${length} of the type ` +
      `"${dtype}".`,
    { stage: "env" },
  );
}

/** @throws {TandemError} E_NUMERIC where a value is NaN or infinite. */
export function expectFinite(stage: PluginKind, what: string, values: ArrayLike<number>): void {
  // Called every step: a callback for each value costs more than all of the loop.
  let at = 0;
  while (at < values.length && Number.isFinite(values[at])) at++;
  if (at < values.length) throw notFinite(stage, what, values[at], at);
}

function notFinite(
  stage: PluginKind,
  what: string,
  value: number | undefined,
  at: number,
): TandemError {
  return new TandemError(
    "E_NUMERIC",
    `The ${what} of the stage ${stage} hold "${value}" at ${at}; all must be finite.`,
    { stage },
  );
}

/** @throws {TandemError} E_SHAPE, E_NUMERIC where a decision is not for the environments of a spec. */
export function expectDecision(
  decision: Decision,
  { envs, actionBox }: Pick<EnvSpec, "envs" | "actionBox">,
): Decision {
  expectLength("student", "actions", decision.actions, envs * (actionBox?.low.length ?? 1));
  if (actionBox) expectFinite("student", "actions", decision.actions);
  for (const what of ["logProbs", "qValues", "values"] as const) {
    expectLength("student", what, decision[what], envs);
  }
  for (const what of ["logProbs", "qValues", "values"] as const) {
    expectFinite("student", what, decision[what]);
  }
  const { targetLogProbs } = decision;
  if (!targetLogProbs) return decision;
  expectLength("student", "targetLogProbs", targetLogProbs, envs);
  // The policy learned about may give an action no chance at all: -Infinity is a log-probability.
  const at = targetLogProbs.findIndex((value) => !(value < Infinity));
  if (at >= 0) throw notFinite("student", "targetLogProbs", targetLogProbs[at], at);
  return decision;
}

/** @throws {TandemError} E_SHAPE, E_NUMERIC where a student's policy is not for so many environments. */
export function expectPolicy(view: PolicyView, envs: number, actions: number): PolicyView {
  expectLength("student", "probabilities", view.probabilities, envs * actions);
  expectLength("student", "qValues", view.qValues, envs * actions);
  expectLength("student", "values", view.values, envs);
  for (const what of ["probabilities", "qValues", "values"] as const) {
    expectFinite("student", what, view[what]);
  }
  return view;
}

/**
 * @param candidates K.
 * @throws {TandemError} E_SHAPE, E_NUMERIC where verdicts are not for so many environments.
 */
export function expectVerdicts(verdicts: Verdicts, envs: number, candidates: number): Verdicts {
  const { signs, strengths, right, missions } = verdicts;
  if (missions) expectLength("feedback", "missions", missions, envs);
  if (right) {
    expectLength("feedback", "right", right, envs);
    for (const named of right) if (named) expectRight(named, candidates);
  }
  expectLength("feedback", "signs", signs, envs);
  expectLength("feedback", "strengths", strengths, envs);
  expectFinite("feedback", "strengths", strengths);
  let at = 0;
  while (at < envs && (signs[at] === 0 || signs[at] === 1 || signs[at] === -1)) at++;
  if (at === envs) return verdicts;
  throw new TandemError(
    "E_SHAPE",
    `The feedback rule gave the sign "${signs[at]}" at ${at}; right would be -1, 0 or 1.`,
    { stage: "feedback" },
  );
}

/** @throws {TandemError} E_SHAPE where a verdict names as right what is no candidate, or nothing. */
export function expectRight(right: readonly number[], candidates: number): void {
  const isCandidate = (c: number) => Number.isInteger(c) && c >= 0 && c < candidates;
  if (Array.isArray(right) && right.length > 0 && right.every(isCandidate)) return;
  throw new TandemError(
    "E_SHAPE",
    `The feedback rule gave a verdict that names "${right}" as right; right would be at least one ` +
      `of the candidates 0 to ${candidates - 1}.`,
    { stage: "feedback" },
  );
}

/** @throws {TandemError} E_NUMERIC where a student reports a number that is none. */
export function expectMetrics(metrics: Metrics): Metrics {
  for (const [name, value] of Object.entries(metrics)) {
    if (Number.isFinite(value)) continue;
    throw new TandemError(
      "E_NUMERIC",
      `The student reports "${value}" as its ${name}; a smaller learning rate may help.`,
      { stage: "student" },
    );
  }
  return metrics;
}

/** @throws {TandemError} E_SHAPE, E_NUMERIC where guidance is not for so many environments. */
export function expectGuidance(guidance: Guidance, envs: number): Guidance {
  const { choices, logProbs, distribution, candidates } = guidance;
  for (const what of ["texts", "tokens", "authors"] as const) {
    if (guidance[what]) expectLength("teacher", what, guidance[what], envs);
  }
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

/** @throws {TandemError} E_SHAPE where an env states what cannot be success on some worlds. */
export function expectReference(reference: Reference): Reference {
  const { floor, ceiling, worlds } = reference;
  const isShare = (value: number) => value >= 0 && value <= 1;
  const wrong = [
    !isShare(floor) && `a floor of "${floor}"; right would be a share, 0 to 1`,
    ceiling !== null && !isShare(ceiling) &&
    `a ceiling of "${ceiling}"; right would be a share, 0 to 1, or null without an expert`,
    !(Number.isInteger(worlds) && worlds >= 1) && `"${worlds}" worlds; right would be 1 or more`,
  ].find((complaint) => complaint !== false);
  if (wrong === undefined) return reference;
  throw new TandemError("E_SHAPE", `The env's reference has ${wrong}.`, { stage: "env" });
}
