/** Layers beyond the dense ones: a gated recurrent unit, and the dueling heads of a Q network. */
import type { Block } from "./arena.ts";
import { TandemError } from "@tandem/core";
import { Op } from "./assembly/ops.ts";
import type { Layer } from "./parameters.ts";
import type { Table, Tape } from "./tape.ts";

/** The two layers of a gated recurrent unit: [inputs, 3 H] and [H, 3 H], gates in the order r, z, n. */
export interface GruLayers {
  /** What is seen, to three gates. */
  readonly input: Layer;
  /** What is remembered, to three gates. */
  readonly memory: Layer;
}

/**
 * One step of a gated recurrent unit (Cho et al., arXiv 1406.1078, in PyTorch's form):
 * r = sigmoid(x W_r + h U_r), z = sigmoid(x W_z + h U_z), n = tanh(x W_n + r (h U_n)),
 * h' = (1 - z) n + z h, with a bias beside each W and U.
 *
 * @throws TandemError E_SHAPE where H is no multiple of 8.
 */
export function gru(tape: Tape, x: Table, memory: Table, layers: GruLayers): Table {
  const { width } = memory;
  if (width % 8 !== 0) {
    throw new TandemError("E_SHAPE", `A recurrent layer of "${width}" is no multiple of 8.`);
  }
  const gates = tape.dense([x], layers.input);
  const recalled = tape.dense([memory], layers.memory);
  const next = tape.table(width);
  tape.emit("body", Op.Gru, gates.at, recalled.at, memory.at, next.at, next.stride);
  // The notes of the two dense layers come after this one, so memory's gradients must be open by then.
  tape.note(() => {
    if (memory.grads && !tape.reach(memory)) tape.clearGrads(memory);
    tape.emit(
      "body",
      Op.GruGrads,
      ...[gates.at, recalled.at, memory.at, next.grads, gates.grads, recalled.grads],
      ...[memory.grads, next.stride],
    );
  });
  return next;
}

/** A memory at the start of a step: zeros in rows whose step is the first of an episode. */
export function keep(tape: Tape, memory: Table, firsts: Block<Uint8Array>, shift = 0): Table {
  const kept = tape.table(memory.width);
  const operands = [memory.stride, firsts.at, shift];
  tape.emit("body", Op.KeepRows, memory.at, kept.at, ...operands);
  tape.note(() => {
    if (!memory.grads) return;
    if (!tape.reach(memory)) tape.clearGrads(memory);
    tape.emit("body", Op.KeepRowsGrads, kept.grads, memory.grads, ...operands);
  });
  return kept;
}
