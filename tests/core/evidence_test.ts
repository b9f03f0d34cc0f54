import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { Counterfactual } from "../../core/run/parts/counterfactual.ts";
import { type CopiableStudent, FrozenCritic } from "../../core/run/parts/frozen_critic.ts";
import { silence } from "../../core/kit/guidance.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { RolloutBuffer } from "../../core/kit/rollout_buffer.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type {
  Env,
  EnvSpec,
  EvidenceRequest,
  JudgedStep,
  Observations,
  PolicyView,
  Student,
} from "../../core/stages/mod.ts";
import { corridor } from "../../plugins/env/corridor.ts";
import { stageOf, stubAdvantage, stubPipeline, stubTeacher } from "./stubs.ts";
import { bytes, bytesIn } from "./tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const ACTIONS = ["go left", "go right", "stay"];
const [LEFT, RIGHT, STAY] = [0, 1, 2];

/** V(s) = 1 - distance / 8, exact in binary. */
function valuesOf({ envs, tensors }: Observations): Float32Array {
  const data = bytesIn(tensors);
  return Float32Array.from(
    { length: envs },
    (_, i) => 1 - Math.abs(data[2 * i]! - data[2 * i + 1]!) / 8,
  );
}

/** A student that does as told, and when told nothing draws from `alone`. */
function obedient(alone: readonly number[]): Student & Required<Pick<Student, "policy">> {
  return {
    act: () => {
      throw new Error("A counterfactual is no training step.");
    },
    values: valuesOf,
    learn: () => ({}),
    policy: (observations, { choices }) => ({
      probabilities: Float32Array.from({ length: 3 * choices.length }, (_, k) => {
        const choice = choices[Math.floor(k / 3)]!;
        return choice < 0 ? alone[k % 3]! : choice === k % 3 ? 1 : 0;
      }),
      qValues: new Float32Array(3 * choices.length),
      values: valuesOf(observations),
    }),
  };
}

type Saving = Env & Required<Pick<Env, "save" | "load">>;

async function worlds(cells: readonly number[]): Promise<{ env: Saving; twin: Saving }> {
  const context = createContext({ seed: 0 });
  const make = async () => await corridor().create(context, { envs: cells.length / 2 }) as Saving;
  const [env, twin] = [await make(), await make()];
  bytesIn(env.reset(cells).tensors).set(cells);
  return { env, twin };
}

/** Effects of these choices, one an environment, on agents and flags in these cells. */
async function effects(
  cells: readonly number[],
  choices: readonly number[],
  request: NonNullable<EvidenceRequest["counterfactual"]>,
  student = obedient([0, 0, 1]),
  wait = 0,
): Promise<number[]> {
  const { env, twin } = await worlds(cells);
  for (let t = 0; t < wait; t++) env.step(new Int32Array(choices.length).fill(STAY));
  const state = await env.save();
  const guidance = silence(choices.length, ACTIONS);
  guidance.choices.set(choices);
  const branches = new Counterfactual(played(twin), student, new Pcg64(0), request);
  const observations = { ...view(cells) };
  const found = await branches.effects(state, observations, guidance);
  assert.deepEqual(await env.save(), state, "the env itself does not move");
  return [...found];
}

/** A twin as the counterfactual takes it. */
function played(twin: Saving) {
  return { now: twin, load: twin.load.bind(twin) };
}

function view(cells: readonly number[]): Observations {
  const envs = cells.length / 2;
  const tensors = bytes("cells", Uint8Array.from(cells), [envs]);
  return { envs, tensors, mission: () => "", text: () => [], key: () => 0 };
}

Deno.test("Counterfactual: the effect is the return with guidance less that without", async () => {
  // Two cells from the flag: a step there, a step away, staying as without, silence.
  const cells = [2, 4, 2, 4, 2, 4, 2, 4];
  const choices = [RIGHT, LEFT, STAY, -1];
  const one = await effects(cells, choices, { horizon: 1, discount: 0.5 });
  assert.deepEqual(one, [1 / 16, -1 / 16, 0, 0]);
  // Afterwards both stay: the values are only discounted further.
  const two = await effects(cells, choices, { horizon: 2, discount: 0.5 });
  assert.deepEqual(two, [1 / 32, -1 / 32, 0, 0]);
});

Deno.test("Counterfactual: an episode that ends in one branch brings its reward and no value", async () => {
  const reward = Math.fround(1 - 0.9 / 21);
  const [effect] = await effects([3, 4], [RIGHT], { horizon: 3, discount: 0.5 });
  assert.ok(Math.abs(effect! - (reward - 0.125 * 7 / 8)) < 1e-6);
});

Deno.test("Counterfactual: a truncated episode keeps the value of its final observation", async () => {
  // After 20 of 21 steps both branches are cut by the first step.
  const request = { horizon: 3, discount: 0.5 };
  const found = await effects([2, 4], [RIGHT], request, obedient([0, 0, 1]), 20);
  assert.deepEqual(found, [1 / 16]);
});

Deno.test("Counterfactual: guidance that changes no probability has no effect, whatever is drawn", async () => {
  const deaf = obedient([0.4, 0.35, 0.25]);
  const { policy } = deaf;
  deaf.policy = (seen, { envs }) => policy(seen, silence(envs, ACTIONS));
  const cells = Array.from({ length: 40 }, (_, k) => k % 2 ? 6 : k % 5);
  const choices = new Array(20).fill(RIGHT);
  const found = await effects(cells, choices, { horizon: 8, discount: 0.5 }, deaf);
  assert.deepEqual(found, new Array(20).fill(0));
});

Deno.test("Counterfactual: both branches draw alike, and the same for the same seed", async () => {
  const cells = Array.from({ length: 400 }, (_, k) => k % 2 ? 6 : 3);
  const choices = new Array(200).fill(STAY);
  const request = { horizon: 1, discount: 1 };
  const coin = obedient([0.25, 0, 0.75]);
  const found = await effects(cells, choices, request, coin);
  // Told to stay, the student does; alone it goes left one time in four.
  assert.deepEqual(new Set(found), new Set([0, 1 / 8]));
  const moved = found.filter((effect) => effect > 0).length;
  assert.ok(moved > 30 && moved < 70, `${moved}`);
  assert.deepEqual(await effects(cells, choices, request, coin), found);
});

/** The return of one branch: what the first action and the draws lead to. */
function returnOf(
  [agent, flag]: readonly [number, number],
  first: number,
  draws: readonly number[],
  { discount, steps }: { discount: number; steps: number },
): number {
  let [sum, weight] = [0, 1];
  const value = () => 1 - Math.abs(agent - flag) / 8;
  for (const [h, draw] of draws.entries()) {
    const action = h === 0 && first >= 0 ? first : draw < 0.375 ? LEFT : draw < 0.75 ? RIGHT : STAY;
    agent = Math.min(6, Math.max(0, agent + [-1, 1, 0][action]!));
    const age = steps + h + 1;
    if (agent === flag) return sum + weight * (1 - 0.9 * age / 21);
    if (age === 21) return sum + weight * discount * value();
    weight *= discount;
  }
  return sum + weight * value();
}

Deno.test("Counterfactual: each environment follows draws of its own to its own end", async () => {
  const envs = 60;
  const cells = Array.from({ length: 2 * envs }, (_, k) => k % 2 ? 3 : (k / 2) % 3);
  const choices = Array.from({ length: envs }, (_, i) => [RIGHT, LEFT, STAY, -1][i % 4]!);
  const random = new Pcg64(0);
  const [horizon, discount] = [5, 0.5];
  const drawn = Array.from({ length: horizon * envs }, () => random.random());
  for (const steps of [0, 18]) { // of 21: where 18 are over, the third one cuts the episode
    const student = obedient([0.375, 0.375, 0.25]);
    const found = await effects(cells, choices, { horizon, discount }, student, steps);
    for (const [i, effect] of found.entries()) {
      const draws = drawn.filter((_, k) => k % envs === i);
      const at = [cells[2 * i]!, cells[2 * i + 1]!] as const;
      const branch = (first: number) => returnOf(at, first, draws, { discount, steps });
      const expected = branch(choices[i]!) - branch(-1);
      assert.ok(Math.abs(effect - expected) < 1e-6, `${i}: ${effect} is not ${expected}`);
    }
    assert.ok(new Set(found).size > 10);
  }
});

/** A student whose Q and V are what it has learned so often, and that can be copied. */
function counting() {
  return stageOf("student", () => {
    let learned = 0;
    const constant = (length: number, value: number) => new Float32Array(length).fill(value);
    const policy = (
      _: Observations,
      { envs, candidates }: { envs: number; candidates: readonly string[] },
    ): PolicyView => ({
      probabilities: constant(envs * candidates.length, 1 / candidates.length),
      qValues: constant(envs * candidates.length, learned),
      values: constant(envs, learned),
    });
    return {
      act: ({ envs }) => ({
        actions: new Int32Array(envs),
        logProbs: constant(envs, 0),
        qValues: constant(envs, learned),
        values: constant(envs, learned),
      }),
      values: ({ envs }) => constant(envs, learned),
      policy,
      learn: () => ({ learned: ++learned }),
      save: () => ({ json: learned }),
      load: ({ json }) => void (learned = json as number),
    };
  });
}

/** A rule that keeps what it judges, given what it asks for. */
function witness(needs: EvidenceRequest | undefined, judged: JudgedStep[]) {
  return stageOf("feedback", () => ({
    needs,
    judge(now) {
      judged.push({ ...now });
      const { length } = now.advantages;
      return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
    },
  }));
}

Deno.test("a rule that asks for a frozen critic sees advantages of a copy renewed every k iterations", async () => {
  const judged: JudgedStep[] = [];
  const pipeline = stubPipeline([], {
    student: counting(),
    advantage: stubAdvantage(), // A_t = the next value
    feedback: witness({ frozenCritic: { every: 2 } }, judged),
    schedule: { iterations: 5, steps: 3, envs: 1, feedbackEvery: 2 },
  });
  await runPipeline(pipeline, createContext({ seed: 0 }));
  const seen = judged.map(({ advantages, frozenAdvantages }) => [
    advantages[0],
    frozenAdvantages![0],
  ]);
  // Three steps an iteration; the copy is taken before the iterations 1, 3 and 5.
  const rows = [[0, 0], [1, 0], [2, 2], [3, 2], [4, 4]];
  assert.deepEqual(seen, rows.flatMap((row) => [row, row, row]));
});

Deno.test("the frozen critic records its own Q of the actions that were taken", async () => {
  const spec = {
    envs: 2,
    observation: { hour: multiDiscrete([256]) },
    actions: ACTIONS,
  } as unknown as EnvSpec;
  const qValues = Float32Array.of(1, 2, 3, 40, 50, 60);
  const copy = {
    policy: () => ({ probabilities: new Float32Array(6), qValues, values: Float32Array.of(7, 8) }),
    values: () => Float32Array.of(9, 10),
  } as unknown as CopiableStudent;
  const critic = new FrozenCritic(copy, new RolloutBuffer(spec, 2, false), 3);
  const seen: Observations = {
    ...view([0, 0]),
    envs: 2,
    tensors: bytes("hour", Uint8Array.of(1, 2), [2]),
  };
  const zeros = new Float32Array(2);
  for (const [t, actions] of [[RIGHT, STAY], [STAY, LEFT]].entries()) {
    await critic.decide({
      ...{ iteration: 1, t, observations: seen, guidance: silence(2, ACTIONS) },
      ...{ keys: new Float64Array(2), firsts: new Uint8Array(2), memory: undefined },
      decision: {
        ...{ logProbs: zeros, qValues: zeros, values: zeros },
        actions: Int32Array.from(actions as number[]),
      },
    });
    const none = new Uint8Array(2);
    const ends = { terminated: none, truncated: t === 0 ? Uint8Array.of(0, 1) : none };
    await critic.answer(t, { observations: seen, finals: seen, rewards: zeros, ...ends });
  }
  await critic.finish(seen);
  const rollout = critic.window(0, 2);
  assert.deepEqual([...rollout.qValues], [2, 60, 3, 40]);
  assert.deepEqual([...rollout.values], [7, 8, 7, 8]);
  assert.deepEqual([...rollout.nextValues], [7, 10, 9, 10]);
  assert.deepEqual([...critic.window(1, 2).actions], [STAY, LEFT]);
});

Deno.test("the frozen critic bootstraps where an episode is truncated, as the student does", async () => {
  const judged: JudgedStep[] = [];
  const cells = corridor({ length: 2 }); // six steps to an episode
  const pipeline = definePipeline({
    ...stubPipeline([]).stages,
    name: "frozen",
    env: cells,
    teacher: stubTeacher(),
    student: counting(),
    feedback: witness({ frozenCritic: { every: 1 } }, judged),
    schedule: { iterations: 2, steps: 30, envs: 4 },
    evaluation: { episodes: 1, states: 1 },
  });
  await runPipeline(pipeline, createContext({ seed: 0 }));
  assert.ok(judged.some(({ rollout }) => rollout.truncated.includes(1)));
  assert.ok(judged.some(({ rollout }) => rollout.terminated.includes(1)));
  for (const { advantages, frozenAdvantages } of judged) {
    assert.deepEqual(frozenAdvantages, advantages);
  }
});

Deno.test("a rule that asks for the counterfactual sees effects, and the run is as without", async () => {
  const run = async (needs: EvidenceRequest | undefined) => {
    const judged: JudgedStep[] = [];
    const pipeline = definePipeline({
      ...stubPipeline([]).stages,
      name: "effects",
      env: corridor(),
      // It does as told when asked what it would do, and always goes left.
      student: stageOf("student", () => ({
        ...obedient([0, 0, 1]),
        act: ({ envs }: Observations) => ({
          actions: new Int32Array(envs),
          logProbs: new Float32Array(envs),
          qValues: new Float32Array(envs),
          values: new Float32Array(envs),
        }),
      })),
      feedback: witness(needs, judged),
      schedule: { iterations: 1, steps: 8, envs: 3 },
      evaluation: { episodes: 1, states: 1 },
    });
    await runPipeline(pipeline, createContext({ seed: 0 }));
    return judged;
  };
  const without = await run(undefined);
  const judged = await run({ counterfactual: { horizon: 1, discount: 1 } });
  assert.deepEqual(
    judged.map(({ rollout }) => [...bytesIn(rollout.observations)]),
    without.map(({ rollout }) => [...bytesIn(rollout.observations)]),
  );
  for (const { rollout, effects } of judged) {
    for (let i = 0; i < 3; i++) {
      const [agent, flag] = bytesIn(rollout.observations).subarray(2 * i);
      if (agent! + 1 === flag! || agent === 6) continue;
      assert.equal(effects![i], agent! < flag! ? 1 / 8 : -1 / 8); // told to go right
    }
  }
  assert.equal(without[0]!.effects, undefined);
  assert.equal(without[0]!.frozenAdvantages, undefined);
});

Deno.test("a rule that asks for evidence needs stages that can give it", async () => {
  const open = (needs: EvidenceRequest, change = {}) =>
    runPipeline(
      stubPipeline([], { ...change, feedback: witness(needs, []) }),
      createContext({ seed: 0 }),
    );
  await assert.rejects(open({ frozenCritic: { every: 1 } }), {
    code: "E_WIRING",
    message: 'The feedback rule asks for a frozen critic, and the student has no method "policy".',
  });
  const request = { counterfactual: { horizon: 1, discount: 1 } };
  await assert.rejects(open(request), /a counterfactual, and the student has no method "policy"/);
  await assert.rejects(open(request, { student: counting() }), {
    message: 'The feedback rule asks for a counterfactual, and the env has no method "save".',
  });
});
