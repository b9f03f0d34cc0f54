/**
 * Weights of networks: how they begin, and how they are kept.
 *
 * @module
 */
export { normal, orthogonal, type RandomSource, uniform } from "./initialisers.ts";
export {
  type Dtype,
  float32Of,
  readSafetensors,
  type Safetensors,
  type StoredTensor,
  storeFloat32,
  writeSafetensors,
} from "./safetensors.ts";
