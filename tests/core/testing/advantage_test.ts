import assert from "node:assert/strict";
import type { AdvantageEstimator, Rollout } from "../../../core/stages/mod.ts";
import { gae } from "../../../plugins/advantage/gae.ts";
import { tdError } from "../../../plugins/advantage/td_error.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound, broken } from "./broken.ts";

const good = gae({ gamma: 0.9, lambda: 0.9 });

/** Another way to estimate. */
function estimating(
  estimate: (
    rollout: Rollout,
    estimator: AdvantageEstimator,
  ) => Partial<ReturnType<AdvantageEstimator["estimate"]>>,
) {
  return broken(good, (made) => ({
    estimate: (rollout: Rollout) => ({ ...made.estimate(rollout), ...estimate(rollout, made) }),
  }));
}

Deno.test("checkAdvantage() finds nothing wrong with good ones", async () => {
  await assertSound(good);
  await assertSound(tdError());
});

Deno.test("checkAdvantage() looks at shapes and numbers", async () => {
  const short = estimating(() => ({ targets: new Float32Array(3) }));
  await assertFound(short, /^estimate\(\)'s targets have length "3"; right would be 24/);
  const nan = estimating(({ rewards }) => ({ advantages: rewards.map(() => NaN) }));
  await assertFound(nan, /^estimate\(\)'s advantages hold "NaN"/);
  const fixed = estimating(({ rewards, steps }) => ({
    advantages: steps === 1 ? new Float32Array(24) : rewards,
  }));
  await assertFound(fixed, /of a single step have length "24"; right would be 4/);
});

Deno.test("checkAdvantage() wants the rollout and earlier estimates left alone", async () => {
  const shameless = estimating(({ rewards }) => (rewards.fill(0), {}));
  await assertFound(shameless, /^estimate\(\) changes the rollout/);
  const kept = new Float32Array(24);
  const reused = estimating((rollout, made) => {
    if (rollout.steps === 1) return {};
    kept.set(made.estimate(rollout).advantages);
    return { advantages: kept };
  });
  await assertFound(reused, /^estimate\(\) overwrites the estimate it gave before/);
});

Deno.test("checkAdvantage() holds environments and episodes apart", async () => {
  const mean = estimating(({ rewards }) => {
    const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
    return { advantages: rewards.map((r) => r - mean) };
  });
  await assertFound(mean, /^A reward in one environment changes the estimates of another/);
  for (const end of ["terminated", "truncated"] as const) {
    const blind = broken(good, (made) => ({
      estimate: (rollout: Rollout) =>
        made.estimate({ ...rollout, [end]: new Uint8Array(rollout.actions.length) }),
    }));
    await assertFound(blind, new RegExp(`^A reward after an episode was ${end} changes`));
  }
});

Deno.test("checkAdvantage() keeps truncation apart from termination", async () => {
  const final = broken(good, (made) => ({
    estimate: (rollout: Rollout) =>
      made.estimate({
        ...rollout,
        nextValues: rollout.nextValues.map((v, k) => rollout.truncated[k] === 1 ? 0 : v),
      }),
  }));
  await assertFound(final, /a time limit is taken for a termination/);
});

Deno.test("checkAdvantage() looks within the episode that ends, up to its last step", async () => {
  // What leaks over the end into the last step of the episode alone.
  for (const end of ["terminated", "truncated"] as const) {
    const leaking = estimating((rollout, made) => {
      const { advantages } = made.estimate(rollout);
      const { envs, rewards } = rollout;
      return {
        advantages: advantages.map((a, k) => rollout[end][k] === 1 ? a + rewards[k + envs]! : a),
      };
    });
    await assertFound(leaking, new RegExp(`^A reward after an episode was ${end} changes`));
  }
  // The estimates of the other environments and of what follows may be anything.
  await assertSound(estimating(({ rewards, envs }) => ({
    advantages: rewards.map((r, k) => k % envs === 0 ? 0 : r),
  })));
});

Deno.test("checkAdvantage() shows a plain rollout first: one episode without an end", async () => {
  const seen: Rollout[] = [];
  await assertSound(estimating((rollout) => {
    seen.push(structuredClone({ ...rollout, guidance: [] }));
    return {};
  }));
  const { steps, envs, values, nextValues, terminated, truncated, firsts } = seen[0]!;
  assert.deepEqual([steps, envs], [6, 4]);
  assert.deepEqual(nextValues.subarray(0, 20), values.subarray(4));
  assert.ok(nextValues.subarray(20).every((value) => value !== 0));
  assert.ok(![...terminated, ...truncated].includes(1));
  assert.deepEqual([...firsts], Array.from({ length: 24 }, (_, k) => k < 4 ? 1 : 0));
  const single = seen.find(({ steps }) => steps === 1)!;
  assert.deepEqual(single.values, values.slice(0, 4));
  assert.deepEqual(single.missions.length, 4);
  // An episode that is terminated is worth nothing afterwards.
  const ended = seen.find(({ terminated }) => terminated[12] === 1)!;
  assert.equal(ended.nextValues[12], 0);
  assert.equal(ended.nextValues[11], nextValues[11]);
  // The one that is truncated there goes on, and what it is worth is left to the estimator.
  const cut = seen.find(({ truncated }) => truncated[12] === 1)!;
  assert.equal(cut.nextValues[12], nextValues[12]);
});

Deno.test("checkAdvantage() asks the same twice", async () => {
  let n = 0;
  const moody = estimating(({ rewards }) => ({ advantages: rewards.map(() => n++) }));
  await assertFound(moody, /^Two instances under one seed do not answer the same/);
});

Deno.test("checkAdvantage() wants what is remembered saved", async () => {
  const normalising = stageOf("advantage", () => {
    let seen = 0;
    return {
      estimate: ({ rewards }) => {
        seen++;
        return { advantages: rewards.map((r) => r / seen), targets: rewards.slice() };
      },
    };
  });
  await assertFound(normalising, /^It remembers something from step to step and has no save/);
});
