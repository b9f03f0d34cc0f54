/**
 * Losses by which verdicts train a language model, as functions of the log-probabilities that it gives
 * whole answers. B answers a batch; all but the model's own log-probabilities are constants.
 */

import type { Scalar, Tensor, TensorFlow } from "@tandem/runtimes/tfjs";

/** What {@linkcode ktoLoss} takes; each array has one entry an answer. */
export interface KtoBatch {
  /** Log-probability of each answer under the model trained, [B]. */
  readonly logProbs: Tensor;
  /** The same under the frozen reference. */
  readonly reference: ArrayLike<number>;
  /** 1 where the answer was judged good, 0 where bad. */
  readonly desirable: ArrayLike<number>;
  /** How far the model may leave the reference: small is far; 0.1. */
  readonly beta?: number;
  /** Weights of good and bad answers: even out the classes with them. */
  readonly goodWeight?: number;
  readonly badWeight?: number;
  /** How much each counts; all the same. */
  readonly weights?: ArrayLike<number>;
  /** Estimate of beta KL(model || reference), at least 0; a constant of the loss, 0. */
  readonly baseline?: number;
}

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al., 2024, equation 8), for single answers judged
 * good or bad:
 *
 * r = beta (log p - log p_ref); loss = mean of goodWeight (1 - sigmoid(r - z)) for good answers and
 * badWeight (1 - sigmoid(z - r)) for bad ones, z being the baseline.
 */
export function ktoLoss(
  tf: TensorFlow,
  { logProbs, reference, desirable, weights, ...options }: KtoBatch,
): Scalar {
  const { beta = 0.1, goodWeight = 1, badWeight = 1, baseline = 0 } = options;
  return tf.tidy(() => {
    const signs = Float32Array.from(desirable, (good) => good ? 1 : -1);
    const classes = Float32Array.from(desirable, (good) => good ? goodWeight : badWeight);
    const rewards = tf.mul(tf.sub(logProbs, constant(tf, reference)), beta);
    const margins = tf.mul(tf.sub(rewards, baseline), constant(tf, signs));
    const losses = tf.mul(tf.sub(1, tf.sigmoid(margins)), constant(tf, classes));
    return mean(tf, losses, weights);
  });
}

/** What {@linkcode dpoLoss} takes. */
export interface DpoBatch {
  /** Log-probabilities of the preferred and of the rejected answers under the model trained, [B]. */
  readonly preferred: Tensor;
  readonly rejected: Tensor;
  /** The same under the frozen reference. */
  readonly preferredReference: ArrayLike<number>;
  readonly rejectedReference: ArrayLike<number>;
  /** How much each pair counts; all the same. */
  readonly weights?: ArrayLike<number>;
  /** How far the model may leave the reference: small is far; 0.1. */
  readonly beta?: number;
}

/**
 * Direct preference optimisation (Rafailov et al., 2023, equation 7), for pairs of answers to one
 * prompt: loss = mean of -log sigmoid(beta ((log p_w - log ref_w) - (log p_l - log ref_l))).
 */
export function dpoLoss(tf: TensorFlow, batch: DpoBatch): Scalar {
  const { preferred, rejected, preferredReference, rejectedReference, beta = 0.1 } = batch;
  return tf.tidy(() => {
    const won = tf.sub(preferred, constant(tf, preferredReference));
    const lost = tf.sub(rejected, constant(tf, rejectedReference));
    return mean(tf, tf.softplus(tf.mul(tf.sub(won, lost), -beta)), batch.weights);
  });
}

/**
 * The policy gradient (Williams, 1992): loss = -mean of advantage log p.
 *
 * @param logProbs Of the answers given, [B].
 * @param advantages What each of them was worth beyond what was expected.
 * @param weights How much each counts; all the same.
 */
export function reinforceLoss(
  tf: TensorFlow,
  logProbs: Tensor,
  advantages: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Scalar {
  return tf.tidy(() => tf.neg(mean(tf, tf.mul(logProbs, constant(tf, advantages)), weights)));
}

/** What {@linkcode ppoLoss} takes. */
export interface PpoBatch {
  /** Log-probabilities of the answers under the model trained, [B]. */
  readonly logProbs: Tensor;
  /** The same under the model that gave the answers. */
  readonly old: ArrayLike<number>;
  readonly advantages: ArrayLike<number>;
  /** The ratio of the two is clipped to 1 +- epsilon; 0.2. */
  readonly epsilon?: number;
  /** How much each counts; all the same. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Proximal policy optimisation's clipped objective (Schulman et al., 2017, equation 7), negated:
 * loss = -mean of min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon) A), ratio = p / p_old.
 */
export function ppoLoss(
  tf: TensorFlow,
  { logProbs, old, advantages, epsilon = 0.2, weights }: PpoBatch,
): Scalar {
  return tf.tidy(() => {
    const ratio = tf.exp(tf.sub(logProbs, constant(tf, old)));
    const worth = constant(tf, advantages);
    const clipped = tf.clipByValue(ratio, 1 - epsilon, 1 + epsilon);
    return tf.neg(mean(tf, tf.minimum(tf.mul(ratio, worth), tf.mul(clipped, worth)), weights));
  });
}

/**
 * KL(p || q) of each row of log-probabilities, [B, C] to [B]: how far a model that weighs C candidates
 * has left its reference.
 */
export function divergence(tf: TensorFlow, logProbs: Tensor, reference: Tensor): Tensor {
  return tf.tidy(() => tf.sum(tf.mul(tf.exp(logProbs), tf.sub(logProbs, reference)), -1));
}

/** sum w x / sum w, or the plain mean. */
function mean(tf: TensorFlow, values: Tensor, weights?: ArrayLike<number>): Scalar {
  if (!weights) return tf.mean<Scalar>(values);
  const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  return tf.mul(tf.sum<Scalar>(tf.mul(values, constant(tf, weights))), 1 / total);
}

function constant(tf: TensorFlow, values: ArrayLike<number>): Tensor {
  return tf.tensor1d(Float32Array.from(values));
}
