/**
 * The encoder and the decoder of a T5 (Raffel et al., 2020) as functions of its weights, with
 * gradients. The residual stream is kept as a matrix, positions x dModel, for the sake of fast
 * matrix products; B prompts, S positions, T decoder positions, H heads.
 */

import type { Tensor, TensorFlow } from "../tfjs/tfjs.ts";
import type { T5Config } from "./config.ts";
import { bucketTable } from "./position.ts";
import type { TokenBatch } from "./tokens.ts";

/**
 * What the functions below need of a model.
 *
 * @internal
 */
export interface T5Weights {
  readonly tf: TensorFlow;
  readonly config: T5Config;
  /** A parameter by its Hugging Face name; x weight(name)^T, for the linear maps. */
  weight(name: string): Tensor;
  linear(x: Tensor, name: string): Tensor;
}

/**
 * An encoder's last hidden states, B S x dModel, with the batch they belong to.
 *
 * @internal
 */
export interface Encoded {
  readonly states: Tensor;
  readonly batch: TokenBatch;
}

/** Added to the scores of positions that may not be attended to. */
const MASKED = -1e9;

/** Runs the encoder. */
export function encode(model: T5Weights, batch: TokenBatch): Encoded {
  const { tf, config: { encoderLayers } } = model;
  const { rows, columns } = batch;
  const mask = paddingMask(tf, batch);
  const bias = tf.add(positionBias(model, "encoder", columns), mask);
  let x = embed(model, batch);
  for (let block = 0; block < encoderLayers; block++) {
    const at = `encoder.block.${block}.layer`;
    const normed = rmsNorm(model, x, `${at}.0.layer_norm.weight`);
    const name = `${at}.0.SelfAttention`;
    const keys = keysAndValues(model, normed, name, rows, columns);
    x = x.add(attend(model, normed, keys, bias, name, rows, columns));
    x = x.add(feedForward(model, rmsNorm(model, x, `${at}.1.layer_norm.weight`), at, 1));
  }
  return { states: rmsNorm(model, x, "encoder.final_layer_norm.weight"), batch };
}

/**
 * Runs the decoder over whole sequences and gives its last hidden states, B T x dModel, as the head
 * takes them.
 *
 * @param batch The decoder's input: the start token, then the tokens so far. Several rows may follow
 * each prompt, as many behind every one.
 */
export function decode(model: T5Weights, encoded: Encoded, batch: TokenBatch): Tensor {
  const { tf, config: { decoderLayers, tied, dModel } } = model;
  const { rows, columns } = batch;
  // A prompt's rows ask its encoder's states as if they were one.
  const asking = rows * columns / encoded.batch.rows;
  const causal = tf.add(positionBias(model, "decoder", columns), causalMask(tf, columns));
  const padding = paddingMask(tf, encoded.batch);
  let x = embed(model, batch);
  for (let block = 0; block < decoderLayers; block++) {
    const at = `decoder.block.${block}.layer`;
    let normed = rmsNorm(model, x, `${at}.0.layer_norm.weight`);
    let name = `${at}.0.SelfAttention`;
    let keys = keysAndValues(model, normed, name, rows, columns);
    x = x.add(attend(model, normed, keys, causal, name, rows, columns));
    normed = rmsNorm(model, x, `${at}.1.layer_norm.weight`);
    name = `${at}.1.EncDecAttention`;
    keys = keysAndValues(model, encoded.states, name, encoded.batch.rows, encoded.batch.columns);
    x = x.add(attend(model, normed, keys, padding, name, encoded.batch.rows, asking));
    x = x.add(feedForward(model, rmsNorm(model, x, `${at}.2.layer_norm.weight`), at, 2));
  }
  x = rmsNorm(model, x, "decoder.final_layer_norm.weight");
  return tied ? x.mul(dModel ** -0.5) : x;
}

/** The logits of the decoder's states, positions x vocabulary. */
export function head(model: T5Weights, states: Tensor): Tensor {
  return model.linear(states, model.config.tied ? "shared.weight" : "lm_head.weight");
}

function embed({ tf, weight }: T5Weights, { ids }: TokenBatch): Tensor {
  return tf.gather(weight("shared.weight"), tf.tensor1d(ids, "int32"));
}

/** x / sqrt(mean(x^2) + epsilon) * weight: no mean is taken off and no bias added. */
function rmsNorm({ tf, config, weight }: T5Weights, x: Tensor, name: string): Tensor {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), config.epsilon));
  return tf.mul(tf.mul(x, scale), weight(name));
}

function feedForward({ tf, config, linear }: T5Weights, x: Tensor, at: string, layer: number) {
  const name = (part: string) => `${at}.${layer}.DenseReluDense.${part}.weight`;
  const hidden = config.feedForward === "relu"
    ? tf.relu(linear(x, name("wi")))
    : tf.mul(gelu(tf, linear(x, name("wi_0"))), linear(x, name("wi_1")));
  return linear(hidden, name("wo"));
}

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), as x sigmoid(2 ...): the same by tanh's definition. */
export function gelu(tf: TensorFlow, x: Tensor): Tensor {
  const inner = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1));
  return tf.mul(x, tf.sigmoid(tf.mul(inner, 2 * Math.sqrt(2 / Math.PI))));
}

interface KeysAndValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

function keysAndValues(
  model: T5Weights,
  x: Tensor,
  name: string,
  rows: number,
  columns: number,
): KeysAndValues {
  return {
    keys: splitHeads(model, model.linear(x, `${name}.k.weight`), rows, columns),
    values: splitHeads(model, model.linear(x, `${name}.v.weight`), rows, columns),
  };
}

/** Attention without T5's missing division by sqrt(dKv); `bias` broadcasts to B x H x T x S. */
function attend(
  model: T5Weights,
  x: Tensor,
  { keys, values }: KeysAndValues,
  bias: Tensor,
  name: string,
  rows: number,
  columns: number,
): Tensor {
  const { tf, config: { heads, dKv } } = model;
  const queries = splitHeads(model, model.linear(x, `${name}.q.weight`), rows, columns);
  const scores = tf.add(tf.matMul(queries, keys, false, true), bias);
  const mixed = tf.matMul(tf.softmax(scores), values);
  const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows * columns, heads * dKv]);
  return model.linear(merged, `${name}.o.weight`);
}

/** B S x H dKv to B x H x S x dKv. */
function splitHeads({ tf, config }: T5Weights, x: Tensor, rows: number, columns: number): Tensor {
  const split = tf.reshape(x, [rows, columns, config.heads, config.dKv]);
  return tf.transpose(split, [0, 2, 1, 3]);
}

/** The learned bias of each pair of positions, 1 x H x columns x columns; all blocks share it. */
function positionBias(
  { tf, config, weight }: T5Weights,
  side: "encoder" | "decoder",
  columns: number,
): Tensor {
  const buckets = bucketTable(columns, columns, side === "encoder", config);
  const table = weight(`${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`);
  const pairs = tf.gather(table, tf.tensor1d(buckets, "int32"));
  return tf.reshape(tf.transpose(pairs), [1, config.heads, columns, columns]);
}

/** 0 at tokens and -1e9 at padding, B x 1 x 1 x S. */
function paddingMask(tf: TensorFlow, { rows, columns, mask }: TokenBatch): Tensor {
  const values = Float32Array.from(mask, (present) => present ? 0 : MASKED);
  return tf.tensor4d(values, [rows, 1, 1, columns]);
}

/** 0 at and before the query and -1e9 after it, 1 x 1 x T x T. */
function causalMask(tf: TensorFlow, columns: number): Tensor {
  const values = Float32Array.from(
    { length: columns * columns },
    (_, index) => index % columns > Math.floor(index / columns) ? MASKED : 0,
  );
  return tf.tensor4d(values, [1, 1, columns, columns]);
}
