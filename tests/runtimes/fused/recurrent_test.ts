import { Pcg64 } from "../../../core/kit/random.ts";
import assert from "node:assert/strict";
import { openFused } from "../../../runtimes/fused/arena.ts";
import { policyLoss } from "../../../runtimes/fused/losses.ts";
import { gru, keep } from "../../../runtimes/fused/recurrent.ts";
import { rowsOf, type Table, Tape } from "../../../runtimes/fused/tape.ts";
import type { Scalar, Tensor1D, Tensor2D } from "../../../runtimes/tfjs/tfjs.ts";
import { randomRows, withTwins } from "./training.ts";

const [STEPS, ENVS, INPUTS, HIDDEN, ACTIONS] = [5, 6, 3, 8, 3];
const SIZE = STEPS * ENVS;

const SHAPES = {
  input: { inputs: INPUTS, outputs: 3 * HIDDEN },
  memory: { inputs: HIDDEN, outputs: 3 * HIDDEN },
  policy: { inputs: HIDDEN, outputs: ACTIONS },
  value: { inputs: HIDDEN, outputs: 1 },
};

Deno.test("gru() trains through time as TensorFlow.js does, over ends of episodes", async () => {
  const arena = await openFused();
  const random = new Pcg64(6);
  const inputs = randomRows(arena, random, SIZE, INPUTS);
  const initial = randomRows(arena, random, ENVS, HIDDEN);
  const firsts = arena.bytes(SIZE);
  firsts.view.set(Array.from({ length: SIZE }, () => random.random() < 0.3 ? 1 : 0));
  const actions = arena.integers(SIZE);
  actions.view.set(Array.from({ length: SIZE }, () => random.integers(0, ACTIONS)));
  const [logProbs, targets, values] = [arena.floats(SIZE), arena.floats(SIZE), arena.floats(SIZE)];
  targets.view.set(Array.from({ length: SIZE }, () => random.random()));
  await withTwins(arena, SHAPES, ({ tf, fused, dense, train }) => {
    const { input, memory, policy, value } = fused.layers;
    const tape = new Tape(arena, ENVS, true);
    let h: Table = tape.gather(initial.rows);
    const heads = Array.from({ length: STEPS }, (_, t) => {
      const x = tape.gather(inputs.rows, t * ENVS);
      h = gru(tape, x, keep(tape, h, firsts, t * ENVS), { input, memory });
      return { logits: tape.dense([h], policy), values: tape.dense([h], value) };
    });
    const weights = { clip: 0, entropy: 0.01, valueLoss: 0.5, qLoss: 0, standardise: false };
    const data = { actions, logProbs, targets, values };
    const terms = policyLoss(tape, heads, data, weights, ENVS);
    const program = tape.learn(fused);
    const at = (t: number) => [t * ENVS, (t + 1) * ENVS] as const;
    const loss = () => {
      let h = tf.tensor2d(initial.table);
      const losses: Scalar[] = [];
      for (let t = 0; t < STEPS; t++) {
        const kept = tf.tensor2d([...firsts.view.slice(...at(t))].map((first) => [1 - first]));
        h = h.mul<Tensor2D>(kept);
        const [a, u] = [
          dense(tf.tensor2d(inputs.table.slice(...at(t))), "input"),
          dense(h, "memory"),
        ];
        const [ar, az, an] = tf.split(a, 3, 1);
        const [ur, uz, un] = tf.split(u, 3, 1);
        const [r, z] = [ar!.add(ur!).sigmoid(), az!.add(uz!).sigmoid()];
        const n = an!.add(r.mul(un!)).tanh();
        h = n.add<Tensor2D>(z.mul(h.sub(n)));
        const logPolicy = dense(h, "policy").logSoftmax() as Tensor2D;
        const taken = tf.oneHot([...actions.view.slice(...at(t))], ACTIONS).toFloat();
        const target = tf.tensor1d(targets.view.slice(...at(t)));
        const gain = logPolicy.mul(taken).sum<Tensor1D>(1).mul(target).mean();
        const error = dense(h, "value").squeeze<Tensor1D>([1]).sub(target).square().mean();
        const entropy = logPolicy.exp().mul(logPolicy).sum(1).mean().neg();
        losses.push(error.mul(0.5).sub(gain).sub<Scalar>(entropy.mul(0.01)));
      }
      return tf.addN(losses).div(STEPS).asScalar();
    };
    train(() => {
      program.run(ENVS);
      return terms.view[0]!;
    }, loss);
  });
});

Deno.test("gru() refuses a width that is no multiple of 8", async () => {
  const arena = await openFused();
  const shapes = { input: { inputs: 2, outputs: 9 }, memory: { inputs: 3, outputs: 9 } };
  await withTwins(arena, shapes, ({ fused: { layers } }) => {
    const tape = new Tape(arena, 1);
    const [x, h] = [tape.gather(rowsOf(arena, 1, 2)), tape.gather(rowsOf(arena, 1, 3))];
    assert.throws(() => gru(tape, x, h, layers), { code: "E_SHAPE" });
  });
});
