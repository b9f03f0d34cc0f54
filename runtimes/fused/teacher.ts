/** How a fused policy uses a teacher's distribution over its actions. */
import type { Block } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import { padded } from "./parameters.ts";
import type { Rows, Table, Tape } from "./tape.ts";

/** Where a teacher's distribution stands in rows of data; a row of zeros is a silent teacher. */
export interface GuidanceRows {
  /** The rows of a minibatch. */
  readonly rows: Rows;
  /** Its first column. */
  readonly column: number;
}

/** A policy's step that leans on the teacher. */
export interface Leaning {
  /** [A] f(s, x), which become the logits of the policy. */
  readonly logits: Table;
  /** [1] what trust is made of. */
  readonly z: Table;
  /** The chunk's rows of what the teacher said. */
  readonly told: Table;
}

/**
 * Makes logits lean on the teacher, in place: f(s, x) + softplus(z) log p, with p held above 0.001 and
 * nothing added in silence.
 *
 * @param steps One for a network without memory. @param column The distribution's first in `told`.
 * @returns [1] the mean trust, softplus(z), of the last call.
 */
export function lean(tape: Tape, steps: readonly Leaning[], column: number): Block<Float64Array> {
  const sums = tape.sums(1);
  for (const { logits: { at, grads, stride, width }, z, told } of steps) {
    const logs = tape.table(width, false).at;
    const from = [told.at, told.stride, 4 * column];
    tape.emit("body", Op.Lean, ...from, z.at, z.stride, at, logs, stride, width);
    tape.note(() => {
      tape.reach(z);
      const of = [z.at, z.grads, z.stride, grads, logs, stride, width];
      tape.emit("body", Op.LeanGrads, ...of, steps.length, tape.addressOf(sums));
    });
  }
  return sums;
}

/**
 * Adds c C to the loss of a policy, with C the mean of -sum_a p(a) log P(a) over the rows in which the
 * teacher spoke. To be called before the loss itself, whose gradients it adds to.
 *
 * @param steps The logits of each step; one for a network without memory.
 * @param told What the teacher said; `shift` rows on at each step. @param losses The loss is its first sum.
 * @returns `weight` [1] is c, 1 at first; `sums` [1] is C of the last call.
 */
export function imitate(
  tape: Tape,
  steps: readonly Table[],
  { rows, column }: GuidanceRows,
  losses: () => Block<Float64Array>,
  shift = 0,
): { weight: Block<Float32Array>; sums: Block<Float64Array> } {
  const { arena } = tape;
  const { width } = steps[0]!;
  const sums = tape.sums(1);
  const weight = arena.floats(1);
  weight.view[0] = 1;
  const scale = arena.floats(1).at;
  const scratch = tape.room(4 * padded(width));
  const offset = 4 * column;
  tape.emit(
    "head",
    Op.CountSpoken,
    ...[rows.data.at, 4 * rows.stride, offset, width, scale, steps.length, shift],
  );
  steps.forEach(({ at, grads, stride }, t) => {
    const told = tape.gather(rows, t * shift);
    tape.note(() =>
      tape.emit(
        "body",
        Op.Imitate,
        ...[told.at, told.stride, offset, at, grads, stride, width],
        ...[scratch, scale, weight.at, tape.addressOf(losses()), tape.addressOf(sums)],
      )
    );
  });
  return { weight, sums };
}
