/** From what verdicts say of a batch of prompts to the loss that a T5 is trained by. */

import type { Scalar, Tensor, TensorFlow } from "@tandem/runtimes/tfjs";
import type { TrainingExample } from "./judged_answers.ts";
import type { TrainingOptions } from "./options.ts";
import { divergence, dpoLoss, ktoLoss, ppoLoss, reinforceLoss } from "./losses.ts";

/** A example with the log-probabilities that it is measured against, [C] each. */
export interface ReferredExample extends TrainingExample {
  /** Under the frozen reference. */
  readonly reference: Float32Array;
  /** Under the model as it was when the update began. */
  readonly old: Float32Array;
}

/** What all examples of an update share. */
export interface LossScale {
  readonly method: TrainingOptions["method"];
  readonly beta: number;
  /** Weight of KL(model || reference) beside the loss. */
  readonly kl: number;
  /** PPO's clipping, epsilon. */
  readonly clip: number;
  /** KTO's weights of praise and blame. */
  readonly goodWeight: number;
  readonly badWeight: number;
  /** Root mean square of the advantages; by it they are divided. */
  readonly spread: number;
}

/** One judged answer of a batch: its place in [B, C], and what counts. */
interface Entry {
  readonly at: number;
  readonly weight: number;
  /** For KTO and the cross-entropy 1 or 0, for the policy gradients the advantage. */
  readonly value: number;
}

/**
 * The loss of B examples.
 *
 * @param logProbs log p of each prompt's C answers, normalised over them, [B, C].
 * @returns The loss, 0 where the method learns nothing from these examples, and the mean divergence.
 */
export function verdictLoss(
  tf: TensorFlow,
  logProbs: Tensor,
  examples: readonly ReferredExample[],
  scale: LossScale,
): { loss: Scalar; divergence: Scalar } {
  const reference = tf.tensor2d(flat(examples, (example) => example.reference), [
    logProbs.shape[0]!,
    logProbs.shape[1]!,
  ]);
  const left = tf.mean<Scalar>(divergence(tf, logProbs, reference));
  const loss = METHODS[scale.method](tf, tf.reshape(logProbs, [-1]), examples, scale);
  const held = scale.kl > 0 ? tf.add<Scalar>(loss, tf.mul(left, scale.kl)) : loss;
  return { loss: held, divergence: left };
}

type Method = (
  tf: TensorFlow,
  logProbs: Tensor,
  examples: readonly ReferredExample[],
  scale: LossScale,
) => Scalar;

/** The policy gradient of answers by their values and weights. */
function reinforced(tf: TensorFlow, logProbs: Tensor, entries: readonly Entry[]): Scalar {
  if (entries.length === 0) return nothing(tf, logProbs);
  return reinforceLoss(
    tf,
    pick(tf, logProbs, entries.map(({ at }) => at)),
    entries.map(({ value }) => value),
    entries.map(({ weight }) => weight),
  );
}

const METHODS: Record<TrainingOptions["method"], Method> = {
  /**
   * Supervised: -sum over s and c of t(c | s) log pi(c | s) / sum of t, with t the mean weight by which
   * verdicts say that c is right in s. That is the policy gradient of answers whose worth is always 1.
   */
  "cross-entropy"(tf, logProbs, examples) {
    return reinforced(tf, logProbs, entriesOf(examples, ({ right }, c) => [1, right[c]!]));
  },
  /**
   * Without KTO's baseline, the divergence: log p of one of few candidates can rise no further than to
   * 0, and a baseline above that would call all that is good bad (as in APO-zero, D'Oosterlinck et al.,
   * 2024).
   */
  kto(tf, logProbs, examples, { beta, goodWeight, badWeight }) {
    const entries = [
      ...entriesOf(examples, ({ good, trust }, c) => [1, good[c]! * trust[c]!]),
      ...entriesOf(examples, ({ bad, trust }, c) => [0, bad[c]! * trust[c]!]),
    ];
    if (entries.length === 0) return nothing(tf, logProbs);
    const reference = flat(examples, (example) => example.reference);
    return ktoLoss(tf, {
      logProbs: pick(tf, logProbs, entries.map(({ at }) => at)),
      reference: entries.map(({ at }) => reference[at]!),
      desirable: entries.map(({ value }) => value),
      weights: entries.map(({ weight }) => weight),
      ...{ beta, goodWeight, badWeight },
    });
  },
  dpo(tf, logProbs, examples, { beta }) {
    const pairs = pairsOf(examples);
    if (pairs.length === 0) return nothing(tf, logProbs);
    const reference = flat(examples, (example) => example.reference);
    return dpoLoss(tf, {
      preferred: pick(tf, logProbs, pairs.map(({ won }) => won)),
      rejected: pick(tf, logProbs, pairs.map(({ lost }) => lost)),
      preferredReference: pairs.map(({ won }) => reference[won]!),
      rejectedReference: pairs.map(({ lost }) => reference[lost]!),
      weights: pairs.map(({ weight }) => weight),
      beta,
    });
  },
  reinforce(tf, logProbs, examples, { spread }) {
    return reinforced(tf, logProbs, advantagesOf(examples, spread));
  },
  ppo(tf, logProbs, examples, { spread, clip }) {
    const entries = advantagesOf(examples, spread);
    if (entries.length === 0) return nothing(tf, logProbs);
    const old = flat(examples, (example) => example.old);
    return ppoLoss(tf, {
      logProbs: pick(tf, logProbs, entries.map(({ at }) => at)),
      old: entries.map(({ at }) => old[at]!),
      advantages: entries.map(({ value }) => value),
      weights: entries.map(({ weight }) => weight),
      epsilon: clip,
    });
  },
};

/** Pairs of one prompt's answers, of which one was praised more than blamed and the other less. */
export function pairsOf(
  examples: readonly TrainingExample[],
): { won: number; lost: number; weight: number }[] {
  return examples.flatMap(({ good, bad, trust }, row) => {
    const offset = row * trust.length;
    const net = trust.map((t, c) => t * (good[c]! - bad[c]!));
    const [praised, blamed] = [1, -1].map((sign) =>
      Array.from(net.keys()).filter((c) => sign * net[c]! > 0)
    );
    return praised!.flatMap((w) =>
      blamed!.map((l) => ({
        won: offset + w,
        lost: offset + l,
        weight: Math.min(net[w]!, -net[l]!),
      }))
    );
  });
}

/**
 * What the policy gradients take: each answer counts by the probability with which the model now gives
 * it, as if it had just been drawn, for verdicts may be older than the model.
 */
function advantagesOf(examples: readonly ReferredExample[], spread: number): Entry[] {
  return entriesOf(examples, ({ advantages, trust, old }, c) => [
    advantages[c]! / spread,
    trust[c]! * Math.exp(old[c]!),
  ]);
}

/** The answers that count, as `read` gives their value and weight. */
function entriesOf<L extends TrainingExample>(
  examples: readonly L[],
  read: (example: L, answer: number) => readonly [value: number, weight: number],
): Entry[] {
  return examples.flatMap((example, row) =>
    Array.from(example.trust, (_, c) => {
      const [value, weight] = read(example, c);
      return { at: row * example.trust.length + c, weight, value };
    }).filter(({ weight }) => weight > 0)
  );
}

function flat<L>(examples: readonly L[], read: (example: L) => Float32Array): Float32Array {
  return Float32Array.from(examples.flatMap((example) => [...read(example)]));
}

function pick(tf: TensorFlow, values: Tensor, places: readonly number[]): Tensor {
  return tf.gather(values, tf.tensor1d([...places], "int32"));
}

/** 0, with gradients of 0. */
function nothing(tf: TensorFlow, logProbs: Tensor): Scalar {
  return tf.mul(tf.sum<Scalar>(logProbs), 0);
}
