// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * What a policy makes of a teacher's distribution p over its actions, which stands `offset` bytes into
 * the rows of `told`. A row of zeros is a silent teacher.
 */
import { count, rowOf, rows } from "./frame.ts";
import { add, logSumExp } from "./losses.ts";
import { exp1, log } from "./simd.ts";

/** The least probability that a trusted teacher's word comes to: it may be sure and wrong. */
const LEAST: f32 = 1e-3;

/** The sum of a row of numbers. */
function total(x: usize, length: i32): f32 {
  let sum: f32 = 0;
  for (let j = 0; j < length; j++) sum += load<f32>(x + (j << 2));
  return sum;
}

/**
 * logits += softplus(z) log p, nothing in silence. log p is kept in `logs`, rows of `stride` bytes, for
 * the gradients.
 */
export function lean(
  told: usize,
  toldRow: i32,
  offset: i32,
  z: usize,
  zRow: i32,
  logits: usize,
  logs: usize,
  stride: i32,
  actions: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const p = told + i * toldRow + offset, at = i * stride;
    const spoke = total(p, actions) > 0;
    const x = load<f32>(z + i * zRow);
    const trust = max<f32>(x, 0) + log(<f32> 1 + exp1(-abs(x)));
    for (let j = 0; j < actions; j++) {
      const k = at + (j << 2);
      const logP = spoke ? log(max(load<f32>(p + (j << 2)), LEAST)) : 0;
      store<f32>(logs + k, logP);
      store<f32>(logits + k, load<f32>(logits + k) + trust * logP);
    }
  }
}

/** dz = sigmoid(z) sum of dlogits log p; adds the mean trust to `sums`. */
export function leanGrads(
  z: usize,
  dz: usize,
  zRow: i32,
  dLogits: usize,
  logs: usize,
  stride: i32,
  actions: i32,
  share: f32,
  sums: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const at = i * stride;
    const x = load<f32>(z + i * zRow);
    let grad: f32 = 0;
    for (let j = 0; j < actions; j++) {
      const k = at + (j << 2);
      grad += load<f32>(dLogits + k) * load<f32>(logs + k);
    }
    store<f32>(dz + i * zRow, grad / (<f32> 1 + exp1(-x)));
    add(sums, 0, max<f32>(x, 0) + log(<f32> 1 + exp1(-abs(x))), share);
  }
}

/**
 * At `to`: 1 / the number of the call's rows in which the teacher spoke, in all steps, each `shift` rows
 * on; or 1 where it never did.
 */
export function countSpoken(
  data: usize,
  row: i32,
  offset: i32,
  actions: i32,
  to: usize,
  steps: i32,
  shift: i32,
): void {
  let spoken = 0;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < count; i++) {
      if (total(data + rowOf(i, t * shift) * row + offset, actions) > 0) spoken++;
    }
  }
  store<f32>(to, <f32> 1 / <f32> max(spoken, 1));
}

/**
 * Adds to a policy's loss c C with C the mean of -sum_a p(a) log P(a) over the rows in which the teacher
 * spoke: dlogits += c (P sum p - p) each. Sums: the loss, at `losses`, and C, at `sums`.
 *
 * @param scale 1 / the rows in which it spoke. @param weight c. @param scratch A row.
 */
export function imitate(
  told: usize,
  toldRow: i32,
  offset: i32,
  logits: usize,
  dLogits: usize,
  stride: i32,
  actions: i32,
  scratch: usize,
  scale: usize,
  weight: usize,
  losses: usize,
  sums: usize,
): void {
  const each = load<f32>(scale), c = load<f32>(weight);
  for (let i = 0; i < rows; i++) {
    const p = told + i * toldRow + offset, at = i * stride;
    const whole = total(p, actions);
    if (whole <= 0) continue;
    const shiftBy = logSumExp(logits + at, scratch, stride, actions);
    let crossEntropy: f32 = 0;
    for (let j = 0; j < actions; j++) {
      const d = dLogits + at + (j << 2), likely = load<f32>(p + (j << 2));
      crossEntropy -= likely * (load<f32>(logits + at + (j << 2)) - shiftBy);
      const grad = load<f32>(scratch + (j << 2)) * whole - likely;
      store<f32>(d, load<f32>(d) + c * each * grad);
    }
    add(losses, 0, crossEntropy, c * each);
    add(sums, 0, crossEntropy, each);
  }
}
