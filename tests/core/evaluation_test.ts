import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import {
  heldOutStates,
  heldOutWalk,
  measureCeiling,
  measureFloor,
  measureGuidance,
  measureSuccess,
  wilson,
} from "../../core/run/measure/evaluation.ts";
import { HELD_OUT_SEEDS } from "../../core/run/measure/world_seeds.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import type {
  Env,
  Guidance,
  Mode,
  Observations,
  Oracle,
  Student,
  Teacher,
} from "../../core/stages/mod.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { Ticks } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const context = createContext({ seed: 0 });

/** Environment i pays 1 - i / 10 at step `ends[i]`; at step 9 an episode is truncated. */
function scripted(ends: readonly number[], seeds: number[] = []): Env {
  const now = new Ticks(ends.length);
  return {
    spec: {
      id: "scripted",
      envs: ends.length,
      observation: { hour: multiDiscrete([256]) },
      actions: ["left", "right"],
      missionWords: [],
      maxSteps: 9,
      autoreset: "same-step",
    },
    reset(given) {
      seeds.push(...Array.from(given));
      now.data.fill(0);
      return now;
    },
    step() {
      for (let i = 0; i < ends.length; i++) now.data[i]!++;
      const hit = Uint8Array.from(ends, (end, i) => now.data[i] === end ? 1 : 0);
      return {
        observations: now,
        finals: now,
        rewards: Float32Array.from(hit, (solved, i) => solved * (1 - i / 10)),
        terminated: hit,
        truncated: Uint8Array.from(ends, (_, i) => now.data[i] === 9 && hit[i] === 0 ? 1 : 0),
      };
    },
  };
}

function teacherOf(
  advise: (observations: Observations, mode: Mode, oracle?: Oracle) => Guidance,
  candidates: readonly string[] = ["go left", "go right", "stay"],
): Teacher {
  return {
    grain: "action",
    candidates,
    learnsBy: [],
    advise,
    receive: () => {},
    usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
  };
}

/** Suggests one candidate everywhere. */
function always(choice: number, candidates?: readonly string[]): Teacher {
  return teacherOf(({ envs }) => {
    const guidance = silence(envs, candidates ?? []);
    guidance.choices.fill(choice);
    return guidance;
  }, candidates);
}

const follower: Student = {
  act: ({ envs }, { choices }) => ({
    actions: choices,
    logProbs: new Float32Array(envs),
    qValues: new Float32Array(envs),
    values: new Float32Array(envs),
  }),
  values: ({ envs }) => new Float32Array(envs),
  learn: () => ({}),
};

Deno.test("measureSuccess() plays one episode a held-out seed and counts it once", async () => {
  const seeds: number[] = [];
  // Environment 0 would be paid again and again after step 2; environment 3 never is.
  const success = await measureSuccess(
    scripted([2, 4, 9, 99], seeds),
    always(0, ["wait"]),
    follower,
    false,
  );
  assert.deepEqual(seeds, [0, 1, 2, 3].map((i) => HELD_OUT_SEEDS + i));
  assert.equal(success.rate, 0.75);
  assert.equal(success.episodes, 4);
  assert.equal(success.meanReward.toFixed(4), ((1 + 0.9 + 0.8) / 4).toFixed(4));
  assert.equal(success.meanSteps, (2 + 4 + 9 + 9) / 4);
  assert.deepEqual(success.ci95, wilson(3, 4));
});

Deno.test("measureSuccess() asks the teacher without exploring, with the expert if it declares so", async () => {
  const env = await corridor().create(context, { envs: 3 });
  for (const withOracle of [true, false]) {
    const asked = new Set<string>();
    const teacher = teacherOf(({ envs }, mode, oracle) => {
      asked.add(`${mode} ${oracle !== undefined}`);
      const guidance = silence(envs, env.spec.actions);
      for (let i = 0; i < envs; i++) guidance.choices[i] = oracle?.action(i) ?? 2;
      return guidance;
    });
    const { rate } = await measureSuccess(env, teacher, follower, withOracle);
    assert.deepEqual([...asked], [`evaluate ${withOracle}`]);
    assert.equal(rate, withOracle ? 1 : 0);
  }
});

Deno.test("measureSuccess() counts an episode up to its end, and as solved where the end is paid", async () => {
  // Ends at the steps 2 (paid), 3 (unpaid), 4 (fined) and 5 (cut); what comes after counts no more.
  const env = scripted([99, 99, 99, 99]);
  const paid = [1, 0, -1, 0];
  const ended = (i: number, now: Ticks) => now.data[i] === i + 2;
  const played: Env = {
    ...env,
    step(actions) {
      const step = env.step(actions);
      const now = step.observations as Ticks;
      const at = (of: (i: number) => number) => [0, 1, 2, 3].map(of);
      return {
        ...step,
        rewards: Float32Array.from(at((i) => ended(i, now) ? paid[i]! : 0.25)),
        terminated: Uint8Array.from(at((i) => i < 3 && ended(i, now) ? 1 : 0)),
        truncated: Uint8Array.from(at((i) => i === 3 && ended(i, now) ? 1 : 0)),
      };
    },
  };
  const { rate, meanReward, meanSteps, episodes } = await measureSuccess(
    ...[played, always(0, ["left"]), follower, false] as const,
  );
  assert.deepEqual([rate, meanSteps, episodes], [1 / 4, (2 + 3 + 4 + 5) / 4, 4]);
  assert.equal(meanReward, ((0.25 + 1) + 0.5 + (0.75 - 1) + 1) / 4);
});

Deno.test("heldOutWalk() goes four random steps, each with one of the first three actions", () => {
  for (const count of [2, 5]) {
    const actions = ["a", "b", "c", "d", "e"].slice(0, count);
    const env = scripted([99, 99]);
    const taken: number[] = [];
    const seeds: number[] = [];
    const walked: Env = {
      ...env,
      spec: { ...env.spec, actions },
      reset: (given) => (seeds.push(...Array.from(given)), env.reset(given)),
      step: (drawn) => (taken.push(...drawn), env.step(drawn)),
    };
    const way = [...heldOutWalk(walked, context)];
    const random = context.random("held-out states");
    assert.deepEqual(taken, taken.map(() => random.integers(0, Math.min(3, count))));
    assert.deepEqual(seeds, [HELD_OUT_SEEDS, HELD_OUT_SEEDS + 1]);
    assert.equal(taken.length, 4 * 2);
    assert.deepEqual(way.map(({ arrived }) => arrived), [false, false, false, false, true]);
    assert.deepEqual(way.map(({ step }) => step !== undefined), [false, true, true, true, true]);
    assert.deepEqual([...bytesIn(heldOutStates(walked, context).tensors)], [4, 4]);
  }
});

Deno.test("measureFloor() is the same for the same seed, and below the ceiling", async () => {
  const env = await corridor().create(context, { envs: 200 });
  const floor = await measureFloor(env, context);
  const ceiling = await measureCeiling(env);
  assert.deepEqual(await measureFloor(env, context), floor);
  assert.equal(ceiling?.rate, 1);
  assert.ok(floor.rate > 0.3 && floor.rate < 0.9, `${floor.rate}`);
  assert.ok(ceiling.meanSteps < floor.meanSteps / 2);
});

Deno.test("measureCeiling() needs an expert, and lives with one that gives up", async () => {
  assert.equal(await measureCeiling(scripted([1])), undefined);
  const oracle: Oracle = { action: () => -1, isRight: () => false };
  assert.equal((await measureCeiling({ ...scripted([1]), oracle }))?.rate, 1);
});

Deno.test("measureGuidance() is the share of right suggestions among those that can be judged", async () => {
  const right = [true, false, true, true];
  const oracle: Oracle = {
    action: (i) => i === 3 ? -1 : 0,
    isRight: (i, action) => action === 1 && right[i]!,
  };
  const env = { ...scripted([99, 99, 99, 99]), oracle };
  const teacher = always(0, ["right", "sing"]);
  assert.deepEqual(await measureGuidance(env, teacher, context, false), {
    rate: 2 / 3,
    states: 3,
    calibration: [{ confidence: 0, states: 3, right: 2 }],
  });
  assert.deepEqual(await measureGuidance(env, always(1, ["right", "sing"]), context, false), {
    rate: 0,
    states: 3,
    calibration: [{ confidence: 0, states: 3, right: 0 }],
  });
  assert.deepEqual(await measureGuidance(env, always(-1, ["right"]), context, false), {
    rate: null,
    states: 0,
    calibration: [],
  });
});

Deno.test("measureGuidance() judges nothing without an expert or without actions to compare", async () => {
  const oracle: Oracle = { action: () => 0, isRight: () => true };
  const nothing = { rate: null, states: 0, calibration: [] };
  const env = { ...scripted([99]), oracle };
  assert.deepEqual(await measureGuidance(scripted([99]), always(0), context, false), nothing);
  assert.deepEqual(await measureGuidance(env, always(0, ["sing"]), context, false), nothing);
  const planner = { ...always(0, ["left"]), grain: "plan" as const };
  assert.deepEqual(await measureGuidance(env, planner, context, false), nothing);
});

Deno.test("measureGuidance() sorts states by how sure the teacher was", async () => {
  const oracle: Oracle = { action: () => 0, isRight: (i) => i !== 1 };
  const env = { ...scripted([99, 99, 99, 99]), oracle };
  const teacher = teacherOf(({ envs }) => {
    const guidance = silence(envs, ["left", "right"]);
    for (const [i, confidence] of [0.62, 0.68, 1, 0.94].entries()) {
      suggest(guidance, i, 0, confidence);
    }
    return guidance;
  }, ["left", "right"]);
  const { rate, calibration } = await measureGuidance(env, teacher, context, false);
  assert.equal(rate, 0.75);
  assert.deepEqual(
    calibration.map(({ confidence, ...rest }) => ({ ...rest, confidence: confidence.toFixed(3) })),
    [{ states: 2, right: 1, confidence: "0.650" }, { states: 2, right: 2, confidence: "0.970" }],
  );
});

Deno.test("measureGuidance() asks about the same states each time", async () => {
  const env = await corridor({ length: 200 }).create(context, { envs: 8 });
  const states: string[] = [];
  const teacher = teacherOf((observations, mode, oracle) => {
    states.push(`${bytesIn(observations.tensors)} ${mode} ${oracle === env.oracle}`);
    return silence(8, env.spec.actions);
  });
  await measureGuidance(env, teacher, context, true);
  env.step(new Int32Array(8));
  await measureGuidance(env, teacher, context, true);
  assert.equal(states[0], states[1]);
  assert.match(states[0]!, /evaluate true$/);
});

Deno.test("wilson() gives SciPy's interval", () => {
  // scipy.stats.binomtest(successes, trials).proportion_ci(method="wilson"), SciPy 1.17.1
  const cases: [successes: number, trials: number, low: number, high: number][] = [
    [0, 10, 0, 0.2775327998628892],
    [10, 10, 0.7224672001371107, 1],
    [50, 100, 0.4038315303659956, 0.5961684696340044],
    [195, 200, 0.942821659593358, 0.9892752803482386],
  ];
  for (const [successes, trials, low, high] of cases) {
    const [found, above] = wilson(successes, trials);
    assert.ok(Math.abs(found - low) < 1e-12 && Math.abs(above - high) < 1e-12, `${found} ${above}`);
  }
  assert.deepEqual(wilson(0, 0), [0, 1]);
});

Deno.test('measureGuidance() judges places at the grain "reference" where something meant is in sight', async () => {
  const meant = [["left"], ["right", "left"], [], ["right"]];
  const oracle: Oracle = { action: () => 0, isRight: () => true, references: (i) => meant[i]! };
  const env = { ...scripted([99, 99, 99, 99]), oracle };
  const pointing = { ...always(0, ["left", "right"]), grain: "reference" as const };
  const { rate, states } = await measureGuidance(env, pointing, context, false);
  assert.deepEqual([rate, states], [2 / 3, 3]);
  const { references: _, ...blind } = oracle;
  const unknown = await measureGuidance({ ...env, oracle: blind }, pointing, context, false);
  assert.deepEqual([unknown.rate, unknown.states], [null, 0]);
});
