/** Checks that a feedback rule meets its contract. */
import { TandemError } from "../base/errors.ts";
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { expectEarlier } from "../run/parts/earlier_verdicts.ts";
import type {
  EarlierVerdict,
  Env,
  FeedbackRule,
  JudgedStep,
  Rollout,
  Verdicts,
} from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import { record } from "./recording.ts";
import { checkLeaks, checkRepeatable, type CheckSetting, ENVS, make, STEPS } from "./setting.ts";

/**
 * What a feedback rule gets wrong: shapes, signs, strengths, words, determinism under a seed, NaN,
 * leaving what it judges and its own earlier verdicts alone, `save` and `load`, what it leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkFeedback(
  stage: StageSpec<"feedback">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const { spec } = world;
  const create = () => make(stage, { env: spec, candidates: spec.actions }, setting);
  await findings.attempt("The rule", async () => {
    const steps = [await played(world, 1), await played(world, 2)]
      .map((play, k) => judgedStepsOf(play, k, stage.usesOracle));
    const rule = await create();
    const gives = givesVerdicts(findings, rule, steps[0]!);
    if (gives) {
      checkVerdicts(findings, rule, steps[0]!);
      checkNaN(findings, rule, steps[1]!);
    }
    await findings.attempt("dispose()", () => rule.dispose?.());
    if (!gives) return;
    const play = (made: FeedbackRule, part: 1 | 2) => judge(made, steps[part - 1]!).map(copyOf);
    await checkRepeatable(findings, create, play);
    await checkLeaks(findings, setting, create, (made) => play(made, 1));
  });
  await world.dispose?.();
  return findings.list();
}

/** Tells whether a rule gives verdicts at all; nothing else is worth looking at where it does not. */
function givesVerdicts(
  findings: Findings,
  rule: FeedbackRule,
  steps: readonly JudgedStep[],
): boolean {
  const found: unknown = rule.judge(steps[0]!, beginning(steps[0]!));
  const sentence = found instanceof Promise
    ? "judge() answers with a promise: a rule may not wait."
    : typeof found !== "object" || found === null
    ? `judge() gives "${found}"; right would be { signs, strengths, words }.`
    : typeof Reflect.get(found, "words") !== "function"
    ? "judge() gives no words(), which says the verdict on suggestion i in words."
    : undefined;
  if (sentence) findings.expect(false, sentence);
  return sentence === undefined;
}

/** Puts judged steps before a rule in turn; `heed` sees each verdict as it is given. */
function judge(
  rule: FeedbackRule,
  steps: readonly JudgedStep[],
  heed: (verdicts: Verdicts) => void = () => {},
): Verdicts[] {
  let before = beginning(steps[0]!);
  return steps.map((now) => {
    const verdicts = rule.judge(now, before);
    before = now;
    heed(verdicts);
    return verdicts;
  });
}

function checkVerdicts(findings: Findings, rule: FeedbackRule, steps: readonly JudgedStep[]): void {
  const snapshot = structuredClone(steps.map(readable));
  const copies: unknown[] = [];
  const all = judge(rule, steps, (verdicts) => {
    if (checkVerdict(findings, verdicts)) copies.push(copyOf(verdicts));
  });
  for (const [step, { earlier = [] }] of all.entries()) {
    for (const verdict of earlier) checkEarlier(findings, verdict, steps, step);
  }
  for (const [step, { comparesWithBefore, signs }] of all.entries()) {
    findings.expect(
      !comparesWithBefore || steps[step]!.firsts.every((first, i) => !first || signs[i] === 0),
      "It compares the first suggestion of an episode with the last one of another: abstain where " +
        "now.firsts is 1, as changeOf() and verdictsOnChange() do.",
    );
  }
  findings.expect(
    same(steps.map(readable), snapshot),
    "judge() changes the step that it judges, which others read after it.",
  );
  findings.expect(
    copies.length < all.length || same(all.map(copyOf), copies),
    "judge() overwrites the verdicts it gave before: give new arrays each time.",
  );
}

/** Tells whether the shapes are right. */
function checkVerdict(findings: Findings, { signs, strengths, words }: Verdicts): boolean {
  const shaped = [
    expectShape(findings, "judge()'s signs", signs, ENVS),
    expectShape(findings, "judge()'s strengths", strengths, ENVS),
  ];
  if (shaped.includes(false)) return false;
  const sign = (value: number) => value === -1 || value === 0 || value === 1;
  expectAll(findings, "judge()'s signs", signs, sign, "-1, 0 or 1");
  const strength = (value: number) => value >= 0 && Number.isFinite(value);
  expectAll(findings, "judge()'s strengths", strengths, strength, "finite and at least 0");
  for (let i = 0; i < ENVS; i++) {
    findings.expect(typeof words(i) === "string", "words() gives something that is no text.");
  }
  return true;
}

/** Whether a verdict on a step of before names what there is, and is of the sign that it says is right. */
function checkEarlier(
  findings: Findings,
  verdict: EarlierVerdict,
  steps: readonly JudgedStep[],
  now: number,
): void {
  const { guidance } = steps[0]!.rollout;
  const [candidates, what] = [guidance[0]!.candidates.length, "the run"] as const;
  try {
    expectEarlier(verdict, { farthest: now, what, envs: ENVS, candidates });
  } catch (error) {
    return findings.expect(false, (error as TandemError).message);
  }
  const { right, sign, stepsAgo, env } = verdict;
  if (!right || sign === 0) return;
  const choice = guidance[now - stepsAgo]!.choices[env]!;
  findings.expect(
    sign === (choice < 0 || right.includes(choice) ? 1 : -1),
    `It gives the sign "${sign}" to a suggestion that is ${sign > 0 ? "not " : ""}among those ` +
      "that it names as right: 1 where it is or nothing was suggested, else -1.",
  );
}

/** An advantage that is NaN is refused or abstained from, and does not spoil what follows. */
function checkNaN(findings: Findings, rule: FeedbackRule, steps: readonly JudgedStep[]): void {
  const [before, good, after] = steps as [JudgedStep, JudgedStep, JudgedStep];
  const nan = (values: Float32Array | undefined) =>
    values && new Float32Array(values.length).fill(NaN);
  const bad: JudgedStep = {
    ...good,
    advantages: nan(good.advantages)!,
    frozenAdvantages: nan(good.frozenAdvantages),
    effects: nan(good.effects),
  };
  try {
    const { strengths } = rule.judge(bad, before);
    findings.expect(
      strengths.every(Number.isFinite),
      "An advantage that is NaN gets a verdict of strength NaN: abstain, or throw E_NUMERIC.",
    );
  } catch (error) {
    findings.expect(
      error instanceof TandemError,
      "An advantage that is NaN makes judge() fail without a code: abstain, or throw E_NUMERIC.",
    );
  }
  checkVerdict(findings, rule.judge(after, good));
}

/** A rollout and what its steps achieved. */
interface Played {
  readonly recorded: Rollout;
  /** [T, N] */
  readonly achieved: readonly (readonly (readonly string[])[])[];
}

async function played(world: Env, seed: number): Promise<Played> {
  const achieved: (readonly string[])[][] = [];
  const recorded = await record(world, STEPS, seed, undefined, (t) => {
    achieved[t] = Array.from({ length: ENVS }, (_, i) => [...world.achieved?.(i) ?? []]);
  });
  return { recorded, achieved };
}

/** Judged steps with all the evidence that a rule may ask for. */
function judgedStepsOf(
  { recorded, achieved }: Played,
  seed: number,
  withOracle: boolean,
): JudgedStep[] {
  const random = new Pcg64(30 + seed);
  const numbers = (length: number) =>
    Float32Array.from({ length }, () => random.integers(-8, 9) / 8);
  const size = recorded.actions.length;
  const oracleRight = Uint8Array.from({ length: size }, () => random.integers(0, 2));
  const rollout = withOracle ? { ...recorded, oracleRight } : recorded;
  return Array.from({ length: recorded.steps }, (_, step) => ({
    advantages: numbers(ENVS),
    frozenAdvantages: numbers(ENVS),
    effects: numbers(ENVS),
    firsts: recorded.firsts.subarray(step * ENVS, (step + 1) * ENVS),
    achieved: (i: number) => achieved[step]![i]!,
    rollout,
    step,
  }));
}

/** What stands before the first step of a run. */
function beginning({ rollout }: JudgedStep): JudgedStep {
  return {
    advantages: new Float32Array(ENVS),
    firsts: new Uint8Array(ENVS).fill(1),
    rollout: { ...rollout, guidance: [] },
    step: 0,
  };
}

function readable({ advantages, firsts, frozenAdvantages, effects, rollout }: JudgedStep): unknown {
  const { actions, rewards, values, nextValues, qValues, keys, guidance } = rollout;
  const choices = guidance.map(({ choices }) => choices);
  return [
    ...[advantages, firsts, frozenAdvantages, effects],
    ...[actions, rewards, values, nextValues, qValues, keys, choices],
  ];
}

function copyOf({ signs, strengths, words, earlier }: Verdicts): unknown {
  const said = Array.from(signs, (_, i) => words(i));
  return [signs.slice(), strengths.slice(), said, structuredClone(earlier)];
}
