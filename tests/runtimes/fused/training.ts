/** Trains the same network in both runtimes: TensorFlow.js is the reference. */

import { Pcg64 } from "../../../core/kit/random.ts";
import { Adam } from "../../../runtimes/tfjs/adam.ts";
import type { Arena } from "../../../runtimes/fused/arena.ts";
import type { LayerShape } from "../../../runtimes/fused/parameters.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { type Rows, rowsOf } from "../../../runtimes/fused/tape.ts";
import { uniform } from "../../../runtimes/weights/initialisers.ts";
import {
  lossAndGradients,
  openTensors,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type TensorFlow,
  type Variable,
} from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose } from "../devices.ts";

/** Weights of both runtimes by name. */
export interface Twins<Name extends string> {
  readonly tf: TensorFlow;
  readonly fused: Parameters<Name>;
  /** y = x W + b in the reference. */
  dense(x: Tensor2D, name: Name): Tensor2D;
  /**
   * Trains both for 100 steps; fails where a step's loss or, after the last, a weight differs by more
   * than 1e-5.
   *
   * @param step Takes a step in the fused runtime and gives its loss.
   */
  train(step: () => number, loss: () => Scalar): void;
}

/** Makes layers with equal weights in both runtimes and calls `test`. */
export async function withTwins<Name extends string>(
  arena: Arena,
  shapes: Readonly<Record<Name, LayerShape>>,
  test: (twins: Twins<Name>) => void,
): Promise<void> {
  const tensors = await openTensors("cpu");
  const { tf } = tensors;
  const random = new Pcg64(5);
  const fused = new Parameters<Name>(arena, shapes);
  const weights = fused.read();
  for (const { data, shape } of Object.values(weights)) data.set(uniform(random, shape, 0.4));
  fused.write(weights);
  const options = { learningRate: 0.001, epsilon: 1e-5 };
  fused.configure(options);
  const variables: Record<string, Variable> = {};
  for (const [name, { data, shape }] of Object.entries(weights)) {
    variables[name] = tf.variable(tf.tensor(data, [...shape]));
  }
  const all = Object.values(variables);
  const adam = new Adam(tensors, all, options);
  const dense = (x: Tensor2D, name: Name) =>
    x.matMul<Tensor2D>(variables[name]! as Tensor).add<Tensor2D>(variables[`${name}/bias`]!);
  const train = (step: () => number, loss: () => Scalar) => {
    for (let k = 0; k < 100; k++) {
      const ours = step();
      tf.tidy(() => {
        const { loss: theirs, gradients } = lossAndGradients(tensors, all, loss);
        assertClose([ours], theirs.dataSync(), 1e-5, `loss of step ${k}`);
        adam.step(gradients);
      });
    }
    for (const [name, { data }] of Object.entries(fused.read())) {
      assertClose(data, variables[name]!.dataSync(), 1e-5, name);
    }
  };
  try {
    test({ tf, fused, dense, train });
  } finally {
    tensors.dispose();
  }
}

/** Rows of random numbers in [-1, 1), in the fused runtime and as a table. */
export function randomRows(
  arena: Arena,
  random: Pcg64,
  count: number,
  width: number,
): { rows: Rows; table: number[][] } {
  const rows = rowsOf(arena, count, width);
  const table = Array.from({ length: count }, () => [...uniform(random, [width], 1)]);
  table.forEach((row, i) => rows.data.view.set(row, i * rows.stride));
  return { rows, table };
}
