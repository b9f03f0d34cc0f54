import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import { Adam } from "../../runtimes/tfjs/adam.ts";
import type { Tensors } from "../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "./devices.ts";

const OPTIONS = { learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0.5 };

function step({ tf }: Tensors, adam: Adam, ...gradient: number[]): void {
  const grad = tf.tensor1d(gradient);
  adam.step([grad]);
  grad.dispose();
}

// By hand, from w = 1: g = 2: m = 1, v = 1, corrected 2 and 4, move 0.1 * 2 / 2.5 = 0.08;
// g = -1: m = 0, v = 1, no move; g = 1: m = 0.5, v = 1, corrected 4/7 and 64/37.
const EXPECTED = [0.92, 0.92, 0.92 - 0.1 * (4 / 7) / (Math.sqrt(64 / 37) + 0.5)];

testOnDevices("Adam.step() follows the hand-computed table", async (tensors) => {
  const weight = tensors.tf.variable(tensors.tf.tensor1d([1]));
  const adam = new Adam(tensors, [weight], OPTIONS);
  for (const [i, gradient] of [2, -1, 1].entries()) {
    step(tensors, adam, gradient);
    assertClose(await weight.data(), [EXPECTED[i]!], 1e-6, `step ${i}, weight`);
  }
  adam.dispose();
  weight.dispose();
});

testOnDevices("Adam.step() decays weights apart from the gradient", async (tensors) => {
  const weight = tensors.tf.variable(tensors.tf.tensor1d([1]));
  const adam = new Adam(tensors, [weight], { ...OPTIONS, weightDecay: 0.5 });
  step(tensors, adam, 0);
  assertClose(await weight.data(), [0.95], 1e-6);
  adam.dispose();
  weight.dispose();
});

testOnDevices("Adam.load() resumes to the last bit", async (tensors) => {
  const { tf } = tensors;
  const gradients = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  const [straight, halved] = [0, 1].map(() => tf.variable(tf.tensor1d([0.3, -0.7])));
  const one = new Adam(tensors, [straight!]);
  for (const gradient of gradients) step(tensors, one, ...gradient);
  const before = new Adam(tensors, [halved!]);
  for (const gradient of gradients.slice(0, 10)) step(tensors, before, ...gradient);
  const after = new Adam(tensors, [halved!]);
  after.load(structuredClone(await before.save()));
  for (const gradient of gradients.slice(10)) step(tensors, after, ...gradient);
  assert.deepEqual(await halved!.data(), await straight!.data());
  for (const adam of [one, before, after]) adam.dispose();
  tf.dispose([straight!, halved!]);
});

testOnDevices("Adam.step() leaves a copy of a variable as it was", async (tensors) => {
  const weight = tensors.tf.variable(tensors.tf.tensor1d([1]));
  const frozen = weight.clone();
  const adam = new Adam(tensors, [weight]);
  step(tensors, adam, 1);
  assertClose(await frozen.data(), [1], 0);
  adam.dispose();
  tensors.tf.dispose([weight, frozen]);
});

testOnDevices("Adam keeps the tensor count flat", (tensors) => {
  const weight = tensors.tf.variable(tensors.tf.zeros([3]));
  const before = tensors.tensorCount();
  const adam = new Adam(tensors, [weight]);
  step(tensors, adam, 1, 2, 3);
  const during = tensors.tensorCount();
  for (let i = 0; i < 50; i++) step(tensors, adam, 1, 2, 3);
  assert.equal(tensors.tensorCount(), during);
  adam.dispose();
  assert.equal(tensors.tensorCount(), before);
  weight.dispose();
});

testOnDevices("Adam.load() refuses the state of other variables", async (tensors) => {
  const variables = [2, 3].map((size) => tensors.tf.variable(tensors.tf.zeros([size])));
  const [one, two] = variables.map((variable) => new Adam(tensors, [variable]));
  const state = await one!.save();
  assert.throws(
    () => two!.load(state),
    (error) => error instanceof TandemError && /sizes "2" in place of "3"/.test(error.message),
  );
  one!.dispose();
  two!.dispose();
  tensors.tf.dispose(variables);
}, ["cpu"]);
