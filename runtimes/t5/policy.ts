/**
 * A T5 as a policy: what it makes of B prompts when one of C candidate texts is to be chosen. An
 * encoder's states serve all candidates of its prompt. Call these within `tidy` or a gradient.
 */

import type { Tensor } from "../tfjs/tfjs.ts";
import { decode, encode, type Encoded, head } from "./forward.ts";
import type { T5 } from "./t5.ts";
import { padTokens, shiftRight } from "./tokens.ts";

/** Token ids of texts. */
export type Sequences = readonly (readonly number[])[];

/** What {@linkcode weighCandidates} gives. */
export interface WeighedCandidates {
  /** B x C; a softmax over a row makes it a distribution. */
  readonly scores: Tensor;
  /** B x dModel, as {@linkcode firstStates}. */
  readonly states: Tensor;
}

/**
 * Scores candidates behind prompts, as `LanguageModel.score` does, with gradients.
 *
 * @param candidates Their ids, the end token included where it shall count.
 * @param normalisation What a score is made of: the mean of a candidate's tokens, or their sum.
 */
export function weighCandidates(
  t5: T5,
  prompts: Sequences,
  candidates: Sequences,
  normalisation: "mean" | "sum" | "logits",
): WeighedCandidates {
  const { tf, config: { padId, startId, vocabSize } } = t5;
  const labels = padTokens(prompts.flatMap(() => candidates), padId);
  const decoded = decode(t5, encodeTexts(t5, prompts), shiftRight(labels, startId));
  const logits = head(t5, decoded);
  const chosen = tf.oneHot(tf.tensor1d(labels.ids, "int32"), vocabSize);
  const chosenLogits = tf.sum(tf.mul(logits, chosen), -1);
  const tokens = normalisation === "logits"
    ? chosenLogits
    : tf.sub(chosenLogits, tf.logSumExp(logits, -1));
  const mask = tf.tensor1d(Float32Array.from(labels.mask));
  const rows = tf.reshape(tf.mul(tokens, mask), [
    prompts.length,
    candidates.length,
    labels.columns,
  ]);
  const sums = tf.sum(rows, -1);
  const lengths = Float32Array.from(candidates, ({ length }) => length);
  const scores = {
    sum: () => sums,
    mean: () => tf.div(sums, tf.tensor1d(lengths)),
    // Every missing token of a shorter candidate counts as 1.
    logits: () => tf.add(sums, tf.tensor1d(lengths.map((length) => labels.columns - length))),
  }[normalisation]();
  return { scores, states: firstOf(t5, decoded, prompts.length) };
}

/**
 * The decoder's last hidden state at its start token, B x dModel: what the model knows of a prompt
 * before it says anything.
 */
export function firstStates(t5: T5, prompts: Sequences): Tensor {
  const starts = padTokens(prompts.map(() => [t5.config.startId]), t5.config.padId);
  return firstOf(t5, decode(t5, encodeTexts(t5, prompts), starts), prompts.length);
}

function encodeTexts(t5: T5, prompts: Sequences): Encoded {
  return encode(t5, padTokens(prompts, t5.config.padId));
}

/** The first position of each prompt's rows, without the factor that a tied head asks for. */
function firstOf({ tf, config: { dModel, tied } }: T5, decoded: Tensor, prompts: number): Tensor {
  const rows = tf.reshape(decoded, [prompts, -1, dModel]);
  const first = tf.reshape(tf.slice(rows, [0, 0, 0], [prompts, 1, dModel]), [prompts, dModel]);
  return tied ? tf.mul(first, dModel ** 0.5) : first;
}
