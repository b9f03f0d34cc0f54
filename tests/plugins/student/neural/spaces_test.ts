/** Network students on floats, on actions that may not be legal, and on float actions. */
import assert from "node:assert/strict";
import { checkStage } from "../../../../core/testing/mod.ts";
import { estimateOf, record } from "../../../../core/testing/recording.ts";
import { createContext } from "../../../../core/kit/context.ts";
import { silence, suggest } from "../../../../core/kit/guidance.ts";
import { box } from "../../../../core/kit/spaces.ts";
import { zeros } from "../../../../core/kit/tensors.ts";
import type { StageSpec } from "../../../../core/pipeline/plugin.ts";
import type { EnvSpec, Observations, Trait } from "../../../../core/stages/mod.ts";
import { actorCritic, dqn, pendulum, ppo, recurrentPpo } from "../../../../plugins/mod.ts";
import { ppoLoss } from "../../../../plugins/student/neural/ppo.ts";
import { openTensors } from "../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";

const [ENVS, ACTIONS] = [3, ["left", "right", "stay", "jump"]] as const;

/** Three states of two floats and four actions. */
const SPEC: EnvSpec = {
  id: "Floats",
  envs: ENVS,
  observation: { place: box({ shape: [2], low: [0, -Infinity], high: [10, Infinity] }) },
  actions: ACTIONS,
  legalActions: true,
  missionWords: [],
  maxSteps: 10,
  autoreset: "same-step",
};

function observe(legal: readonly number[]): Observations {
  const place = zeros("float32", [ENVS, 2]);
  place.data.set([1, 2, 3, 4, 5, 6]);
  return {
    envs: ENVS,
    tensors: { place },
    legal: Uint8Array.from(legal),
    mission: () => "",
    text: () => [],
    key: (i) => i,
  };
}

/** Two, one and four legal actions. */
const LEGAL = [1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1];

const STUDENTS: Readonly<Record<string, StageSpec<"student", Trait>>> = {
  "ppo on fused": ppo({ runtime: "fused", hidden: 8 }),
  "ppo on tfjs": ppo({ runtime: "tfjs", hidden: 8 }),
  "ppo with trust": ppo({ guidance: "trust", hidden: 8 }),
  "recurrent-ppo": recurrentPpo({ hidden: 8, memory: 8 }),
  "actor-critic": actorCritic({ hidden: 8 }),
  dqn: dqn({ hidden: 8, replay: 100, exploring: 1 }),
};

for (const [name, stage] of Object.entries(STUDENTS)) {
  Deno.test(`${name} gives illegal actions the probability 0, and never takes one`, async () => {
    const context = createContext({ seed: 0, device: "cpu" });
    const wiring = { env: SPEC, grain: "action", candidates: ACTIONS } as const;
    const student = await stage.create(context, wiring);
    const guidance = silence(ENVS, ACTIONS);
    for (let i = 0; i < ENVS; i++) suggest(guidance, i, 1); // legal in the last state alone
    const seen = observe(LEGAL);
    const { probabilities } = await student.policy!(seen, guidance);
    probabilities.forEach((p, k) => LEGAL[k] === 0 && assert.equal(p, 0, `${k}`));
    for (let i = 0; i < ENVS; i++) {
      const total = probabilities.subarray(4 * i, 4 * i + 4).reduce((sum, p) => sum + p, 0);
      assert.ok(Math.abs(total - 1) < 1e-5, `${probabilities}`);
    }
    for (let draw = 0; draw < 50; draw++) {
      const { actions, logProbs } = await student.act(seen, guidance, "train");
      actions.forEach((action, i) => assert.equal(LEGAL[4 * i + action], 1));
      assert.ok(logProbs[1]! > -1e-6, "one action alone is certain");
    }
    const none = observe([1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    await assert.rejects(async () => await student.act(none, guidance, "train"), {
      code: "E_ACTION",
    });
    await student.dispose?.();
  });
}

testOnDevices(
  "illegal actions count neither in the update's ratio nor in its entropy",
  ({ tf }) => {
    const { terms } = ppoLoss(
      tf,
      {
        logits: tf.tensor2d([[Math.log(3), -1e9, 0]]),
        qValues: tf.tensor2d([[0, 0, 0]]),
        values: tf.tensor1d([0]),
      },
      {
        actions: tf.tensor2d([[1, 0, 0]]),
        oldLogProbs: tf.tensor1d([Math.log(0.75)]),
        oldValues: tf.tensor1d([0]),
        targets: tf.tensor1d([1]),
        teacher: tf.tensor2d([[0, 0, 0]]),
      },
      { clip: 0.2, entropy: 0.1, valueLoss: 0.5, qLoss: 0.5, standardise: false },
      0,
    );
    const entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    const found = terms.map((term) => term.dataSync()[0]!);
    assertClose([found[0]!, found[3]!, found[4]!], [-1, entropy, 0], 1e-5, "term");
  },
  ["cpu", "wasm"],
);

// ------------------------------------------------------------------------------ float actions

const MEAN = [0.3, -0.2, 0.1, 0.4], LOG_STD = [-0.5, 0.2], TAKEN = [0.9, 0.1, -0.4, 0.6];
const [OLD, TARGETS, VALUES] = [[-1.9, -2.3], [2, -1], [0.5, 0.25]];
const NUMBERS = [...MEAN, ...LOG_STD];

/** PPO's loss of two samples of two floats each, worked out in float64. */
function lossByHand(numbers: readonly number[]): number {
  const [mean, logStd] = [numbers.slice(0, 4), numbers.slice(4)];
  const gains = [0, 1].map((i) => {
    let logProb = 0;
    for (const d of [0, 1]) {
      const noise = (TAKEN[2 * i + d]! - mean[2 * i + d]!) / Math.exp(logStd[d]!);
      logProb -= noise ** 2 / 2 + logStd[d]! + Math.log(2 * Math.PI) / 2;
    }
    const advantage = TARGETS[i]! - VALUES[i]!;
    const ratio = Math.exp(logProb - OLD[i]!);
    return Math.min(ratio * advantage, Math.max(0.8, Math.min(1.2, ratio)) * advantage);
  });
  const entropy = logStd.reduce((sum, x) => sum + x + Math.log(2 * Math.PI * Math.E) / 2, 0);
  const squares = VALUES.reduce((sum, value, i) => sum + (value - TARGETS[i]!) ** 2, 0) / 2;
  return -(gains[0]! + gains[1]!) / 2 + 0.5 * squares + 0.5 * squares - 0.1 * entropy;
}

testOnDevices(
  "the loss of float actions and its gradients are those of finite differences",
  ({ tf }) => {
    const mean = tf.variable(tf.tensor2d(MEAN, [2, 2]));
    const logStd = tf.variable(tf.tensor1d(LOG_STD));
    const values = tf.tensor1d(VALUES);
    const { value, grads } = tf.variableGrads(() =>
      ppoLoss(
        tf,
        { logits: mean, logStd, qValues: values.expandDims(1), values },
        {
          actions: tf.tensor2d(TAKEN, [2, 2]),
          oldLogProbs: tf.tensor1d(OLD),
          oldValues: values,
          targets: tf.tensor1d(TARGETS),
          teacher: tf.zeros([2, 2]),
        },
        { clip: 0.2, entropy: 0.1, valueLoss: 0.5, qLoss: 0.5, standardise: false },
        0,
      ).loss, [mean, logStd]);
    assertClose(value.dataSync<"float32">(), [lossByHand(NUMBERS)], 1e-5, "loss");
    const found = [mean, logStd].flatMap(({ name }) => [...grads[name]!.dataSync()]);
    const moved = (k: number, by: number) =>
      lossByHand(NUMBERS.map((number, j) => number + (j === k ? by : 0)));
    const right = NUMBERS.map((_, k) => (moved(k, 1e-5) - moved(k, -1e-5)) / 2e-5);
    assertClose(found, right, 1e-4, "gradient");
    assert.ok(right.every((gradient) => gradient !== 0), "each number counts");
    tf.dispose([mean, logStd]);
  },
  ["cpu", "wasm"],
);

const FLOATS: Readonly<Record<string, StageSpec<"student", Trait>>> = {
  ppo: ppo({ hidden: 8 }),
  "recurrent-ppo": recurrentPpo({ hidden: 8, memory: 8 }),
  "actor-critic": actorCritic({ hidden: 8 }),
};

for (const [name, stage] of Object.entries(FLOATS)) {
  Deno.test(`${name} keeps its contract where actions are floats, and leaks no tensor`, async () => {
    const tensors = await openTensors("cpu");
    const setting = { world: pendulum(), liveTensors: tensors.tensorCount };
    assert.deepEqual(await checkStage(stage as StageSpec<"student">, setting as never), []);
    tensors.dispose();
  });

  Deno.test(`${name} has ratio 1 on its first pass where actions are floats`, async () => {
    const context = createContext({ seed: 0, device: "cpu" });
    const world = await pendulum().create(context, { envs: 4 });
    const once = stage.with(
      name === "actor-critic" ? { minibatch: 100 } : { epochs: 1, minibatch: 100 },
    );
    const student = await once.create(context, {
      env: world.spec,
      grain: "action",
      candidates: [],
    });
    const rollout = await record(world, 12, 1, student);
    const { approxKl, entropy } = await student.learn(rollout, estimateOf(rollout));
    assert.ok(Math.abs(approxKl!) < 1e-5, `${approxKl}`);
    const first = Math.log(2 * Math.PI * Math.E) / 2 - 0.5;
    assert.ok(Math.abs(entropy! - first) < 1e-5, `${entropy}`);
    await student.dispose?.();
  });
}

Deno.test("ppo is judged by the mean of its float actions", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const world = await pendulum().create(context, { envs: 4 });
  const student = await ppo({ hidden: 8 })
    .create(context, { env: world.spec, grain: "action", candidates: [] });
  const seen = world.reset([1, 2, 3, 4]);
  const unsaid = silence(4, []);
  const act = async (
    mode: "train" | "evaluate",
  ) => [...(await student.act(seen, unsaid, mode)).actions];
  assert.deepEqual(await act("evaluate"), await act("evaluate"));
  assert.notDeepEqual(await act("train"), await act("train"));
  await student.dispose?.();
});

Deno.test("what cannot be done with float actions is refused by name", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const { spec } = await pendulum().create(context, { envs: 2 });
  const wiring = { env: spec, grain: "action", candidates: [] } as const;
  await assert.rejects(async () => await ppo({ runtime: "fused" }).create(context, wiring), {
    code: "E_OPTION",
    message: /student.runtime "tfjs" or "auto"/,
  });
});
