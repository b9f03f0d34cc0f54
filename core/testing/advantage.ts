/** Checks that an advantage estimator meets its contract. */
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import type { AdvantageEstimator, Estimate, Rollout } from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import { record } from "./recording.ts";
import { checkRepeatable, type CheckSetting, ENVS, make } from "./setting.ts";

/** Steps of the rollouts that are estimated. */
const LENGTH = 6;

/** The step after which an episode ends in environment 0, and one before it. */
const END = 3;

/**
 * What an advantage estimator gets wrong: shapes, values that are not finite, determinism,
 * independence of environments and of episodes, truncation kept apart from termination, and leaving
 * the rollout and its own earlier estimates alone.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkAdvantage(
  stage: StageSpec<"advantage">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const create = () => make(stage, { env: world.spec }, setting);
  await findings.attempt("The estimator", async () => {
    const estimator = await create();
    const rollout = plain(structuredClone(fields(await record(world, LENGTH, 1))));
    checkEstimate(findings, estimator, rollout);
    checkWindows(findings, estimator, rollout);
    checkEpisodes(findings, estimator, rollout);
    checkEnds(findings, estimator, rollout);
    await findings.attempt("dispose()", () => estimator.dispose?.());
    await checkRepeatable(findings, create, async (made, part) => {
      const one = await record(world, LENGTH, 10 + part);
      return [copyOf(made.estimate(one)), copyOf(made.estimate(one))];
    });
  });
  await world.dispose?.();
  return findings.list();
}

function checkEstimate(findings: Findings, estimator: AdvantageEstimator, rollout: Rollout): void {
  const before = structuredClone(fields(rollout));
  const first = estimator.estimate(rollout);
  const size = rollout.actions.length;
  for (const what of ["advantages", "targets"] as const) {
    if (!expectShape(findings, `estimate()'s ${what}`, first[what], size)) return;
    expectAll(findings, `estimate()'s ${what}`, first[what], Number.isFinite, "finite");
  }
  findings.expect(
    same(fields(rollout), before),
    "estimate() changes the rollout, which others read after it.",
  );
  const kept = copyOf(first);
  estimator.estimate(change(rollout, "rewards", 0, 100));
  findings.expect(
    same(copyOf(first), kept),
    "estimate() overwrites the estimate it gave before: give new arrays each time.",
  );
}

/** At the feedback's cadence a window may be of one step. */
function checkWindows(findings: Findings, estimator: AdvantageEstimator, rollout: Rollout): void {
  const { advantages } = estimator.estimate(firstStep(rollout));
  expectShape(findings, "estimate()'s advantages of a single step", advantages, ENVS);
}

/** What happens in one environment or episode is nothing to another. */
function checkEpisodes(findings: Findings, estimator: AdvantageEstimator, rollout: Rollout): void {
  const size = rollout.actions.length;
  const ofEnv0 = (estimate: Estimate, until = LENGTH) =>
    [estimate.advantages, estimate.targets].map((values) =>
      values.filter((_, k) => k % ENVS === 0 && k < until * ENVS)
    );
  const plainly = ofEnv0(estimator.estimate(rollout));
  const beside = ofEnv0(estimator.estimate(change(rollout, "rewards", size - 1, 1e6)));
  findings.expect(
    same(plainly, beside),
    "A reward in one environment changes the estimates of another.",
  );
  for (const end of ["terminated", "truncated"] as const) {
    const ended = change(rollout, end, END * ENVS, 1);
    const later = change(ended, "rewards", (END + 1) * ENVS, 1e6);
    findings.expect(
      same(
        ofEnv0(estimator.estimate(ended), END + 1),
        ofEnv0(estimator.estimate(later), END + 1),
      ),
      `A reward after an episode was ${end} changes the estimates within it.`,
    );
  }
}

/** Truncated episodes are worth what would have followed. */
function checkEnds(findings: Findings, estimator: AdvantageEstimator, rollout: Rollout): void {
  const at = END * ENVS;
  const truncated = change(change(rollout, "truncated", at, 1), "nextValues", at, 5);
  const worthless = change(truncated, "nextValues", at, 0);
  const target = (one: Rollout) => estimator.estimate(one).targets[at]!;
  findings.expect(
    target(truncated) > target(worthless),
    "The target of a truncated step does not hold the value of its final observation: a time limit " +
      "is taken for a termination.",
  );
}

/** The rollout with one number replaced; episodes go on elsewhere. */
function change(
  rollout: Rollout,
  what: "rewards" | "terminated" | "truncated" | "nextValues",
  at: number,
  value: number,
): Rollout {
  const values = rollout[what].slice();
  values[at] = value;
  const nextValues = what === "terminated" ? rollout.nextValues.slice() : rollout.nextValues;
  if (what === "terminated") nextValues[at] = 0;
  return { ...rollout, nextValues, [what]: values };
}

/** The rollout as one episode an environment, which goes on over its end. */
function plain(rollout: Rollout): Rollout {
  const { values, nextValues } = rollout;
  const random = new Pcg64(9);
  const last = Float32Array.from({ length: ENVS }, () => random.uniform(-1, 1));
  const size = values.length;
  return {
    ...rollout,
    nextValues: nextValues.map((_, k) => k + ENVS < size ? values[k + ENVS]! : last[k % ENVS]!),
    terminated: new Uint8Array(size),
    truncated: new Uint8Array(size),
    firsts: Uint8Array.from({ length: size }, (_, k) => k < ENVS ? 1 : 0),
  };
}

function fields({ guidance: _, ...rollout }: Rollout): Rollout {
  const { steps, envs, observations, missions, keys, actions, logProbs } = rollout;
  const { qValues, values, nextValues, rewards, terminated, truncated, firsts } = rollout;
  return {
    ...{ steps, envs, observations, missions, keys, actions, logProbs, guidance: [] },
    ...{ qValues, values, nextValues, rewards, terminated, truncated, firsts },
  };
}

function firstStep(rollout: Rollout): Rollout {
  const cut = Object.entries(fields(rollout)).map(([name, value]) => [
    name,
    Array.isArray(value) || ArrayBuffer.isView(value)
      ? (value as Float32Array).slice(0, (value as Float32Array).length / LENGTH)
      : value,
  ]);
  return { ...Object.fromEntries(cut), steps: 1 };
}

function copyOf({ advantages, targets }: Estimate): Estimate {
  return { advantages: advantages.slice(), targets: targets.slice() };
}
