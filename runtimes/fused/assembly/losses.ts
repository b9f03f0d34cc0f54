// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * Losses: each adds its terms to sums of doubles and writes the gradients of its inputs. `share` is the
 * weight of one row, 1 / rows of the whole call (times its steps). Tables of heads are padded to a
 * multiple of 8 columns; the padding's gradients are zero from the start and stay so.
 */
import { count, placeOf, rowOf, rows } from "./frame.ts";
import { exp1, log } from "./simd.ts";
import { expRow } from "./layers.ts";

/** Adds a share of a value to one of the sums. */
export function add(sums: usize, term: i32, value: f32, share: f32): void {
  const at = sums + (term << 3);
  store<f64>(at, load<f64>(at) + <f64> value * <f64> share);
}

function f32At(table: usize, index: i32): f32 {
  return load<f32>(table + (<usize> index << 2));
}

/**
 * Mean and scale that standardise targets - values over the rows of the call in all its steps, each
 * `shift` rows on, as two numbers at `to`: (x - mean) x scale has mean 0 and deviation 1.
 */
export function standardise(
  targets: usize,
  values: usize,
  to: usize,
  steps: i32,
  shift: i32,
): void {
  const size = <f64> (count * steps);
  let mean: f64 = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < count; i++) {
      const at = rowOf(i, t * shift);
      mean += f32At(targets, at) - f32At(values, at);
    }
  }
  mean /= size;
  let squares: f64 = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < count; i++) {
      const at = rowOf(i, t * shift);
      const centred = <f64> (f32At(targets, at) - f32At(values, at)) - mean;
      squares += centred * centred;
    }
  }
  store<f32>(to, <f32> mean);
  store<f32>(to, <f32> (1 / (sqrt(squares / size) + 1e-8)), 4);
}

/** loss += mean over rows and columns of (y - target)^2. */
export function squaredError(
  y: usize,
  dy: usize,
  stride: i32,
  width: i32,
  targets: usize,
  targetRow: i32,
  shift: i32,
  share: f32,
  sums: usize,
): void {
  const each = share / <f32> width;
  for (let i = 0; i < rows; i++) {
    const target = targets + rowOf(i, shift) * targetRow, at = i * stride;
    let total: f32 = 0;
    for (let j = 0; j < width; j++) {
      const error = load<f32>(y + at + (j << 2)) - load<f32>(target + (j << 2));
      total += error * error;
      store<f32>(dy + at + (j << 2), 2 * each * error);
    }
    add(sums, 0, total, each);
  }
}

/**
 * The loss of a policy with V and, where `q` is not 0, Q. With clip e > 0 (PPO, arXiv 1707.06347):
 *
 * L = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2)
 * - c_h mean(H), with r = P(a) / P_old(a); with clip 0 (actor-critic): -mean(A log P(a)) in place of
 * the first term. A = (G - V_old - mean) x scale.
 *
 * Sums: loss, policy loss, value loss, Q loss, entropy, mean((r - 1) - log r), share of |r - 1| > e.
 */
export function policyLoss(
  logits: usize,
  dLogits: usize,
  stride: i32,
  actions: i32,
  q: usize,
  dq: usize,
  v: usize,
  dv: usize,
  vStride: i32,
  chosen: usize,
  oldLogProbs: usize,
  targets: usize,
  oldValues: usize,
  standard: usize,
  options: usize,
  shift: i32,
  share: f32,
  sums: usize,
): void {
  const clip = load<f32>(options), entropyWeight = load<f32>(options, 4);
  const valueWeight = load<f32>(options, 8), qWeight = load<f32>(options, 12);
  for (let i = 0; i < rows; i++) {
    const row = rowOf(i, shift), at = i * stride;
    const action = at + (load<i32>(chosen + (row << 2)) << 2);
    const target = f32At(targets, row);
    const advantage = (target - f32At(oldValues, row) - load<f32>(standard)) *
      load<f32>(standard, 4);

    const d = dLogits + at;
    const shiftBy = logSumExp(logits + at, d, stride, actions);
    let entropy: f32 = 0;
    for (let j = 0; j < actions; j++) {
      const logProb = load<f32>(logits + at + (j << 2)) - shiftBy;
      entropy -= load<f32>(d + (j << 2)) * logProb;
    }
    const logProb = load<f32>(logits + action) - shiftBy;
    const logRatio = logProb - f32At(oldLogProbs, row);
    const ratio = exp1(logRatio);
    const free = ratio * advantage;
    const bounded = max<f32>(<f32> 1 - clip, min<f32>(<f32> 1 + clip, ratio)) * advantage;
    const gain = clip > 0 ? min(free, bounded) : logProb * advantage;
    let grad: f32 = clip > 0 ? (free <= bounded ? -free : 0) : -advantage;
    grad *= share;
    for (let j = 0; j < actions; j++) {
      const p = load<f32>(d + (j << 2));
      const logP = load<f32>(logits + at + (j << 2)) - shiftBy;
      store<f32>(d + (j << 2), entropyWeight * share * p * (logP + entropy) - grad * p);
    }
    store<f32>(dLogits + action, load<f32>(dLogits + action) + grad);

    const valueError = load<f32>(v + i * vStride) - target;
    store<f32>(dv + i * vStride, valueWeight * 2 * share * valueError);
    let qError: f32 = 0;
    if (q) {
      qError = load<f32>(q + action) - target;
      for (let j = 0; j < actions; j++) store<f32>(dq + at + (j << 2), 0);
      store<f32>(dq + action, qWeight * 2 * share * qError);
    }
    const squares = valueWeight * valueError * valueError + qWeight * qError * qError;
    add(sums, 0, squares - gain - entropyWeight * entropy, share);
    add(sums, 1, -gain, share);
    add(sums, 2, valueError * valueError, share);
    add(sums, 3, qError * qError, share);
    add(sums, 4, entropy, share);
    add(sums, 5, ratio - 1 - logRatio, share);
    add(sums, 6, abs(ratio - 1) > clip ? 1 : 0, share);
  }
}

/**
 * The loss of past steps with the return R that followed (self-imitation, arXiv 1806.05635), by a
 * weight w: L = w mean(-log P(a) g + g^2 / 2) with g = max(R - V, 0), which is a constant to the policy.
 *
 * Sums: L / w.
 */
export function replayLoss(
  logits: usize,
  dLogits: usize,
  stride: i32,
  actions: i32,
  v: usize,
  dv: usize,
  vStride: i32,
  chosen: usize,
  returns: usize,
  weight: usize,
  share: f32,
  sums: usize,
): void {
  const each = load<f32>(weight) * share;
  for (let i = 0; i < rows; i++) {
    const row = rowOf(i, 0), at = i * stride;
    const action = at + (load<i32>(chosen + (row << 2)) << 2);
    const gain = max<f32>(f32At(returns, row) - load<f32>(v + i * vStride), 0);
    const d = dLogits + at;
    const shiftBy = logSumExp(logits + at, d, stride, actions);
    const logProb = load<f32>(logits + action) - shiftBy;
    const grad = each * gain;
    for (let j = 0; j < actions; j++) {
      store<f32>(d + (j << 2), grad * load<f32>(d + (j << 2)));
    }
    store<f32>(dLogits + action, load<f32>(dLogits + action) - grad);
    store<f32>(dv + i * vStride, -grad);
    add(sums, 0, gain * gain / 2 - logProb * gain, share);
  }
}

/** log of the sum of e^x over a row; writes e^x / that sum, the softmax, to `probabilities`. */
export function logSumExp(x: usize, probabilities: usize, stride: i32, length: i32): f32 {
  let largest = load<f32>(x);
  for (let j = 1; j < length; j++) largest = max(largest, load<f32>(x + (j << 2)));
  expRow(x, largest, probabilities, stride);
  let total: f32 = 0;
  for (let j = 0; j < length; j++) total += load<f32>(probabilities + (j << 2));
  const one = <f32> 1 / total;
  for (let j = 0; j < length; j++) {
    store<f32>(probabilities + (j << 2), load<f32>(probabilities + (j << 2)) * one);
  }
  for (let j = length << 2; j < stride; j += 4) store<f32>(probabilities + j, 0);
  return largest + log(total);
}

/** Rows of probabilities, Q and V, one behind the other, at the rows' places in the call. */
export function policyRows(
  logits: usize,
  stride: i32,
  actions: i32,
  q: usize,
  v: usize,
  vStride: i32,
  scratch: usize,
  to: usize,
  toRow: i32,
): void {
  const width = actions << 2;
  for (let i = 0; i < rows; i++) {
    let out = to + placeOf(i) * toRow;
    if (logits) {
      logSumExp(logits + i * stride, scratch, stride, actions);
      copy(scratch, out, width);
      out += width;
    }
    if (q) {
      copy(q + i * stride, out, width);
      out += width;
    }
    store<f32>(out, load<f32>(v + i * vStride));
  }
}

/** The logit of an action that is not legal. */
const ILLEGAL: f32 = -1e9;

/** logits [A] become ILLEGAL where `legal` [rows, A] is 0, `shift` rows on. */
export function mask(legal: usize, actions: i32, logits: usize, stride: i32, shift: i32): void {
  for (let i = 0; i < rows; i++) {
    const own = legal + rowOf(i, shift) * actions, at = logits + i * stride;
    for (let j = 0; j < actions; j++) {
      if (!load<u8>(own + j)) store<f32>(at + (j << 2), ILLEGAL);
    }
  }
}

/** Copies numbers one by one: the engine's own copy is a call that costs more than a few of them. */
function copy(from: usize, to: usize, width: i32): void {
  for (let k = 0; k < width; k += 4) store<f32>(to + k, load<f32>(from + k));
}
