/** Losses of fused programs. Each writes the gradients of its inputs and adds its terms to sums. */
import type { Block } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import type { Rows, Table, Tape } from "./tape.ts";

/**
 * Logits of actions that are not legal become -10^9, in place: their probability is 0 but for rounding.
 *
 * @param legal [rows, A] 1 where an action is legal; `shift` rows on.
 */
export function mask(tape: Tape, logits: Table, legal: Block<Uint8Array>, shift = 0): void {
  const { at, stride, width } = logits;
  tape.emit("body", Op.Mask, legal.at, width, at, stride, shift);
}

/** What a policy's rows say of the step that was taken. All of one length. */
export interface PolicyData {
  /** a_t. */
  readonly actions: Block<Int32Array>;
  /** log P(a_t) when the action was taken. */
  readonly logProbs: Block<Float32Array>;
  /** G_t. */
  readonly targets: Block<Float32Array>;
  /** V(s_t) when the action was taken: the advantage is G_t - V(s_t). */
  readonly values: Block<Float32Array>;
}

/** Heads of an actor-critic: logits [A], Q [A] where there is one, V [1]. */
export interface PolicyHeads {
  /** [B, A] logits of the policy. */
  readonly logits: Table;
  /** [B, A] Q; absent where none is learned. */
  readonly qValues?: Table;
  /** [B, 1] V. */
  readonly values: Table;
}

/** Weights and range of {@linkcode policyLoss}. */
export interface PolicyLossOptions {
  /** Range of the probability ratio (PPO); 0 for the plain actor-critic's loss. */
  readonly clip: number;
  /** Weight of the entropy bonus. */
  readonly entropy: number;
  /** Weight of V's squared error. */
  readonly valueLoss: number;
  /** Weight of Q's squared error. */
  readonly qLoss: number;
  /** Whether advantages are standardised over the call's rows in all steps. */
  readonly standardise: boolean;
}

/** The terms that {@linkcode policyLoss} sums, in order. */
const POLICY_TERMS = [
  "loss",
  "policyLoss",
  "valueLoss",
  "qLoss",
  "entropy",
  "approxKl",
  "clipFraction",
] as const;

/**
 * The loss of PPO or of a plain actor-critic; see policyLoss of assembly/losses.ts for the equation.
 *
 * @param heads One a step: for a recurrent network the heads of step t, whose data stand t x `rows` on.
 * @returns [7] the means of {@linkcode POLICY_TERMS} over the last call.
 */
export function policyLoss(
  tape: Tape,
  heads: readonly PolicyHeads[],
  data: PolicyData,
  options: PolicyLossOptions,
  rows = 0,
): Block<Float64Array> {
  const { arena } = tape;
  const sums = tape.sums(POLICY_TERMS.length);
  const weights = arena.floats(4);
  weights.view.set([options.clip, options.entropy, options.valueLoss, options.qLoss]);
  const standard = arena.floats(2);
  standard.view.set([0, 1]);
  const { targets, values } = data;
  const addresses = [data.actions, data.logProbs, targets, values].map((x) => x.at);
  if (options.standardise) {
    const steps = [heads.length, rows];
    tape.emit("head", Op.Standardise, targets.at, values.at, standard.at, ...steps);
  }
  heads.forEach((head, step) => {
    for (const table of [head.logits, head.values, head.qValues]) if (table) tape.reach(table);
    const { logits, qValues, values } = head;
    tape.note(() =>
      tape.emit(
        "body",
        Op.PolicyLoss,
        ...[logits.at, logits.grads, logits.stride, logits.width],
        ...[qValues?.at ?? 0, qValues?.grads ?? 0, values.at, values.grads, values.stride],
        ...[...addresses, standard.at, weights.at],
        ...[step * rows, heads.length, tape.addressOf(sums)],
      )
    );
  });
  return sums;
}

/** Past steps: what was done, and the return that followed. Both of one length. */
export interface ReplayData {
  /** a_t. */
  readonly actions: Block<Int32Array>;
  /** R_t. */
  readonly returns: Block<Float32Array>;
}

/**
 * The loss of past steps, by a weight; see replayLoss of assembly/losses.ts for the equation.
 *
 * @returns [1] the loss of the last call before it was weighed.
 */
export function replayLoss(
  tape: Tape,
  { logits, values }: Pick<PolicyHeads, "logits" | "values">,
  { actions, returns }: ReplayData,
  weight: number,
): Block<Float64Array> {
  const sums = tape.sums(1);
  const by = tape.arena.floats(1);
  by.view[0] = weight;
  for (const table of [logits, values]) tape.reach(table);
  tape.note(() =>
    tape.emit(
      "body",
      Op.ReplayLoss,
      ...[logits.at, logits.grads, logits.stride, logits.width],
      ...[values.at, values.grads, values.stride],
      ...[actions.at, returns.at, by.at, tape.addressOf(sums)],
    )
  );
  return sums;
}

/**
 * Rows of what a policy says: probabilities [A] and Q [A], where there are such heads, and V [1], one
 * behind the other.
 *
 * @returns [rows, (A +) (A +) 1] of the last call.
 */
export function policyRows(
  tape: Tape,
  heads: Partial<PolicyHeads> & Pick<PolicyHeads, "values">,
  rows: number,
): Block<Float32Array> {
  const { logits, qValues, values } = heads;
  const { width: actions, stride } = logits ?? qValues ?? { width: 0, stride: 0 };
  const width = (logits ? actions : 0) + (qValues ? actions : 0) + 1;
  const out = tape.arena.floats(rows * width);
  const scratch = tape.room(stride);
  tape.emit(
    "body",
    Op.PolicyRows,
    ...[logits?.at ?? 0, stride, actions, qValues?.at ?? 0, values.at, values.stride],
    ...[scratch, out.at, 4 * width],
  );
  return out;
}

/** Mean of (y - target)^2 over rows and columns. @returns [1] the loss of the last call. */
export function squaredError(tape: Tape, outputs: Table, targets: Rows): Block<Float64Array> {
  const sums = tape.sums(1);
  tape.reach(outputs);
  tape.note(() =>
    tape.emit(
      "body",
      Op.SquaredError,
      ...[outputs.at, outputs.grads, outputs.stride, outputs.width],
      ...[targets.data.at, 4 * targets.stride, 0, 1, tape.addressOf(sums)],
    )
  );
  return sums;
}
