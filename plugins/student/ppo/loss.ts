import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "../../../runtimes/tfjs.ts";
import type { Outputs } from "./network.ts";

/** A minibatch of B samples. */
export interface Minibatch {
  /** [B, A] a_t as one-hot rows. */
  readonly actions: Tensor2D;
  /** [B] log P(a_t | x_t, s_t) when the action was taken. */
  readonly oldLogProbs: Tensor1D;
  /** [B] A_t, standardised. */
  readonly advantages: Tensor1D;
  /** [B] G_t. */
  readonly targets: Tensor1D;
}

/** Weights and range of the loss. */
export interface LossOptions {
  readonly clip: number;
  readonly entropy: number;
  readonly valueLoss: number;
  readonly qLoss: number;
}

/**
 * L = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2)
 * - c_h mean(H), with r = P(a | x, s) / P_old(a | x, s) (arXiv 1707.06347, equations 7 and 9).
 *
 * @returns The loss and its terms: policy, value and Q loss, entropy, the approximate KL divergence
 * to the old policy (mean((r - 1) - log r)) and the share of clipped ratios.
 */
export function ppoLoss(
  tf: TensorFlow,
  outputs: Outputs,
  batch: Minibatch,
  options: LossOptions,
): { loss: Scalar; terms: Scalar[] } {
  const logPolicy = outputs.logits.logSoftmax() as Tensor2D;
  const chosen = (table: Tensor2D) => table.mul<Tensor2D>(batch.actions).sum<Tensor1D>(1);
  const logRatio = chosen(logPolicy).sub<Tensor1D>(batch.oldLogProbs);
  const ratio = logRatio.exp<Tensor1D>();
  const clipped = ratio.clipByValue(1 - options.clip, 1 + options.clip);
  const policyLoss = tf.minimum(ratio.mul(batch.advantages), clipped.mul(batch.advantages))
    .mean().neg();
  const valueLoss = outputs.values.sub(batch.targets).square().mean();
  const qLoss = chosen(outputs.qValues).sub(batch.targets).square().mean();
  const entropy = logPolicy.exp().mul(logPolicy).sum(1).mean().neg();
  const loss = policyLoss
    .add(valueLoss.mul(options.valueLoss))
    .add(qLoss.mul(options.qLoss))
    .sub<Scalar>(entropy.mul(options.entropy));
  const approxKl = ratio.sub(1).sub(logRatio).mean();
  const clipFraction = tf.abs(ratio.sub(1)).greater(options.clip).toFloat().mean();
  return {
    loss,
    terms: [policyLoss, valueLoss, qLoss, entropy, approxKl, clipFraction] as Scalar[],
  };
}

/** Values moved and scaled to mean 0 and standard deviation 1. */
export function standardise(values: Tensor1D): Tensor1D {
  const centred = values.sub<Tensor1D>(values.mean());
  return centred.div(centred.square().mean().sqrt().add(1e-8));
}
