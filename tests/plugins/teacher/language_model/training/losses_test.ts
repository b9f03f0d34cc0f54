/** Each loss and its gradient against a table worked out by hand. */

import {
  divergence,
  dpoLoss,
  ktoLoss,
  ppoLoss,
  reinforceLoss,
} from "../../../../../plugins/teacher/language_model/training/losses.ts";
import {
  type ReferredExample,
  verdictLoss,
} from "../../../../../plugins/teacher/language_model/training/verdict_losses.ts";
import {
  lossAndGradients,
  type Scalar,
  type Tensors,
  type Variable,
} from "../../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../../runtimes/devices.ts";

/** Checks a loss of log-probabilities and its gradient for them. */
async function check(
  tensors: Tensors,
  logProbs: readonly number[],
  loss: (logProbs: Variable) => Scalar,
  expected: number,
  gradient: readonly number[],
): Promise<void> {
  const variable = tensors.tf.variable(tensors.tf.tensor1d([...logProbs]));
  const { loss: value, gradients } = lossAndGradients(tensors, [variable], () => loss(variable));
  assertClose(await value.data(), [expected], 1e-5, "loss");
  assertClose(await gradients[0]!.data(), gradient, 1e-5, "gradient");
  tensors.tf.dispose([variable, value, ...gradients]);
}

// sigmoid(0.2) = 0.549834, sigmoid(-0.1) = 0.475021; their slopes s (1 - s) are 0.247517, 0.249376.
testOnDevices("ktoLoss() follows the table", async (tensors) => {
  const { tf } = tensors;
  const batch = { reference: [-3, -1], desirable: [1, 0], beta: 0.2 };
  // good: r = 0.2 (-2 + 3) = 0.2: 1 - 0.549834; bad: r = 0.2 (-0.5 + 1) = 0.1: 1 - sigmoid(-0.1).
  await check(
    tensors,
    [-2, -0.5],
    (logProbs) => ktoLoss(tf, { ...batch, logProbs }),
    (0.450166 + 0.524979) / 2,
    [-0.2 * 0.247517 / 2, 0.2 * 0.249376 / 2],
  );
  await check(
    tensors,
    [-2, -0.5],
    (logProbs) => ktoLoss(tf, { ...batch, logProbs, goodWeight: 2, badWeight: 4, baseline: 0.2 }),
    // good: sigmoid(0) = 0.5; bad: z - r = 0.1: 1 - sigmoid(0.1) = 0.475021.
    (2 * 0.5 + 4 * 0.475021) / 2,
    [-2 * 0.2 * 0.25 / 2, 4 * 0.2 * 0.249376 / 2],
  );
});

testOnDevices("dpoLoss() follows the table", async (tensors) => {
  const { tf } = tensors;
  // won: -1 + 2 = 1, lost: -3 + 3 = 0: margin 0.5: -log sigmoid(0.5) = 0.474077, slope -0.5 * 0.377541.
  await check(
    tensors,
    [-1],
    (preferred) =>
      dpoLoss(tf, {
        preferred,
        rejected: tf.tensor1d([-3]),
        preferredReference: [-2],
        rejectedReference: [-3],
        beta: 0.5,
      }),
    0.474077,
    [-0.188770],
  );
  await check(
    tensors,
    [-3],
    (rejected) =>
      dpoLoss(tf, {
        preferred: tf.tensor1d([-1]),
        rejected,
        preferredReference: [-2],
        rejectedReference: [-3],
        beta: 0.5,
      }),
    0.474077,
    [0.188770],
  );
});

testOnDevices("reinforceLoss() follows the table", async (tensors) => {
  await check(
    tensors,
    [-1, -2],
    (logProbs) => reinforceLoss(tensors.tf, logProbs, [3, -0.5]),
    (3 - 1) / 2,
    [-1.5, 0.25],
  );
});

testOnDevices("ppoLoss() follows the table and clips", async (tensors) => {
  const log = Math.log;
  // ratios 1.1 (within), 1.5 (clipped for A > 0, not for A < 0), 0.5 (clipped for A < 0).
  await check(
    tensors,
    [log(0.55), log(0.75), log(0.75), log(0.25)],
    (logProbs) =>
      ppoLoss(tensors.tf, {
        logProbs,
        old: [log(0.5), log(0.5), log(0.5), log(0.5)],
        advantages: [2, 2, -1, -1],
      }),
    -(2.2 + 2.4 - 1.5 - 0.8) / 4,
    [-2.2 / 4, 0, 1.5 / 4, 0],
  );
});

testOnDevices("losses are weighted means where answers have weights", async (tensors) => {
  const { tf } = tensors;
  const weights = [3, 1];
  // The tables above with weights 3 and 1 in place of 1 and 1.
  await check(
    tensors,
    [-2, -0.5],
    (logProbs) =>
      ktoLoss(tf, { logProbs, reference: [-3, -1], desirable: [1, 0], beta: 0.2, weights }),
    (3 * 0.450166 + 0.524979) / 4,
    [-3 * 0.2 * 0.247517 / 4, 0.2 * 0.249376 / 4],
  );
  await check(
    tensors,
    [-1, -2],
    (logProbs) => reinforceLoss(tf, logProbs, [3, -0.5], weights),
    (3 * 3 - 1) / 4,
    [-3 * 3 / 4, 0.5 / 4],
  );
  await check(
    tensors,
    [Math.log(0.55), Math.log(0.75)],
    (logProbs) =>
      ppoLoss(tf, { logProbs, old: [Math.log(0.5), Math.log(0.5)], advantages: [2, -1], weights }),
    -(3 * 2.2 - 1.5) / 4,
    [-3 * 2.2 / 4, 1.5 / 4],
  );
  // Margins 0.5 (the table above: 0.474077) and 0 (log 2, slope -0.5 * 0.5).
  await check(
    tensors,
    [-1, -2],
    (preferred) =>
      dpoLoss(tf, {
        preferred,
        rejected: tf.tensor1d([-3, -4]),
        preferredReference: [-2, -2],
        rejectedReference: [-3, -4],
        beta: 0.5,
        weights,
      }),
    (3 * 0.474077 + Math.LN2) / 4,
    [3 * -0.188770 / 4, -0.25 / 4],
  );
});

testOnDevices("divergence() is KL, row by row", async (tensors) => {
  const { tf } = tensors;
  const rows = (values: number[]) => tf.tensor2d(values.map(Math.log), [2, 2]);
  const [p, q] = [rows([0.5, 0.5, 0.9, 0.1]), rows([0.25, 0.75, 0.9, 0.1])];
  const left = divergence(tf, p, q);
  assertClose(await left.data(), [0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 0], 1e-5);
  tf.dispose([p, q, left]);
});

// Two states of two answers, (3/4, 1/4) and (1/2, 1/2). In the first both are right at times, by 0.6 and
// 0.2 a verdict; in the second the second is, by 0.4: in all 1.2.
testOnDevices("the cross-entropy to what is right follows the table", async (tensors) => {
  const { tf } = tensors;
  const example = (right: number[]): ReferredExample => ({
    ...{ state: "s", prompt: "s", judged: 1, right: Float64Array.from(right) },
    ...{ advantages: new Float64Array(2), good: new Float64Array(2), bad: new Float64Array(2) },
    ...{ trust: new Float64Array(2), reference: new Float32Array(2), old: new Float32Array(2) },
  });
  const scale = { method: "cross-entropy", beta: 1, kl: 0, clip: 0.2, spread: NaN } as const;
  const loss = (logits: Variable, rights: readonly number[][]) =>
    verdictLoss(
      tf,
      tf.logSoftmax(tf.reshape(logits, [2, 2])),
      rights.map(example),
      { ...scale, goodWeight: 1, badWeight: 1 },
    ).loss;
  const logits = [Math.log(3), 0, 0, 0];
  const told = -0.6 * Math.log(0.75) - 0.2 * Math.log(0.25) - 0.4 * Math.log(0.5);
  // Of each logit p (sum of what is right) - what is right of it, in all by 1.2.
  const gradient = [0.75 * 0.8 - 0.6, 0.25 * 0.8 - 0.2, 0.2, 0.2 - 0.4].map((d) => d / 1.2);
  await check(tensors, logits, (x) => loss(x, [[0.6, 0.2], [0, 0.4]]), told / 1.2, gradient);
  await check(tensors, logits, (x) => loss(x, [[0, 0], [0, 0]]), 0, [0, 0, 0, 0]);
}, ["wasm", "cpu"]);
