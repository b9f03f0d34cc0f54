import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import { lossAndGradients, openTensors } from "../../runtimes/tfjs/tfjs.ts";
import { findAdapter } from "../../runtimes/webgpu/webgpu.ts";
import { assertClose, seeded, testOnDevices } from "./devices.ts";

testOnDevices("openTensors() computes a matrix product", async ({ tf, device }) => {
  assert.equal(tf.getBackend(), device);
  const product = tf.tidy(() => tf.tensor2d([[1, 2], [3, 4]]).matMul(tf.tensor2d([[1], [1]])));
  assertClose(await product.data(), [3, 7], 1e-6);
  product.dispose();
});

testOnDevices("matrix products are right for every layout", async ({ tf }) => {
  const random = seeded(7);
  const values = (size: number) => Float32Array.from({ length: size }, () => random.random() - 0.5);
  const [M, K, N] = [3, 5, 2];
  for (const [aBatch, bBatch] of [[1, 1], [4, 4], [4, 1], [1, 4]] as const) {
    for (
      const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [
        true,
        true,
      ]] as const
    ) {
      const [a, b] = [values(aBatch * M * K), values(bBatch * K * N)];
      const expected = Float32Array.from({ length: 4 * M * N }, (_, i) => {
        const [batch, row, column] = [Math.floor(i / (M * N)), Math.floor(i / N) % M, i % N];
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const x = a[(batch % aBatch) * M * K + (transposeA ? k * M + row : row * K + k)]!;
          const y = b[(batch % bBatch) * K * N + (transposeB ? column * K + k : k * N + column)]!;
          sum += x * y;
        }
        return sum;
      }).slice(0, Math.max(aBatch, bBatch) * M * N);
      const product = tf.tidy(() =>
        tf.matMul(
          tf.tensor3d(a, transposeA ? [aBatch, K, M] : [aBatch, M, K]),
          tf.tensor3d(b, transposeB ? [bBatch, N, K] : [bBatch, K, N]),
          transposeA,
          transposeB,
        )
      );
      assert.deepEqual(product.shape, [Math.max(aBatch, bBatch), M, N]);
      assertClose(await product.data(), expected, 1e-5, `${aBatch} x ${bBatch}`);
      product.dispose();
    }
  }
});

testOnDevices("matMul() takes one matrix in several shapes", async ({ tf }) => {
  const ones = tf.ones([6, 4]);
  const [tall, wide] = [ones.reshape([12, 2]), ones.reshape([3, 8])];
  for (let k = 0; k < 20; k++) {
    for (const b of [tall, wide]) {
      const [rows, columns] = b.shape as [number, number];
      const product = tf.tidy(() => tf.matMul(tf.ones([5, rows]), b));
      assert.deepEqual([...await product.data()], Array(5 * columns).fill(rows));
      product.dispose();
    }
  }
  tf.dispose([ones, tall, wide]);
});

testOnDevices("lossAndGradients() gives the gradient of gather", async (tensors) => {
  const { tf } = tensors;
  const table = tf.variable(tf.tensor2d([[1, 2], [3, 4], [5, 6]]));
  const unused = tf.variable(tf.tensor1d([1]));
  const ids = tf.tensor1d([2, 0, 2], "int32");
  const { loss, gradients } = lossAndGradients(
    tensors,
    [table, unused],
    () => tf.gather(table, ids).square().sum(),
  );
  assertClose(await loss.data(), [61 + 5 + 61], 1e-4);
  assertClose(await gradients[0]!.data(), [2, 4, 0, 0, 20, 24], 1e-4);
  assertClose(await gradients[1]!.data(), [0], 0);
  tf.dispose([table, unused, ids, loss, ...gradients]);
});

testOnDevices("lossAndGradients() gives the gradient of conv2d for its filter", async (tensors) => {
  const { tf } = tensors;
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const filter = tf.variable(tf.tensor4d([1, 1, 1, 1], [2, 2, 1, 1]));
  for (
    const [pad, stride, expected] of [
      ["valid", 1, [12, 16, 24, 28]], // each tap sees the four values it slides over
      ["same", 2, [20, 10, 10, 5]], // outputs at rows and columns 0 and 2, padded after
    ] as const
  ) {
    const { loss, gradients } = lossAndGradients(
      tensors,
      [filter],
      () => tf.conv2d(image, filter, stride, pad).sum(),
    );
    assertClose(await gradients[0]!.data(), expected, 1e-5, `${pad} tap`);
    tf.dispose([loss, ...gradients]);
  }
  tf.dispose([image, filter]);
});

testOnDevices("tensorCount() sees a tensor come and go", ({ tf, tensorCount }) => {
  const before = tensorCount();
  const tensor = tf.zeros([2]);
  assert.equal(tensorCount(), before + 1);
  tensor.dispose();
  assert.equal(tensorCount(), before);
});

Deno.test("openTensors() takes WASM for auto where no hardware adapter is present", async () => {
  const tensors = await openTensors();
  assert.equal(tensors.device, await findAdapter("hardware") ? "webgpu" : "wasm");
  tensors.dispose();
});

Deno.test("openTensors() uses WASM with SIMD", async () => {
  const { tf, dispose } = await openTensors("wasm");
  assert.equal(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"), true);
  dispose();
});

Deno.test("openTensors() shares an open device and refuses a second one", async () => {
  const [one, two] = await Promise.all([openTensors("wasm"), openTensors("auto")]);
  assert.equal(two.device, "wasm");
  one.dispose();
  one.dispose(); // a second call does nothing
  await assert.rejects(
    openTensors("cpu"),
    (error) => error instanceof TandemError && error.code === "E_DEVICE",
  );
  assertClose(await two.tf.tensor1d([1]).add(1).data(), [2], 0);
  two.dispose();
  (await openTensors("cpu")).dispose();
});

Deno.test("openTensors() fails with E_DEVICE where WebGPU is absent", async () => {
  const { gpu } = navigator;
  Object.defineProperty(navigator, "gpu", { value: undefined, configurable: true });
  try {
    await assert.rejects(
      openTensors("webgpu"),
      (error) => error instanceof TandemError && /"webgpu" is not present/.test(error.message),
    );
    const tensors = await openTensors("auto");
    assert.equal(tensors.device, "wasm");
    tensors.dispose();
  } finally {
    Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  }
});
