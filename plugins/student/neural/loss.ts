import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "../../../runtimes/tfjs/tfjs.ts";
import type { Outputs } from "./outputs.ts";

/** A minibatch of B samples. */
export interface Minibatch {
  /** [B, A] a_t as one-hot rows. */
  readonly actions: Tensor2D;
  /** [B] log P(a_t | x_t, s_t) when the action was taken. */
  readonly oldLogProbs: Tensor1D;
  /** [B] A_t, standardised where the options say so. */
  readonly advantages: Tensor1D;
  /** [B, A] the teacher's distribution; a row of zeros where it was silent. */
  readonly teacher: Tensor2D;
  /** [B] G_t. */
  readonly targets: Tensor1D;
}

/** Weights and range of the loss. */
export interface LossOptions {
  /** Range of the probability ratio; 0 for the plain actor-critic's loss. */
  readonly clip: number;
  /** Weight of the policy's loss; always 1 where not given. */
  readonly policyLoss?: number;
  readonly entropy: number;
  readonly valueLoss: number;
  readonly qLoss: number;
  /** Whether advantages are standardised over a gradient step's samples. */
  readonly standardise: boolean;
  /** Whether guidance is imitated, by the cross-entropy to the teacher, in place of being an input. */
  readonly imitates?: boolean;
}

/**
 * L = c_p L_p + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2) - c_h mean(H) + c_i C, where
 *
 * - L_p = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) with r = P(a | x, s) / P_old(a | x, s) (PPO, arXiv
 *   1707.06347, equations 7 and 9), or with e = 0: -mean(A log P(a | x, s)) (arXiv 1602.01783);
 * - C is the mean of -sum_a p(a) log P(a | x, s) over the states in which the teacher spoke, p its
 *   distribution.
 *
 * @param imitation c_i; C is left out where the options do not imitate.
 * @returns The loss and its terms: policy, value and Q loss, entropy, the approximate KL divergence
 * to the old policy (mean((r - 1) - log r)), the share of ratios beyond the clip, and C.
 */
export function actorCriticLoss(
  tf: TensorFlow,
  outputs: Outputs,
  batch: Minibatch,
  options: LossOptions,
  imitation: number,
): { loss: Scalar; terms: Scalar[] } {
  const { clip } = options;
  const logPolicy = outputs.logits.logSoftmax() as Tensor2D;
  const chosen = (table: Tensor2D) => table.mul<Tensor2D>(batch.actions).sum<Tensor1D>(1);
  const logProbs = chosen(logPolicy);
  const logRatio = logProbs.sub<Tensor1D>(batch.oldLogProbs);
  const ratio = logRatio.exp<Tensor1D>();
  const gains = clip === 0 ? logProbs.mul(batch.advantages) : tf.minimum(
    ratio.mul(batch.advantages),
    ratio.clipByValue(1 - clip, 1 + clip).mul(batch.advantages),
  );
  const policyLoss = gains.mean().neg();
  const valueLoss = outputs.values.sub(batch.targets).square().mean();
  const qLoss = chosen(outputs.qValues).sub(batch.targets).square().mean();
  const entropy = logPolicy.exp().mul(logPolicy).sum(1).mean().neg();
  const rest = policyLoss.mul(options.policyLoss ?? 1)
    .add(valueLoss.mul(options.valueLoss))
    .add(qLoss.mul(options.qLoss))
    .sub<Scalar>(entropy.mul(options.entropy));
  const approxKl = ratio.sub(1).sub(logRatio).mean();
  const clipFraction = tf.abs(ratio.sub(1)).greater(clip).toFloat().mean();
  const terms = [policyLoss, valueLoss, qLoss, entropy, approxKl, clipFraction];
  if (!options.imitates) return { loss: rest, terms: terms as Scalar[] };
  const teacherLoss = crossEntropy(tf, batch.teacher, logPolicy);
  return {
    loss: rest.add(teacherLoss.mul(imitation)),
    terms: [...terms, teacherLoss] as Scalar[],
  };
}

/** The mean of -sum_a p(a) log P(a) over the rows of p that are not zeros; 0 where all are. */
function crossEntropy(tf: TensorFlow, teacher: Tensor2D, logPolicy: Tensor2D): Scalar {
  const spoken = tf.maximum(1, teacher.sum(1).greater(0).toFloat().sum());
  return teacher.mul(logPolicy).sum().neg().div(spoken);
}

/** Values moved and scaled to mean 0 and standard deviation 1. */
export function standardise(values: Tensor1D): Tensor1D {
  const centred = values.sub<Tensor1D>(values.mean());
  return centred.div(centred.square().mean().sqrt().add(1e-8));
}
