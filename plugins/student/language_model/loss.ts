import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "@tandem/runtimes/tfjs";

/** What the model and its heads make of B samples' states. */
export interface Outputs {
  /** [B, C] a softmax over a row is the policy. */
  readonly logits: Tensor2D;
  /** [B] V(s_t), times the reward's scale. */
  readonly values: Tensor1D;
}

/** B samples. */
export interface Minibatch {
  /** [B, C] a_t as one-hot rows. */
  readonly actions: Tensor2D;
  /** [B] log P(a_t | s_t) when the action was taken. */
  readonly oldLogProbs: Tensor1D;
  /** [B] A_t, and V(s_t) when the action was taken, and G_t: all times the reward's scale. */
  readonly advantages: Tensor1D;
  readonly oldValues: Tensor1D;
  readonly targets: Tensor1D;
  /** [B, C] the teacher's distribution; a row of zeros where it was silent. */
  readonly teacher: Tensor2D;
}

/** A loss with the numbers that are reported of it; all are means over the samples. */
export interface Loss {
  readonly names: readonly string[];
  of(tf: TensorFlow, outputs: Outputs, batch: Minibatch): { loss: Scalar; terms: Scalar[] };
}

/** Weights and range of {@linkcode ppoLoss}. */
export interface PpoLossOptions {
  readonly clip: number;
  readonly entropy: number;
  readonly valueLoss: number;
  /** Whether V is held within `clip` of what it was. */
  readonly valueClip: boolean;
}

/**
 * L = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) + c_v L_v - c_h mean(H), r = P(a | s) / P_old(a | s)
 * (PPO, arXiv 1707.06347, equation 9), with L_v = mean((V - G)^2), or with clipped values
 * L_v = mean(max((V - G)^2, (V_old + clip(V - V_old, -e, e) - G)^2)).
 */
export function ppoLoss(
  { clip, entropy: bonus, valueLoss: weight, valueClip }: PpoLossOptions,
): Loss {
  return {
    names: ["policyLoss", "valueLoss", "entropy", "approxKl", "clipFraction"],
    of(tf, { logits, values }, batch) {
      const { advantages, oldValues, targets } = batch;
      const logPolicy = tf.logSoftmax(logits);
      const logRatio = tf.sub(tf.sum(tf.mul(logPolicy, batch.actions), 1), batch.oldLogProbs);
      const ratio = tf.exp(logRatio);
      const clipped = tf.clipByValue(ratio, 1 - clip, 1 + clip);
      const gains = tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
      const policyLoss = tf.neg(tf.mean<Scalar>(gains));
      const errors = tf.square(tf.sub(values, targets));
      const moved = tf.clipByValue(tf.sub(values, oldValues), -clip, clip);
      const held = tf.square(tf.sub(tf.add(oldValues, moved), targets));
      const valueLoss = tf.mean<Scalar>(valueClip ? tf.maximum(errors, held) : errors);
      const entropy = entropyOf(tf, logPolicy as Tensor2D);
      const approxKl = tf.mean<Scalar>(tf.sub(tf.sub(ratio, 1), logRatio));
      const beyond = tf.greater(tf.abs(tf.sub(ratio, 1)), clip);
      const clipFraction = tf.mean<Scalar>(tf.cast(beyond, "float32"));
      const loss = tf.sub<Scalar>(
        tf.add(policyLoss, tf.mul(valueLoss, weight)),
        tf.mul(entropy, bonus),
      );
      return { loss, terms: [policyLoss, valueLoss, entropy, approxKl, clipFraction] };
    },
  };
}

/** Weights of {@linkcode cloningLoss}. */
export interface CloningLossOptions {
  readonly valueLoss: number;
  /** Whether an action's log-probability is its text's under the model, or among the actions. */
  readonly objective: "text" | "choice";
}

/**
 * L = mean(-sum_a p(a | s) l(a | s)) + c_v mean((V - G)^2), p being the teacher's distribution, and l the
 * score of the action's text ("text", what fine-tuning on demonstrations does) or its log-probability
 * among the actions ("choice"). Where the teacher was silent the first term is 0.
 */
export function cloningLoss({ valueLoss: weight, objective }: CloningLossOptions): Loss {
  return {
    names: ["teacherLoss", "valueLoss", "entropy"],
    of(tf, { logits, values }, { teacher, targets }) {
      const logPolicy = tf.logSoftmax(logits) as Tensor2D;
      const likelihoods = tf.sum(tf.mul(objective === "text" ? logits : logPolicy, teacher), 1);
      const teacherLoss = tf.neg(tf.mean<Scalar>(likelihoods));
      const valueLoss = tf.mean<Scalar>(tf.square(tf.sub(values, targets)));
      const loss = tf.add<Scalar>(teacherLoss, tf.mul(valueLoss, weight));
      return { loss, terms: [teacherLoss, valueLoss, entropyOf(tf, logPolicy)] };
    },
  };
}

/** The mean entropy of the rows. */
function entropyOf(tf: TensorFlow, logPolicy: Tensor2D): Scalar {
  return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(tf.exp(logPolicy), logPolicy), 1)));
}
