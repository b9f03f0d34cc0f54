import { TandemError } from "@tandem/core";
import type { Example, T5 } from "@tandem/runtimes/t5";
import { Adam, lossAndGradients } from "@tandem/runtimes/tfjs";

/** Random draws that shuffling needs; Pcg64 of core/kit/random.ts gives them. */
export interface ShuffleSource {
  permutation(count: number): ArrayLike<number>;
}

/** How a model is fitted. */
export interface FitOptions {
  readonly steps: number;
  /** Examples a step. */
  readonly batch: number;
  /** Adam's step size at its highest: it rises over `warmUp` steps and falls linearly to 0. */
  readonly learningRate: number;
  readonly warmUp?: number;
  readonly random: ShuffleSource;
  /** Called after every step with its number, from 1 on, and its loss. */
  readonly onStep?: (step: number, loss: number) => void | Promise<void>;
}

/** So many batches are drawn together and sorted by length, which saves half of the padding. */
const GROUP = 8;

/**
 * Trains a T5, or its adapters, to give examples' labels (cross-entropy, Adam).
 *
 * @throws TandemError E_NUMERIC where the loss becomes NaN or infinite.
 */
export async function fit(
  t5: T5,
  examples: readonly Example[],
  { steps, batch, learningRate, warmUp = 50, random, onStep }: FitOptions,
): Promise<void> {
  const { tensors } = t5;
  const variables = t5.trainable;
  const adam = new Adam(tensors, variables);
  const batches = drawBatches(examples, batch, random);
  for (let step = 1; step <= steps; step++) {
    const { value: drawn } = batches.next();
    adam.learningRate = learningRate * Math.min(1, step / warmUp) * (1 - (step - 1) / steps);
    const { loss, gradients } = lossAndGradients(tensors, variables, () => t5.loss(drawn));
    adam.step(gradients);
    const [value = NaN] = await loss.data();
    tensors.tf.dispose([loss, ...gradients]);
    if (!Number.isFinite(value)) {
      throw new TandemError(
        "E_NUMERIC",
        `The loss became "${value}" in step ${step}; a smaller learning rate may help.`,
      );
    }
    await onStep?.(step, value);
  }
  adam.dispose();
}

/** Batches without end: every example once before any a second time. */
function* drawBatches(
  examples: readonly Example[],
  batch: number,
  random: ShuffleSource,
): Generator<Example[], never> {
  let order: Example[] = [];
  while (true) {
    while (order.length < GROUP * batch) {
      order.push(...Array.from(random.permutation(examples.length), (i) => examples[i]!));
    }
    const group = order.slice(0, GROUP * batch)
      .sort((a, b) => a.prompt.length - b.prompt.length);
    order = order.slice(GROUP * batch);
    for (const index of Array.from(random.permutation(GROUP))) {
      yield group.slice(index * batch, (index + 1) * batch);
    }
  }
}
