import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "@tandem/runtimes/tfjs";
import { logDensity } from "./log_density.ts";
import type { Outputs } from "./engine.ts";

/**
 * The loss of past steps with the return R that followed (self-imitation: Oh et al., arXiv 1806.05635,
 * equations 1 to 3):
 *
 * L = mean(-log pi(a | s) max(R - V(s), 0) + 1/2 max(R - V(s), 0)^2),
 *
 * where the gradient of the first max is not taken: what went better than expected is done more often,
 * and V rises to it. What went worse teaches nothing.
 *
 * @param actions [B, A] a_t as one-hot rows, or its floats. @param returns [B] R_t.
 * @example One state of two actions, (3/4, 1/4), V = 1/2; the first one was followed by 1.
 * ```ts
 * import { openTensors } from "@tandem/runtimes/tfjs";
 * import { replayLoss } from "./replay_loss.ts";
 * import assert from "node:assert/strict";
 * const { tf } = await openTensors("cpu");
 * const outputs = {
 *   logits: tf.tensor2d([[Math.log(3), 0]]),
 *   qValues: tf.tensor2d([[0, 0]]),
 *   values: tf.tensor1d([0.5]),
 * };
 * const loss = replayLoss(tf, outputs, tf.tensor2d([[1, 0]]), tf.tensor1d([1]));
 * const right = -Math.log(0.75) * 0.5 + 0.5 * 0.5 ** 2;
 * assert.ok(Math.abs(loss.dataSync()[0]! - right) < 1e-6);
 * ```
 */
export function replayLoss(
  tf: TensorFlow,
  outputs: Outputs,
  actions: Tensor2D,
  returns: Tensor1D,
): Scalar {
  const { logits, logStd, values } = outputs;
  const logProbs = logStd
    ? logDensity(logits, logStd, actions)
    : (logits.logSoftmax() as Tensor2D).mul<Tensor2D>(actions).sum<Tensor1D>(1);
  const gain = returns.sub(values).maximum<Tensor1D>(0);
  return gain.square().div(2).sub(logProbs.mul(constant(tf, gain))).mean();
}

/** The same numbers, through which no gradient flows. */
function constant(tf: TensorFlow, x: Tensor1D): Tensor1D {
  const gradFunc = (dy: Tensor1D) => tf.zerosLike(dy);
  return tf.customGrad((value) => ({ value: (value as Tensor1D).clone(), gradFunc }))(x);
}
