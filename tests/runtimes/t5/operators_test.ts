/** The gradient of every operator that the T5 and its losses are made of, against central differences. */

import { gelu } from "../../../runtimes/t5/forward.ts";
import { divergence } from "../../../plugins/teacher/language_model/training/losses.ts";
import {
  lossAndGradients,
  type Scalar,
  type Tensor,
  type TensorFlow,
  type Variable,
} from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose, seeded, testOnDevices } from "../devices.ts";

/** Half the width of a difference: its square and the rounding of 32 bits both stay below the tolerance. */
const STEP = 1e-2;
const TOLERANCE = 2e-3;

type Operator = (tf: TensorFlow, x: Tensor) => Tensor;

/** Constants that operators meet x with. */
const constants = seeded(11);
const values = (count: number) => Array.from({ length: count }, () => constants.random() - 0.5);
const [LEFT, RIGHT, MANY] = [values(8), values(12), values(24)];

/** Each is asked with x of shape [4, 3]. */
const OPERATORS: Record<string, Operator> = {
  "matMul, x left": (tf, x) => tf.matMul(x, tf.tensor2d(RIGHT, [3, 4])),
  "matMul, x right and transposed": (tf, x) =>
    tf.matMul(tf.tensor2d(RIGHT.slice(0, 6), [2, 3]), x, false, true),
  "matMul of several": (tf, x) =>
    tf.matMul(tf.reshape(x, [2, 2, 3]), tf.tensor3d(MANY.slice(0, 12), [2, 2, 3]), false, true),
  "matMul of several, x right": (tf, x) =>
    tf.matMul(tf.tensor3d(LEFT, [2, 2, 2]), tf.reshape(x, [2, 2, 3])),
  "gather, rows repeated": (tf, x) => tf.gather(x, tf.tensor1d([3, 0, 3, 1, 3], "int32")),
  "transpose and reshape": (tf, x) => tf.square(tf.transpose(tf.reshape(x, [2, 2, 3]), [0, 2, 1])),
  "RMS norm": (tf, x) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6))),
  "scale by a row": (tf, x) => tf.mul(tf.tensor2d(RIGHT, [4, 3]), tf.mean(x, 0, true)),
  softmax: (tf, x) => tf.softmax(x),
  logSoftmax: (tf, x) => tf.logSoftmax(x),
  logSumExp: (tf, x) => tf.logSumExp(x, -1),
  "masked softmax": (tf, x) => tf.softmax(tf.add(x, tf.tensor2d([0, 0, -1e9], [1, 3]))),
  relu: (tf, x) => tf.relu(x),
  gelu: (tf, x) => gelu(tf, x),
  sigmoid: (tf, x) => tf.sigmoid(x),
  softplus: (tf, x) => tf.softplus(x),
  exp: (tf, x) => tf.exp(x),
  "pick by one-hot": (tf, x) =>
    tf.sum(tf.mul(x, tf.oneHot(tf.tensor1d([2, 0, 1, 1], "int32"), 3)), -1),
  slice: (tf, x) => tf.square(tf.slice(x, [1, 0], [2, 2])),
  "minimum and clip": (tf, x) => tf.minimum(tf.mul(x, 1.5), tf.clipByValue(x, -0.3, 0.3)),
  divergence: (tf, x) =>
    divergence(tf, tf.logSoftmax(x), tf.logSoftmax(tf.tensor2d(RIGHT, [4, 3]))),
};

/** Nowhere near a place where an operator has a corner. */
const POINT = [-0.9, 0.4, 0.75, -0.5, 0.65, -0.15, 0.55, -0.8, 0.1, 0.85, -0.6, 0.2];

testOnDevices("every operator has the gradient that differences give", async (tensors) => {
  const { tf } = tensors;
  for (const [name, operator] of Object.entries(OPERATORS)) {
    // Weighed, so that no sum over outputs is constant.
    const weighed = (x: Tensor): Scalar =>
      tf.tidy(() => {
        const y = tf.reshape(operator(tf, x), [-1]);
        return tf.sum<Scalar>(tf.mul(y, tf.tensor1d(MANY.slice(0, y.size))));
      });
    const at = async (values: number[]) => {
      const x = tf.tensor2d(values, [4, 3]);
      const y = weighed(x);
      const [value] = await y.data();
      tf.dispose([x, y]);
      return value!;
    };
    const variable = tf.variable(tf.tensor2d(POINT, [4, 3])) as Variable;
    const { loss, gradients } = lossAndGradients(tensors, [variable], () => weighed(variable));
    const slopes: number[] = [];
    for (const index of POINT.keys()) {
      const moved = (by: number) => POINT.map((value, i) => i === index ? value + by : value);
      slopes.push((await at(moved(STEP)) - await at(moved(-STEP))) / (2 * STEP));
    }
    assertClose(await gradients[0]!.data(), slopes, TOLERANCE, name);
    tf.dispose([variable, loss, ...gradients]);
  }
}, ["wasm", "cpu"]);
