// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** The interpreter of fused programs: a whole forward pass or gradient step is one call of `run`. */
import { adam, beginAdam, norm } from "./adam.ts";
import { columns, columnsGrads, finishColumns, prepareColumns } from "./columns.ts";
import { begin, count, moveTo, placeOf, rowOf, rows } from "./frame.ts";
import { addTransposedProduct, product } from "./gemm.ts";
import {
  call,
  calledLength,
  calledOrder,
  calledProgram,
  hear,
  join,
  lane,
  lanes,
  meet,
} from "./lanes.ts";
import {
  addBits,
  addGrads,
  addRows,
  addSums,
  copyRow,
  gruRow,
  gruRowGrads,
  keepRow,
  keepRowGrads,
  reluAll,
  reluGrads,
  tanhAll,
  tanhGrads,
  transpose,
} from "./layers.ts";
import { mask, policyLoss, policyRows, replayLoss, squaredError, standardise } from "./losses.ts";
import { mapGrads, maps, queries, queryGrads } from "./maps.ts";
import { FIRST_SHARED, Op, WORDS } from "./ops.ts";
import { countSpoken, imitate, lean, leanGrads } from "./teacher.ts";

import { nothing } from "./simd.ts";

export { nothing }; // only so that the compiler cannot take it for a constant

/**
 * Runs a program on the rows `order[0 .. length)`, or 0 .. length - 1 where `order` is 0: its head once,
 * its body and the gradients of the weights on one chunk of rows after the other, its tail once. Lanes
 * take turns at chunks, each with the body in a region of memory of its own, until each slot holds what
 * a chunk left. Then they share the work on the gradients of one chunk after the other: chunks count in
 * the same order for any number of lanes and of slots.
 *
 * @param program Words: address and number of instructions of head and tail, the rows of a chunk, the
 * number of slots, a multiple of that of lanes, and for each of them address and number of
 * instructions of body and gradients.
 */
export function run(program: usize, order: usize, length: i32): void {
  const chunk = load<i32>(program, 16), slots = load<i32>(program, 20);
  begin(order, length);
  share(load<i32>(program), load<i32>(program, 4), false);
  if (load<i32>(program, 4)) meet();
  const grads = load<i32>(program, 36);
  for (let first = 0; first < length; first += chunk * slots) {
    for (let s = lane; s < slots; s += lanes) {
      if (!toChunk(first + s * chunk, chunk, length)) break;
      const slot = program + 24 + (s << 4);
      execute(load<i32>(slot), load<i32>(slot, 4));
    }
    if (!grads) continue;
    meet();
    for (let s = 0; s < slots; s++) {
      if (!toChunk(first + s * chunk, chunk, length)) break;
      share(load<i32>(program + (s << 4), 32), grads, false);
    }
    meet();
  }
  if (!grads) meet();
  moveTo(0, length);
  share(load<i32>(program, 8), load<i32>(program, 12), true);
}

/** As {@linkcode run}, with the other lanes. */
export function lead(program: usize, order: usize, length: i32, words: usize, number: i32): void {
  join(words, 0, number);
  call(program, order, length);
  run(program, order, length);
  join(words, 0, 1);
}

/** Runs what is called, as lane `place` of `number`, until all is over. */
export function follow(words: usize, place: i32, number: i32): void {
  join(words, place, number);
  for (let known = 0; hear(known); known++) run(calledProgram(), calledOrder(), calledLength());
}

/** Moves to a chunk, if there is one. */
function toChunk(first: i32, chunk: i32, length: i32): bool {
  if (first >= length) return false;
  moveTo(first, min(chunk, length - first));
  return true;
}

/** Executes instructions, each by all lanes or by one, in turn; they meet after each if `inTurn`. */
function share(program: usize, length: i32, inTurn: bool): void {
  for (let k = 0; k < length; k++) {
    const at = program + k * (WORDS << 2);
    if (load<i32>(at) >= FIRST_SHARED || k % lanes == lane) execute(at, 1);
    if (inTurn) meet();
  }
}

/** Operand k of the instruction at `at`. */
function int(at: usize, k: usize): i32 {
  return load<i32>(at + (k << 2), 4);
}

/** The weight of one row in a mean over `steps` steps of the call's rows. */
function shareOf(steps: i32): f32 {
  return 1 / <f32> (count * steps);
}

function execute(program: usize, length: i32): void {
  const end = program + length * (WORDS << 2);
  for (let at = program; at < end; at += WORDS << 2) {
    switch (load<i32>(at)) {
      case Op.ColumnsPrepare:
        prepareColumns(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
        );
        break;
      case Op.Columns:
        columns(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          int(at, 10),
          int(at, 11),
          int(at, 12),
        );
        break;
      case Op.ColumnsGrads:
        columnsGrads(int(at, 0), int(at, 1), int(at, 2), int(at, 3));
        if (int(at, 4) && lane == lanes - 1) {
          addRows(int(at, 0), int(at, 1), rows, int(at, 1) >> 2, int(at, 4), false);
        }
        break;
      case Op.ColumnsFinish:
        finishColumns(int(at, 0), int(at, 1), int(at, 2), int(at, 3), int(at, 4), int(at, 5));
        break;
      case Op.Dense:
      case Op.InputGrads: // dx = start + dy W^T is the same product
        dense(at);
        break;
      case Op.DenseGrads:
        denseGrads(at);
        break;
      case Op.Transpose:
        transpose(int(at, 0), int(at, 1), int(at, 2), int(at, 3), int(at, 4), int(at, 5));
        break;
      case Op.Tanh:
        tanhAll(int(at, 0), rows * int(at, 1));
        break;
      case Op.TanhGrads:
        tanhGrads(int(at, 0), int(at, 1), rows * int(at, 2));
        break;
      case Op.Relu:
        reluAll(int(at, 0), rows * int(at, 1));
        break;
      case Op.ReluGrads:
        reluGrads(int(at, 0), int(at, 1), rows * int(at, 2));
        break;
      case Op.Standardise:
        standardise(int(at, 0), int(at, 1), int(at, 2), int(at, 3), int(at, 4));
        break;
      case Op.SquaredError:
        squaredError(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          shareOf(int(at, 7)),
          int(at, 8),
        );
        break;
      case Op.PolicyLoss:
        policyLoss(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          int(at, 10),
          int(at, 11),
          int(at, 12),
          int(at, 13),
          int(at, 14),
          int(at, 15),
          shareOf(int(at, 16)),
          int(at, 17),
        );
        break;
      case Op.ReplayLoss:
        replayLoss(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          shareOf(1),
          int(at, 10),
        );
        break;
      case Op.PolicyRows:
        policyRows(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
        );
        break;
      case Op.Mask:
        mask(int(at, 0), int(at, 1), int(at, 2), int(at, 3), int(at, 4));
        break;
      case Op.Lean:
        lean(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
        );
        break;
      case Op.LeanGrads:
        leanGrads(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          shareOf(int(at, 7)),
          int(at, 8),
        );
        break;
      case Op.CountSpoken:
        countSpoken(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
        );
        break;
      case Op.Imitate:
        imitate(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          int(at, 10),
          int(at, 11),
        );
        break;
      case Op.Clear:
        memory.fill(int(at, 0), 0, int(at, 1));
        break;
      case Op.AddSums:
        addSums(int(at, 0), int(at, 1), int(at, 2));
        break;
      case Op.AddGrads:
        addGrads(int(at, 0), int(at, 1), int(at, 2));
        break;
      case Op.AddBits:
        addBits(int(at, 0), int(at, 1), int(at, 2));
        break;
      case Op.Norm:
        norm(int(at, 0), int(at, 1), int(at, 2), int(at, 3));
        break;
      case Op.AdamBegin:
        beginAdam(int(at, 0), int(at, 1), int(at, 2));
        break;
      case Op.Adam:
        adam(int(at, 0), int(at, 1), int(at, 2), int(at, 3), int(at, 4), int(at, 5), int(at, 6));
        break;
      case Op.Gather:
        gather(at);
        break;
      case Op.Scatter:
        scatter(at);
        break;
      case Op.KeepRows:
        keepRows(at);
        break;
      case Op.KeepRowsGrads:
        keepRowsGrads(at);
        break;
      case Op.Gru:
        gru(at);
        break;
      case Op.GruGrads:
        gruGrads(at);
        break;
      case Op.Queries:
        queries(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5) != 0,
          int(at, 6),
        );
        break;
      case Op.QueryGrads:
        queryGrads(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
        );
        break;
      case Op.Maps:
        maps(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          int(at, 10),
        );
        break;
      case Op.MapGrads:
        mapGrads(
          int(at, 0),
          int(at, 1),
          int(at, 2),
          int(at, 3),
          int(at, 4),
          int(at, 5),
          int(at, 6),
          int(at, 7),
          int(at, 8),
          int(at, 9),
          int(at, 10),
          int(at, 11),
          int(at, 12),
          int(at, 13),
          int(at, 14),
          int(at, 15),
        );
        break;
      default:
        unreachable();
    }
  }
}

/** y = start + x W: x, its step, inputs, W, its step, outputs, start, its step, y, its step. */
function dense(at: usize): void {
  product(
    rows,
    int(at, 5),
    int(at, 2),
    int(at, 0),
    int(at, 1),
    int(at, 3),
    int(at, 4),
    int(at, 6),
    int(at, 7),
    int(at, 8),
    int(at, 9),
  );
}

/**
 * dW += x^T dy and db += the sum of dy: x, its step, inputs, dy, its step, outputs, dW, its step, db, and
 * whether they are fresh: then = in place of +=.
 */
function denseGrads(at: usize): void {
  addTransposedProduct(
    int(at, 2),
    int(at, 5),
    rows,
    int(at, 0),
    int(at, 1),
    int(at, 3),
    int(at, 4),
    int(at, 6),
    int(at, 7),
    int(at, 9) != 0,
  );
  if (int(at, 8)) addRows(int(at, 3), int(at, 4), rows, int(at, 5), int(at, 8), int(at, 9) != 0);
}

/** Rows of data: from, its step, bytes of a row, to, its step, shift. */
function gather(at: usize): void {
  for (let i = 0; i < rows; i++) {
    const from = int(at, 0) + rowOf(i, int(at, 5)) * int(at, 1);
    copyRow(from, int(at, 3) + i * int(at, 4), int(at, 2));
  }
}

/** Rows of a chunk to their places in the call: from, its step, bytes of a row, to, its step. */
function scatter(at: usize): void {
  for (let i = 0; i < rows; i++) {
    copyRow(int(at, 0) + i * int(at, 1), int(at, 3) + placeOf(i) * int(at, 4), int(at, 2));
  }
}

/** Memory at the start of a step: from, to, bytes of a row, firsts, shift. */
function keepRows(at: usize): void {
  const width = int(at, 2);
  for (let i = 0; i < rows; i++) {
    const first = load<u8>(int(at, 3) + rowOf(i, int(at, 4))) != 0;
    keepRow(int(at, 0) + i * width, int(at, 1) + i * width, width, first);
  }
}

/** As in {@linkcode keepRows}, with the gradients of what was written and those to add to. */
function keepRowsGrads(at: usize): void {
  const width = int(at, 2);
  for (let i = 0; i < rows; i++) {
    const first = load<u8>(int(at, 3) + rowOf(i, int(at, 4))) != 0;
    keepRowGrads(int(at, 0) + i * width, int(at, 1) + i * width, width, first);
  }
}

/** a, u, h, next, bytes of a row of h. */
function gru(at: usize): void {
  const width = int(at, 4);
  for (let i = 0; i < rows; i++) {
    const one = i * width, three = 3 * one;
    gruRow(int(at, 0) + three, int(at, 1) + three, int(at, 2) + one, int(at, 3) + one, width);
  }
}

/** Gates, u, h, the gradients of next, of a, of u and of h, bytes of a row of h. */
function gruGrads(at: usize): void {
  const width = int(at, 7);
  for (let i = 0; i < rows; i++) {
    const one = i * width, three = 3 * one;
    gruRowGrads(
      int(at, 0) + three,
      int(at, 1) + three,
      int(at, 2) + one,
      int(at, 3) + one,
      int(at, 4) + three,
      int(at, 5) + three,
      int(at, 6) ? int(at, 6) + one : 0,
      width,
    );
  }
}
