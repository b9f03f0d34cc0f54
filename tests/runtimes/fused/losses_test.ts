import assert from "node:assert/strict";
import { Pcg64 } from "../../../core/kit/random.ts";
import { type Arena, openFused } from "../../../runtimes/fused/arena.ts";
import { policyLoss, policyRows } from "../../../runtimes/fused/losses.ts";
import { Tape } from "../../../runtimes/fused/tape.ts";
import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose } from "../devices.ts";
import { randomRows, withTwins } from "./training.ts";

const BATCH = 70;
const INPUTS = 6;
const ACTIONS = 5;

const HEADS = {
  body: { inputs: INPUTS, outputs: 12 },
  policy: { inputs: 12, outputs: ACTIONS },
  q: { inputs: 12, outputs: ACTIONS },
  value: { inputs: 12, outputs: 1 },
};

/** What a student learns from, as blocks; `table` is its states. */
function experience(arena: Arena) {
  const random = new Pcg64(8);
  const { rows, table } = randomRows(arena, random, BATCH, INPUTS);
  const numbers = (draw: () => number) => {
    const block = arena.floats(BATCH);
    block.view.set(Array.from({ length: BATCH }, draw));
    return block;
  };
  const actions = arena.integers(BATCH);
  actions.view.set(Array.from({ length: BATCH }, () => random.integers(0, ACTIONS)));
  return {
    rows,
    table,
    actions,
    logProbs: numbers(() => Math.log(1 / ACTIONS) + 0.4 * (random.random() - 0.5)),
    targets: numbers(() => 4 * random.random() - 2),
    values: numbers(() => random.random()),
  };
}

/** The chosen columns of a table [B, A]. */
function chosen(tf: TensorFlow, table: Tensor2D, actions: Int32Array): Tensor1D {
  return table.mul<Tensor2D>(tf.oneHot([...actions], ACTIONS).toFloat()).sum<Tensor1D>(1);
}

for (const clip of [0.2, 0]) {
  const name = clip ? "PPO's loss, standardised" : "the actor-critic's loss";
  Deno.test(`policyLoss() trains as TensorFlow.js does: ${name}`, async () => {
    const arena = await openFused();
    const data = experience(arena);
    const weights = { clip, entropy: 0.02, valueLoss: 0.4, qLoss: clip ? 0.3 : 0 };
    await withTwins(arena, HEADS, ({ tf, fused, dense, train }) => {
      const { body, policy, q, value } = fused.layers;
      const tape = new Tape(arena, BATCH, true);
      const hidden = tape.dense([tape.gather(data.rows)], body, "tanh");
      const heads = {
        logits: tape.dense([hidden], policy),
        ...(clip && { qValues: tape.dense([hidden], q) }),
        values: tape.dense([hidden], value),
      };
      const terms = policyLoss(tape, [heads], data, { ...weights, standardise: clip > 0 });
      const program = tape.learn(fused);
      const [old, targets, values] = [data.logProbs, data.targets, data.values]
        .map(({ view }) => tf.tensor1d(view.slice()));
      const raw = targets!.sub<Tensor1D>(values!);
      const centred = raw.sub<Tensor1D>(raw.mean());
      const advantages = clip ? centred.div<Tensor1D>(centred.square().mean().sqrt()) : raw;
      const x = tf.tensor2d(data.table);
      const actions = data.actions.view;
      train(() => {
        program.run(BATCH);
        return terms.view[0]!;
      }, () => {
        const hidden = dense(x, "body").tanh<Tensor2D>();
        const logPolicy = dense(hidden, "policy").logSoftmax() as Tensor2D;
        const logProbs = chosen(tf, logPolicy, actions);
        const ratio = logProbs.sub<Tensor1D>(old!).exp<Tensor1D>();
        const gains = clip
          ? tf.minimum(
            ratio.mul(advantages),
            ratio.clipByValue(1 - clip, 1 + clip).mul(advantages),
          )
          : logProbs.mul(advantages);
        const error = (y: Tensor1D) => y.sub(targets!).square().mean();
        const entropy = logPolicy.exp().mul(logPolicy).sum(1).mean().neg();
        return gains.mean().neg()
          .add(error(dense(hidden, "value").squeeze([1])).mul(weights.valueLoss))
          .add(error(chosen(tf, dense(hidden, "q"), actions)).mul(weights.qLoss))
          .sub<Scalar>(entropy.mul(weights.entropy));
      });
    });
  });
}

Deno.test("policyLoss() weighs a policy by hand: one state, two actions", async () => {
  // Logits (0, log 3): P = (1/4, 3/4). Action 1 was taken with probability 1/2: r = 1.5, beyond 1.2,
  // and A = G - V_old = 2: the clipped gain is 2.4 and its gradient 0. V = 1, G = 3.
  const arena = await openFused();
  await withTwins(
    arena,
    { policy: { inputs: 1, outputs: 2 }, value: { inputs: 1, outputs: 1 } },
    ({ fused }) => {
      const zeros = { policy: { data: [0, 0] }, value: { data: [0] } };
      const bias = { "policy/bias": { data: [0, Math.log(3)] }, "value/bias": { data: [1] } };
      fused.write({ ...zeros, ...bias });
      const tape = new Tape(arena, 1, true);
      const x = tape.gather(randomRows(arena, new Pcg64(1), 1, 1).rows);
      const { policy, value } = fused.layers;
      const heads = { logits: tape.dense([x], policy), values: tape.dense([x], value) };
      const [actions, logProbs, targets, values] = [
        arena.integers(1),
        ...[1, 1, 1].map(arena.floats, arena),
      ];
      actions.view[0] = 1;
      logProbs!.view[0] = Math.log(0.5);
      targets!.view[0] = 3;
      values!.view[0] = 1;
      const data = { actions, logProbs: logProbs!, targets: targets!, values: values! };
      const weights = { clip: 0.2, entropy: 0, valueLoss: 0.5, qLoss: 0, standardise: false };
      const terms = policyLoss(tape, [heads], data, weights);
      tape.learn(fused).run(1);
      const entropy = Math.log(4) - 0.75 * Math.log(3);
      const kl = 1.5 - 1 - Math.log(1.5);
      assertClose(terms.view, [-2.4 + 0.5 * 4, -2.4, 4, 0, entropy, kl, 1], 1e-6);
      const { first } = fused.saveAdam(); // a tenth of the gradients: policy, its bias, value, its bias
      assertClose(first[1]!, [0, 0], 1e-9);
      assertClose(first[3]!, [0.1 * 0.5 * 2 * (1 - 3)], 1e-6);
    },
  );
});

Deno.test("policyRows() stays finite and sums to 1 for logits far apart", async () => {
  const arena = await openFused();
  await withTwins(
    arena,
    { policy: { inputs: 1, outputs: 3 }, value: { inputs: 1, outputs: 1 } },
    ({ fused }) => {
      const zeros = { policy: { data: [0, 0, 0] }, value: { data: [0] } };
      fused.write({
        ...zeros,
        "policy/bias": { data: [500, -500, 499] },
        "value/bias": { data: [7] },
      });
      const tape = new Tape(arena, 2);
      const x = tape.gather(randomRows(arena, new Pcg64(1), 2, 1).rows);
      const { policy, value } = fused.layers;
      const heads = { logits: tape.dense([x], policy), values: tape.dense([x], value) };
      const rows = policyRows(tape, heads, 2);
      tape.forward().run(2);
      const [likely, rest] = [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E)];
      assertClose(rows.view, [likely, 0, rest, 7, likely, 0, rest, 7], 1e-6);
      assert.ok(rows.view[1]! >= 0);
    },
  );
});
