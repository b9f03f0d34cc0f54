import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { openFused } from "../../../runtimes/fused/arena.ts";
import { Columns, rowsOfColumns } from "../../../runtimes/fused/columns.ts";
import { squaredError } from "../../../runtimes/fused/losses.ts";
import { Tape } from "../../../runtimes/fused/tape.ts";
import { assertClose } from "../devices.ts";
import { randomRows, withTwins } from "./training.ts";

const BATCH = 90;
/** More than 64 columns of 1 to 5 categories, and words that may be absent. */
const GROUPS = [
  Array.from({ length: 70 }, (_, c) => ({ categories: 1 + c % 5, optional: false })),
  Array.from({ length: 5 }, () => ({ categories: 2, optional: true })),
];
const SHAPES = {
  embedding: { inputs: rowsOfColumns(GROUPS.flat()), outputs: 44 },
  head: { inputs: 44, outputs: 2 },
};

/** A third of the values differ from 0. */
function randomValues(random: Pcg64): number[][] {
  return GROUPS.map((columns) =>
    Array.from(
      { length: BATCH },
      () =>
        columns.map(({ categories }) =>
          random.random() < 0.67 ? 0 : random.integers(0, categories)
        ),
    )
      .flat()
  );
}

function oneHot(values: readonly (readonly number[])[], row: number): number[] {
  return GROUPS.flatMap((columns, g) =>
    columns.flatMap(({ categories, optional }, c) => {
      const value = values[g]![row * columns.length + c]!;
      const hot = Array.from({ length: categories }, (_, v) => v === value ? 1 : 0);
      return optional ? hot.slice(1) : hot;
    })
  );
}

for (const base of ["zeros", "the commonest values", "in part values that no row has"] as const) {
  Deno.test(`Columns train as products with one-hot rows do, their base ${base}`, async () => {
    const arena = await openFused();
    const random = new Pcg64(1);
    const values = randomValues(random);
    const targets = randomRows(arena, random, BATCH, 2);
    await withTwins(arena, SHAPES, ({ tf, fused, dense, train }) => {
      const columns = new Columns(arena, GROUPS, fused.layers.embedding);
      const data = columns.data(BATCH);
      values.forEach((group, g) => data[g]!.view.set(group));
      columns.prepare();
      if (base === "the commonest values") columns.learnBase(data, BATCH);
      if (base === "in part values that no row has") {
        const isOdd = (c: number) => c % 3 === 0;
        const last = (c: number) => GROUPS[0]![c]!.categories - 1;
        columns.base = GROUPS.flat().map((_, c) => c < 70 && isOdd(c) ? last(c) : 0);
        data[0]!.view.forEach((value, k) => {
          if (isOdd(k % 70) && value === last(k % 70)) data[0]!.view[k] = 0;
        });
      }
      const tape = new Tape(arena, BATCH, true);
      const outputs = tape.dense([columns.embed(tape, data)], fused.layers.head);
      const loss = squaredError(tape, outputs, targets.rows);
      const program = tape.learn(fused, () => columns.prepareIn(tape, "tail"));
      const now = data.map(({ view }) => [...view]);
      const rows = Array.from({ length: BATCH }, (_, row) => oneHot(now, row));
      const [x, y] = [tf.tensor2d(rows), tf.tensor2d(targets.table)];
      train(() => {
        program.run(BATCH);
        return loss.view[0]!;
      }, () => dense(dense(x, "embedding").tanh(), "head").sub(y).square().mean().asScalar());
    });
  });
}

Deno.test("Columns.learnBase() takes each column's commonest value; absent words stay the base", async () => {
  const arena = await openFused();
  await withTwins(arena, SHAPES, ({ fused }) => {
    const columns = new Columns(arena, GROUPS, fused.layers.embedding);
    const data = columns.data(3);
    data[0]!.view.fill(0);
    data[0]!.view.set([0, 1, 2], 0); // row 0
    data[0]!.view.set([0, 1, 1], 70); // row 1
    data[0]!.view.set([0, 0, 2], 140); // row 2
    data[1]!.view.fill(1);
    columns.learnBase(data, 3);
    assert.deepEqual([...columns.base.subarray(0, 4)], [0, 1, 2, 0]);
    assert.deepEqual([...columns.base.subarray(70)], [0, 0, 0, 0, 0]);
  });
});

Deno.test("Columns give the same whatever their base", async () => {
  const arena = await openFused();
  const values = randomValues(new Pcg64(3));
  await withTwins(arena, SHAPES, ({ fused }) => {
    const columns = new Columns(arena, GROUPS, fused.layers.embedding);
    const data = columns.data(BATCH);
    values.forEach((group, g) => data[g]!.view.set(group));
    const tape = new Tape(arena, BATCH);
    const outputs = columns.embed(tape, data);
    const program = tape.forward();
    columns.prepare();
    program.run(BATCH);
    const before = outputs.read().slice();
    columns.learnBase(data, BATCH);
    program.run(BATCH);
    assert.ok(before.some((value) => Math.abs(value) > 0.1));
    assertClose(outputs.read(), before, 1e-5);
  });
});
