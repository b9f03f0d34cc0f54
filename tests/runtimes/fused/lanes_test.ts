import { strict as assert } from "node:assert";
import { TandemError } from "../../../core/base/errors.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { type Arena, openFused } from "../../../runtimes/fused/arena.ts";
import { squaredError } from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { SHARED_PAGES } from "../../../runtimes/fused/pages.ts";
import { rowsOf, type Table, Tape } from "../../../runtimes/fused/tape.ts";
import { uniform } from "../../../runtimes/weights/initialisers.ts";

const ROWS = 600; // Five chunks, the last of them not full.

/** A network of two layers on random rows. */
function networkOf(arena: Arena) {
  const random = new Pcg64(1);
  const parameters = new Parameters(arena, {
    first: { inputs: 24, outputs: 16 },
    second: { inputs: 16, outputs: 5 },
  });
  const weights = parameters.read();
  for (const { data, shape } of Object.values(weights)) data.set(uniform(random, shape, 0.5));
  parameters.write(weights);
  parameters.configure({ learningRate: 0.01, maxNorm: 0.5 });
  const inputs = rowsOf(arena, ROWS, 24), targets = rowsOf(arena, ROWS, 8);
  for (const { data, stride } of [inputs, targets]) {
    data.view.set(uniform(random, [ROWS, stride], 1));
  }
  const { first, second } = parameters.layers;
  const network = (tape: Tape): Table =>
    tape.dense([tape.dense([tape.gather(inputs)], first, "tanh")], second);
  const learning = new Tape(arena, ROWS, true), acting = new Tape(arena, ROWS);
  const loss = squaredError(learning, network(learning), { ...targets, width: 5 });
  const said = rowsOf(arena, ROWS, 8);
  acting.scatter(network(acting), said);
  return { parameters, loss, said, learn: learning.learn(parameters), act: acting.forward() };
}

/** What a network comes to after some steps, as one list of numbers. */
async function outcome(threads: number): Promise<number[]> {
  const arena = await openFused({ threads });
  try {
    const { parameters, loss, said, learn, act } = networkOf(arena);
    for (let step = 0; step < 20; step++) learn.run(ROWS - step);
    act.run(ROWS);
    const weights = Object.values(parameters.read()).flatMap(({ data }) => [...data]);
    return [...weights, ...said.data.view, loss.view[0]!, parameters.gradNorm];
  } finally {
    arena.dispose();
  }
}

for (const threads of [2, 3, 4, 7]) {
  Deno.test(`${threads} threads come to the bits of one`, async () => {
    assert.deepEqual(await outcome(threads), await outcome(1));
  });
}

Deno.test("Program.run() says so where a thread breaks, and the next time too", async () => {
  const arena = await openFused({ threads: 2 });
  try {
    const { learn } = networkOf(arena);
    const order = arena.integers(ROWS);
    order.view.forEach((_, k) => order.view[k] = k);
    order.view[200] = 10_000_000; // in the chunk of the second thread: a row beyond the memory
    for (let time = 0; time < 2; time++) {
      assert.throws(
        () => learn.run(ROWS, order),
        (error: unknown) =>
          error instanceof TandemError && error.code === "E_STAGE" &&
          /student\.threads=1/.test(error.message),
      );
    }
  } finally {
    arena.dispose();
  }
});

Deno.test("Arena names the bound of a memory that threads share", async () => {
  const arena = await openFused({ threads: 2 });
  assert.throws(
    () => arena.bytes(SHARED_PAGES * 65_536),
    (error: unknown) =>
      error instanceof TandemError && error.code === "E_OPTION" && /256/.test(error.message),
  );
});
