import assert from "node:assert/strict";
import { Perceptron } from "../../runtimes/tfjs/perceptron.ts";
import { lossAndGradients, type Scalar } from "../../runtimes/tfjs/tfjs.ts";
import { assertClose, seeded, testOnDevices } from "./devices.ts";

testOnDevices("a perceptron is sigmoid(x W + b) and then a sum", async (tensors) => {
  const { tf } = tensors;
  const head = new Perceptron(tensors, [2, 1, 1], seeded(0));
  const [w0, b0, w1, b1] = [...head.variables.values()];
  tf.tidy(() => {
    w0!.assign(tf.tensor2d([[1], [-2]]));
    b0!.assign(tf.tensor1d([0.5]));
    w1!.assign(tf.tensor2d([[4]]));
    b1!.assign(tf.tensor1d([-1]));
  });
  const out = head.forward(tf.tensor2d([[1, 0.75], [2, 0]]));
  // Sums 0 and 2.5: sigmoid gives 1/2 and 1 / (1 + e^-2.5).
  assertClose(await out.data(), [1, 4 / (1 + Math.exp(-2.5)) - 1], 1e-5);
  head.dispose();
});

testOnDevices("a value head's gradient is that of finite differences", async (tensors) => {
  const { tf } = tensors;
  const head = new Perceptron(tensors, [3, 4, 4, 1], seeded(1));
  const x = tf.tensor2d([[0.3, -1, 2], [1, 0.5, -0.2]]);
  const target = tf.tensor2d([[1], [-2]]);
  const loss = () => tf.mean(tf.square(tf.sub(head.forward(x), target))) as Scalar;
  const variables = [...head.variables.values()];
  const { gradients } = lossAndGradients(tensors, variables, loss);
  const at = async () => (await tf.tidy(loss).data())[0]!;
  for (const [k, variable] of variables.entries()) {
    const values = (await variable.data<"float32">()).slice();
    const grads = await gradients[k]!.data();
    for (const i of [0, values.length - 1]) {
      const moved = async (by: number) => {
        tf.tidy(() =>
          variable.assign(tf.tensor(values.map((v, j) => j === i ? v + by : v), variable.shape))
        );
        return await at();
      };
      const grad = (await moved(1e-2) - await moved(-1e-2)) / 2e-2;
      await moved(0);
      assert.ok(Math.abs(grad - grads[i]!) < 2e-3, `${k}, ${i}: ${grads[i]}, not ${grad}`);
    }
  }
  head.dispose();
}, ["cpu", "wasm"]);

testOnDevices("a perceptron starts as PyTorch's linear layers do", async (tensors) => {
  const before = tensors.tensorCount();
  const head = new Perceptron(tensors, [16, 400, 1], seeded(2));
  const [weights, bias] = [...head.variables.values()];
  for (const values of [await weights!.data<"float32">(), await bias!.data<"float32">()]) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest <= 0.25 && largest > 0.24, `${largest}`);
  }
  head.dispose();
  assert.equal(tensors.tensorCount(), before);
}, ["cpu"]);
