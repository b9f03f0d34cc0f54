import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { FeedbackRule, JudgedStep } from "../../../core/stages/mod.ts";
import { corridor, group, qMinusV, random, tabularQ } from "../../../plugins/mod.ts";
import { rolloutOf, spec } from "../moments.ts";

/** What one environment plays: rewards of its steps, and where its episodes end and begin. */
interface Player {
  readonly rewards: readonly number[];
  /** Steps that end an episode. */
  readonly ends: readonly number[];
  /** Keys of the first states of its episodes. */
  readonly starts: readonly number[];
}

type Options = Parameters<typeof group>[0];

async function ruleOf(options: Options, envs: number): Promise<FeedbackRule> {
  const wiring = { env: { ...spec, envs }, candidates: spec.actions };
  return await group(options).create(createContext({ seed: 0 }), wiring);
}

/** Step t of all players. */
function stepOf(players: readonly Player[], t: number): JudgedStep {
  const firsts = players.map(({ ends }) => t === 0 || ends.includes(t - 1));
  const numbers = players.map(({ ends }) => ends.filter((end) => end < t).length);
  const rollout = rolloutOf({
    envs: players.length,
    rewards: Float32Array.from(players, ({ rewards }) => rewards[t]!),
    keys: Float64Array.from(
      players,
      ({ starts }, i) => firsts[i] ? starts[numbers[i]!]! : 1000 + 10 * t + i,
    ),
    terminated: Uint8Array.from(players, ({ ends }) => ends.includes(t) ? 1 : 0),
  });
  return {
    ...{ advantages: new Float32Array(players.length), rollout, step: 0 },
    firsts: Uint8Array.from(firsts, Number),
  };
}

/** All verdicts: when they were given, on which environment's which step, and what they say. */
function judged(rule: FeedbackRule, players: readonly Player[], from = 0, to?: number) {
  const steps = to ?? players[0]!.rewards.length;
  return Array.from({ length: steps - from }, (_, k) => from + k).flatMap((t) => {
    const now = stepOf(players, t);
    return (rule.judge(now, now).earlier ?? []).map(({ stepsAgo, env, sign, strength }) => [
      ...[t, env, t - stepsAgo, sign],
      Math.round(1000 * strength) / 1000,
    ]);
  });
}

/** Two that begin alike: one is paid 1 in its second step, the other nothing in three. */
const PAIR: readonly Player[] = [
  { rewards: [0, 1, 0, 0], ends: [1, 3], starts: [7, 8] },
  { rewards: [0, 0, 0, 0.5], ends: [2, 3], starts: [7, 8] },
];

Deno.test("group: the return less the group's mean, on all steps, when the slowest is done", async () => {
  const found = judged(await ruleOf({ size: 2 }, 2), PAIR);
  assert.deepEqual(found, [
    // R = 1 and 0: A = 0.5 and -0.5
    ...[[2, 0, 0, 1, 0.5], [2, 0, 1, 1, 0.5]],
    ...[[2, 1, 0, -1, 0.5], [2, 1, 1, -1, 0.5], [2, 1, 2, -1, 0.5]],
    // R = 0 and 0.5: A = -0.25 and 0.25
    ...[[3, 0, 2, -1, 0.25], [3, 0, 3, -1, 0.25], [3, 1, 3, 1, 0.25]],
  ]);
});

Deno.test("group: scaled, it is counted in standard deviations of the group", async () => {
  const found = judged(await ruleOf({ size: 2, scaled: true }, 2), PAIR);
  assert.deepEqual(new Set(found.map(([, , , , strength]) => strength)), new Set([1]));
});

Deno.test("group: it abstains where all came to the same, and where episodes began differently", async () => {
  const same = PAIR.map((player) => ({ ...player, rewards: [0, 0, 0, 0] }));
  assert.deepEqual(judged(await ruleOf({ size: 2 }, 2), same), []);
  const different = PAIR.map((player, i) => ({ ...player, starts: [7 + i, 9 + i] }));
  assert.deepEqual(judged(await ruleOf({ size: 2 }, 2), different), []);
});

Deno.test("group: two groups know nothing of each other", async () => {
  const quiet = { rewards: [0, 0, 0, 0], ends: [3], starts: [7] };
  const found = judged(await ruleOf({ size: 2 }, 4), [...PAIR, quiet, quiet]);
  assert.deepEqual(new Set(found.map(([, env]) => env)), new Set([0, 1]));
});

Deno.test("group: what waits for longer than its patience is given up", async () => {
  const slow = [PAIR[0]!, { rewards: [0, 0, 0, 0], ends: [3], starts: [7] }];
  assert.equal(judged(await ruleOf({ size: 2, patience: 4 }, 2), slow).length, 6);
  assert.deepEqual(judged(await ruleOf({ size: 2, patience: 1 }, 2), slow), []);
});

Deno.test("group: a rule that is loaded goes on with what it had seen", async () => {
  const whole = judged(await ruleOf({ size: 2 }, 2), PAIR);
  for (let cut = 1; cut < 4; cut++) {
    const [first, second] = [await ruleOf({ size: 2 }, 2), await ruleOf({ size: 2 }, 2)];
    const before = judged(first, PAIR, 0, cut);
    await second.load!(await first.save!());
    assert.deepEqual([...before, ...judged(second, PAIR, cut)], whole);
  }
});

/** The seeds from which a run first starts its worlds. */
async function firstSeeds(envs: number, size: number): Promise<number[]> {
  const seeds: number[][] = [];
  const world = corridor({ length: 3 });
  const noted: StageSpec<"env"> = {
    ...world,
    async create(context, wiring) {
      const env = await world.create(context, wiring);
      const reset = env.reset.bind(env);
      env.reset = (from) => {
        seeds.push(Array.from(from));
        return reset(from);
      };
      return env;
    },
  };
  const pipeline = definePipeline({
    name: "groups",
    env: noted,
    teacher: random(),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: group({ size }),
    schedule: { envs, iterations: 1, steps: 2 },
    evaluation: { episodes: 1, states: 1 },
  });
  await runPipeline(pipeline, createContext({ seed: 0 }));
  return seeds[0]!;
}

Deno.test("group: a run starts each group from one seed, and refuses what cannot be parted", async () => {
  assert.deepEqual(await firstSeeds(4, 2), [0, 0, 1, 1]);
  await assert.rejects(
    firstSeeds(4, 3),
    /compares groups of 3 environments, and schedule.envs is "4"; right would be a multiple of 3/,
  );
});
