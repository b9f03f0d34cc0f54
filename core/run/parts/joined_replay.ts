/** The past steps of several extra stages as one. */
import type { Actions, Replay, ReplayBatch } from "../../stages/mod.ts";
import { type Column, joinColumns, joinTensors } from "../../kit/join_columns.ts";
import { expectFinite, expectLength } from "../../kit/shapes.ts";

/**
 * Past steps of several owners, held to their contract. A batch has of each as large a share as it holds of all, to the next
 * whole step, in the owners' order; an owner of none is passed over.
 *
 * @returns Undefined where nobody holds any.
 */
export function joinReplays(replays: readonly Replay[]): Replay | undefined {
  const held = replays.filter(({ size }) => size > 0);
  if (held.length === 0) return undefined;
  const size = held.reduce((sum, replay) => sum + replay.size, 0);
  return { size, draw: (count) => joinBatches(drawShares(held, size, count)) };
}

function drawShares(held: readonly Replay[], size: number, count: number): readonly ReplayBatch[] {
  let [passed, drawn] = [0, 0];
  return held.flatMap((replay) => {
    passed += replay.size;
    const share = Math.round(count * passed / size) - drawn;
    drawn += share;
    return share > 0 ? [expectBatch(replay.draw(share), share)] : [];
  });
}

/** @throws {TandemError} E_SHAPE, E_NUMERIC where a batch is not one of so many steps. */
function expectBatch(batch: ReplayBatch, count: number): ReplayBatch {
  expectLength("extra", "missions of past steps", batch.missions, count);
  expectLength("extra", "returns of past steps", batch.returns, count);
  expectFinite("extra", "returns of past steps", batch.returns);
  return batch;
}

function joinBatches(batches: readonly ReplayBatch[]): ReplayBatch {
  const [first] = batches;
  if (batches.length === 1) return first!;
  const size = batches.reduce((sum, batch) => sum + batch.size, 0);
  const columns = <T extends Column>(of: (batch: ReplayBatch) => T) =>
    joinColumns(batches.map(of)) as T;
  return {
    size,
    observations: joinTensors(batches.map(({ observations }) => observations)),
    missions: batches.flatMap(({ missions }) => missions),
    keys: columns(({ keys }) => keys),
    actions: columns<Actions>(({ actions }) => actions),
    returns: columns(({ returns }) => returns),
    ...(first!.legal && { legal: columns(({ legal }) => legal!) }),
    ...(first!.memory && { memory: columns(({ memory }) => memory!) }),
  };
}
