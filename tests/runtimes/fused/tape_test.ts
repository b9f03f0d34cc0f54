import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { openFused } from "../../../runtimes/fused/arena.ts";
import { squaredError } from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { Tape } from "../../../runtimes/fused/tape.ts";
import { assertClose } from "../devices.ts";
import { randomRows, withTwins } from "./training.ts";

// Widths and a batch that are no multiples of tiles, registers or chunks.
const BATCH = 150;
const SHAPES = {
  first: { inputs: 13, outputs: 19 },
  second: { inputs: 19 + 6, outputs: 9 },
  third: { inputs: 9, outputs: 3 },
};

for (const relaxed of [true, false]) {
  for (const activation of ["tanh", "relu"] as const) {
    const kind = `${activation}, ${relaxed ? "relaxed" : "plain"} SIMD`;
    Deno.test(`Tape trains as TensorFlow.js does over 100 steps (${kind})`, async () => {
      const arena = await openFused({ relaxed });
      const random = new Pcg64(1);
      const inputs = randomRows(arena, random, BATCH, 13);
      const sides = randomRows(arena, random, BATCH, 6);
      const targets = randomRows(arena, random, BATCH, 3);
      await withTwins(arena, SHAPES, ({ tf, fused, dense, train }) => {
        const { first, second, third } = fused.layers;
        const tape = new Tape(arena, BATCH, true);
        const seen = tape.dense([tape.gather(inputs.rows)], first, activation);
        const hidden = tape.dense([seen, tape.gather(sides.rows)], second, activation);
        const loss = squaredError(tape, tape.dense([hidden], third), targets.rows);
        const program = tape.learn(fused);
        const [x, side, y] = [inputs, sides, targets].map(({ table }) => tf.tensor2d(table));
        train(() => {
          program.run(BATCH);
          return loss.view[0]!;
        }, () => {
          const seen = tf[activation](dense(x!, "first"));
          const hidden = tf[activation](dense(tf.concat2d([seen, side!], 1), "second"));
          return dense(hidden, "third").sub(y!).square().mean().asScalar();
        });
      });
    });
  }
}

Deno.test("Program.run() takes the rows that the order names, from a place on", async () => {
  const arena = await openFused();
  const { rows, table } = randomRows(arena, new Pcg64(2), 9, 8);
  const parameters = new Parameters(arena, { only: { inputs: 8, outputs: 8 } });
  const identity = Float32Array.from({ length: 64 }, (_, k) => k % 9 === 0 ? 1 : 0);
  parameters.write({ only: { data: identity }, "only/bias": { data: new Float32Array(8) } });
  const tape = new Tape(arena, 9);
  const outputs = tape.dense([tape.gather(rows)], parameters.layers.only);
  const order = arena.integers(5);
  order.view.set([0, 1, 7, 3, 8]);
  tape.forward().run(3, order, 2);
  assertClose(outputs.read().subarray(0, 24), [7, 3, 8].flatMap((k) => table[k]!), 1e-7);
});

Deno.test("tanh is right to 4e-7 from -20 to 20, and odd", async () => {
  const arena = await openFused();
  const { rows } = randomRows(arena, new Pcg64(3), 64, 8);
  const inputs = Float32Array.from({ length: 512 }, (_, k) => (k - 256) * (k % 2 ? 0.08 : 0.002));
  rows.data.view.set(inputs);
  const parameters = new Parameters(arena, { only: { inputs: 8, outputs: 8 } });
  const identity = Float32Array.from({ length: 64 }, (_, k) => k % 9 === 0 ? 1 : 0);
  parameters.write({ only: { data: identity }, "only/bias": { data: new Float32Array(8) } });
  const tape = new Tape(arena, 64);
  const outputs = tape.dense([tape.gather(rows)], parameters.layers.only, "tanh");
  tape.forward().run(64);
  const values = outputs.read();
  assertClose(values, inputs.map(Math.tanh), 4e-7);
  assert.equal(values[256], 0);
});

Deno.test("The same steps give the same bits", async () => {
  const train = async () => {
    const arena = await openFused();
    const random = new Pcg64(4);
    const inputs = randomRows(arena, random, BATCH, 13),
      targets = randomRows(arena, random, BATCH, 3);
    const parameters = new Parameters(arena, { only: { inputs: 13, outputs: 3 } });
    parameters.configure({ maxNorm: 0.5 });
    const tape = new Tape(arena, BATCH, true);
    const outputs = tape.dense([tape.gather(inputs.rows)], parameters.layers.only, "tanh");
    squaredError(tape, outputs, targets.rows);
    const program = tape.learn(parameters);
    for (let k = 0; k < 20; k++) program.run(BATCH);
    return { weights: parameters.read(), adam: parameters.saveAdam() };
  };
  assert.deepEqual(await train(), await train());
});
