/** How a fused policy uses a teacher's distribution over its actions. */
import type { Block } from "./arena.ts";
import { Op } from "./assembly/ops.ts";
import { padded } from "./parameters.ts";
import type { Rows, Table, Tape } from "./tape.ts";

/** Where a teacher's distribution stands in rows of data; a row of zeros is a silent teacher. */
export interface Told {
  readonly rows: Rows;
  /** Its first column. */
  readonly column: number;
}

/**
 * Makes logits lean on the teacher, in place: f(s, x) + softplus(z) log p, with p held above 0.001 and
 * nothing added in silence.
 *
 * @param z [1] what trust is made of. @param told The chunk's rows of what the teacher said.
 * @returns [1] the mean trust, softplus(z), of the last call.
 */
export function lean(tape: Tape, logits: Table, z: Table, told: Table, column: number): Block<
  Float64Array
> {
  const { width, stride } = logits;
  const sums = tape.arena.doubles(1);
  const logs = tape.table(width, false);
  tape.emit("head", Op.Clear, sums.at, 8);
  tape.emit(
    "body",
    Op.Lean,
    ...[told.at, told.stride, 4 * column, z.at, z.stride, logits.at, logs.at, stride, width],
  );
  tape.note(() => {
    tape.reach(z);
    tape.emit(
      "body",
      Op.LeanSlopes,
      ...[z.at, z.slopes, z.stride, logits.slopes, logs.at, stride, width, 1, sums.at],
    );
  });
  return sums;
}

/**
 * Adds c C to the loss of a policy, with C the mean of -sum_a p(a) log P(a) over the rows in which the
 * teacher spoke. To be called before the loss itself, whose slopes it adds to.
 *
 * @param told What the teacher said. @param losses The loss is its first sum.
 * @returns `weight` [1] is c, 1 at first; `sums` [1] is C of the last call.
 */
export function imitate(
  tape: Tape,
  logits: Table,
  { rows, column }: Told,
  losses: () => Block<Float64Array>,
): { weight: Block<Float32Array>; sums: Block<Float64Array> } {
  const { arena } = tape;
  const { width, stride } = logits;
  const sums = arena.doubles(1);
  const weight = arena.floats(1);
  weight.view[0] = 1;
  const scale = arena.floats(1).at;
  const scratch = arena.floats(padded(width)).at;
  const offset = 4 * column;
  tape.emit("head", Op.Clear, sums.at, 8);
  tape.emit("head", Op.CountSpoken, rows.data.at, 4 * rows.stride, offset, width, scale);
  const told = tape.gather(rows);
  tape.note(() =>
    tape.emit(
      "body",
      Op.Imitate,
      ...[told.at, told.stride, offset, logits.at, logits.slopes, stride, width],
      ...[scratch, scale, weight.at, losses().at, sums.at],
    )
  );
  return { weight, sums };
}
