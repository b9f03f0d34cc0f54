/**
 * TensorFlow.js on WebGPU, WebAssembly or the processor.
 *
 * @module
 */
export { Adam, type AdamOptions, type AdamState } from "./adam.ts";
export { Perceptron } from "./perceptron.ts";
export { RowMeans } from "./row_means.ts";
export {
  lossAndGradients,
  openTensors,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type TensorDevice,
  type TensorFlow,
  type Tensors,
  type Variable,
} from "./tfjs.ts";
