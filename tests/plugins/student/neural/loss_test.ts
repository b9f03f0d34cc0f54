import assert from "node:assert/strict";
import type { LossOptions } from "../../../../plugins/student/neural/engine.ts";
import { Network } from "../../../../plugins/student/neural/network.ts";
import { ppoLoss } from "../../../../plugins/student/neural/ppo.ts";
import type { Tensor2D, Tensors } from "../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";

/**
 * Two samples of two actions: policies (3/4, 1/4) and (1/2, 1/2), action 0 and then 1, Q(s, a) 1
 * and 0, V 0.5 and 0.5, targets 2 and 0, V of then 0 and 1 and so advantages 2 and -1; the teacher says (1, 0), then nothing.
 */
function terms({ tf }: Tensors, options: Partial<LossOptions>, imitation = 0): number[] {
  const { loss, terms } = ppoLoss(
    tf,
    {
      logits: tf.tensor2d([[Math.log(3), 0], [0, 0]]),
      qValues: tf.tensor2d([[1, 9], [9, 0]]),
      values: tf.tensor1d([0.5, 0.5]),
    },
    {
      actions: tf.tensor2d([[1, 0], [0, 1]]),
      oldLogProbs: tf.tensor1d([Math.log(0.5), Math.log(0.5)]),
      oldValues: tf.tensor1d([0, 1]),
      targets: tf.tensor1d([2, 0]),
      teacher: tf.tensor2d([[1, 0], [0, 0]]),
    },
    {
      ...{ clip: 0.2, entropy: 0.1, valueLoss: 0.5, qLoss: 0.25, standardise: false },
      ...options,
    },
    imitation,
  );
  return [loss, ...terms].map((term) => term.dataSync()[0]!);
}

const VALUE = (1.5 ** 2 + 0.5 ** 2) / 2; // 1.25
const Q = (1 + 0) / 2;
const ENTROPY = (-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25) + Math.log(2)) / 2;
const REST = 0.5 * VALUE + 0.25 * Q - 0.1 * ENTROPY;
const KL = (0.5 - Math.log(1.5)) / 2;

testOnDevices("PPO's loss is that of a hand-computed table", (tensors) => {
  // Ratios 1.5 and 1; min(1.5 x 2, 1.2 x 2) = 2.4 and -1.
  const policy = -(2.4 - 1) / 2;
  const right = [policy + REST, policy, VALUE, Q, ENTROPY, KL, 0.5];
  assertClose(terms(tensors, {}), right, 1e-5, "term");
}, ["cpu", "wasm"]);

testOnDevices("actor-critic's loss is that of a hand-computed table", (tensors) => {
  const policy = -(2 * Math.log(0.75) - Math.log(0.5)) / 2;
  const found = terms(tensors, { clip: 0 });
  assertClose(found.slice(0, 5), [policy + REST, policy, VALUE, Q, ENTROPY], 1e-5, "term");
}, ["cpu"]);

testOnDevices("the cross-entropy counts where the teacher spoke, by its weight", (tensors) => {
  const teacher = -Math.log(0.75); // of one state in place of two
  const cloning = { clip: 0, policyLoss: 0, entropy: 0, imitates: true };
  const found = terms(tensors, cloning, 0.5);
  const rest = 0.5 * VALUE + 0.25 * Q;
  assertClose([found[0]!, found[7]!], [rest + 0.5 * teacher, teacher], 1e-5, "term");
}, ["cpu"]);

testOnDevices(
  "distilled, the policy in silence is drawn to what is let through, by hand",
  ({ tf }) => {
    // In silence the policies are (1/2, 1/2) and (3/4, 1/4); half of (1, 0) and a fifth of (1/4, 3/4) pass.
    const silent = tf.tensor2d([[0, 0], [Math.log(3), 0]]);
    const taught = [[0.5, 0], [0.05, 0.15]] as const;
    const loss = (silentLogits: Tensor2D, logits: Tensor2D) =>
      ppoLoss(
        tf,
        { logits, silentLogits, qValues: tf.zeros([2, 2]), values: tf.zeros([2]) },
        {
          actions: tf.tensor2d([[1, 0], [0, 1]]),
          ...{ oldLogProbs: tf.zeros([2]), oldValues: tf.zeros([2]), targets: tf.zeros([2]) },
          teacher: tf.tensor2d(taught.map((row) => [...row])),
        },
        {
          ...{ clip: 0.2, entropy: 0, valueLoss: 0, qLoss: 0, policyLoss: 0, standardise: false },
          distils: true,
        },
        2,
      ).loss;
    const logits = tf.tensor2d([[5, 0], [0, 5]]);
    const crossEntropy = (0.5 * Math.log(2) - 0.05 * Math.log(0.75) - 0.15 * Math.log(0.25)) / 2;
    assertClose(loss(silent, logits).dataSync<"float32">(), [2 * crossEntropy], 1e-6, "loss");
    const [inSilence, told] = tf.grads((a, b) => loss(a as Tensor2D, b as Tensor2D))([
      silent,
      logits,
    ]);
    // 2 / 2 times (P sum of p - p); what is done when told is left alone.
    const right = [0.25 - 0.5, 0.25, 0.15 - 0.05, 0.05 - 0.15];
    assertClose(inSilence!.dataSync<"float32">(), right, 1e-6, "gradient in silence");
    assertClose(told!.dataSync<"float32">(), [0, 0, 0, 0], 1e-6, "gradient when told");
  },
  ["cpu", "wasm"],
);

/** A network of one hidden unit over one state column and one word, all by hand. */
function network(tensors: Tensors, more: Record<string, number[]>): Network {
  const weights: Record<string, number[]> = {
    ...{ state: [0.5], guided: [1], policy: [1, 0], q: [0, 0], alone: [1], value: [1] },
    ...more,
  };
  const arrays = Object.entries(weights).flatMap(([name, values]) => [
    [name, { shape: [1, values.length], data: Float32Array.from(values) }] as const,
    [`${name}/bias`, { shape: [values.length], data: new Float32Array(values.length) }] as const,
  ]);
  return new Network(tensors, Object.fromEntries(arrays));
}

testOnDevices("trust adds softplus(w s) log p to the logits, and nothing in silence", (tensors) => {
  const { tf } = tensors;
  const made = network(tensors, { trust: [2] });
  const { logits, trust } = made.forward({
    states: tf.tensor2d([[1], [1]]),
    teacher: tf.tensor2d([[0.25, 0.75], [0, 0]]),
  });
  const seen = Math.tanh(0.5);
  const own = Math.tanh(seen);
  const leaning = Math.log1p(Math.exp(2 * seen));
  assertClose(trust!.dataSync<"float32">(), [leaning, leaning], 1e-5, "trust");
  const right = [own + leaning * Math.log(0.25), leaning * Math.log(0.75), own, 0];
  assertClose(logits.dataSync<"float32">(), right, 1e-5, "logit");
  made.dispose();
}, ["cpu", "wasm"]);

testOnDevices("a teacher that is sure rules out no action", (tensors) => {
  const { tf } = tensors;
  const made = network(tensors, { trust: [2] });
  const teacher = tf.tensor2d([[1, 0]]);
  const { logits } = made.forward({ states: tf.tensor2d([[1]]), teacher });
  assert.ok(logits.dataSync()[1]! > -20);
  made.dispose();
}, ["cpu"]);
