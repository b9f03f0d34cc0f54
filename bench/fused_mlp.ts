/** The MLP that bench/fused_bench.ts times: 147-64-64-8 with tanh, in both runtimes. */

import { Pcg64 } from "../core/kit/random.ts";
import { Adam } from "../runtimes/tfjs/adam.ts";
import { openFused } from "../runtimes/fused/arena.ts";
import { squaredError } from "../runtimes/fused/losses.ts";
import { Parameters } from "../runtimes/fused/parameters.ts";
import { rowsOf, Tape } from "../runtimes/fused/tape.ts";
import { uniform } from "../runtimes/weights/initialisers.ts";
import {
  lossAndGradients,
  openTensors,
  type Tensor2D,
  type TensorFlow,
} from "../runtimes/tfjs/tfjs.ts";

const SIZES = [147, 64, 64, 8] as const;
const [INPUTS, FIRST, SECOND, OUTPUTS] = SIZES;

/** Does something once. */
export type Work = () => void;

/** A network on random data of one batch size. */
export interface Mlp {
  /** Forward, mean squared error, backward and Adam. */
  readonly train: Work;
  readonly forward: Work;
}

/** The network in the fused runtime. @param relaxed As in openFused. */
export async function fusedMlp(batch: number, relaxed?: boolean): Promise<Mlp> {
  const arena = await openFused({ relaxed });
  const random = new Pcg64(1);
  const parameters = new Parameters(arena, {
    first: { inputs: INPUTS, outputs: FIRST },
    second: { inputs: FIRST, outputs: SECOND },
    third: { inputs: SECOND, outputs: OUTPUTS },
  });
  const weights = parameters.read();
  for (const { data, shape } of Object.values(weights)) data.set(uniform(random, shape, 0.1));
  parameters.write(weights);
  parameters.configure({});
  const inputs = rowsOf(arena, batch, INPUTS), targets = rowsOf(arena, batch, OUTPUTS);
  for (const { data, stride, width } of [inputs, targets]) {
    for (let row = 0; row < batch; row++) {
      data.view.set(uniform(random, [width], 1), row * stride);
    }
  }
  const { first, second, third } = parameters.layers;
  const network = (tape: Tape) =>
    tape.dense(
      [tape.dense([tape.dense([tape.gather(inputs)], first, "tanh")], second, "tanh")],
      third,
    );
  const learning = new Tape(arena, batch, true), acting = new Tape(arena, batch);
  squaredError(learning, network(learning), targets);
  network(acting);
  const step = learning.learn(parameters), pass = acting.forward();
  return { train: () => step.run(batch), forward: () => pass.run(batch) };
}

/**
 * The network in TensorFlow.js on WASM.
 *
 * @param asItComes With its own matrix products and its own Adam in place of this project's: only before
 * anyone has opened tensors.
 */
export async function tfjsMlp(batch: number, asItComes = false): Promise<Mlp> {
  const tensors = asItComes ? undefined : await openTensors("wasm");
  const tf = tensors?.tf ?? await plainTfjs();
  const random = new Pcg64(1);
  const matrix = (rows: number, columns: number, limit: number) =>
    tf.tensor2d(uniform(random, [rows, columns], limit), [rows, columns]);
  const variables = SIZES.slice(1).flatMap((outputs, k) => [
    tf.variable(matrix(SIZES[k]!, outputs, 0.1)),
    tf.variable(tf.zeros([outputs])),
  ]);
  const inputs = matrix(batch, INPUTS, 1), targets = matrix(batch, OUTPUTS, 1);
  const network = () => {
    let y: Tensor2D = inputs;
    for (let k = 0; k < variables.length; k += 2) {
      y = y.matMul<Tensor2D>(variables[k]!).add(variables[k + 1]!);
      if (k + 2 < variables.length) y = y.tanh();
    }
    return y;
  };
  const loss = () => network().sub(targets).square().mean().asScalar();
  const forward = () => void tf.tidy(() => network().dataSync());
  if (!tensors) {
    const adam = tf.train.adam(1e-3);
    return { train: () => tf.tidy(() => void adam.minimize(loss)), forward };
  }
  const adam = new Adam(tensors, variables);
  const step = () => adam.step(lossAndGradients(tensors, variables, loss).gradients);
  return { train: () => tf.tidy(step), forward };
}

async function plainTfjs(): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).href);
  tf.enableProdMode();
  await tf.setBackend("wasm");
  return tf;
}
