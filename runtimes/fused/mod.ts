/**
 * Kernels in WebAssembly, and a tape of what they compute with its gradients.
 *
 * @module
 */
export { Arena, Block, type FusedOptions, knowsRelaxed, openFused, relaxedOn } from "./arena.ts";
export { type Beside, type Column, Columns, rowsOfColumns } from "./columns.ts";
export {
  mask,
  type PolicyData,
  type PolicyHeads,
  policyLoss,
  type PolicyLossOptions,
  policyRows,
  type ReplayData,
  replayLoss,
  squaredError,
} from "./losses.ts";
export { type MapData, type MapLayers, Maps, type MapShape } from "./maps.ts";
export { type Layer, type LayerShape, type NamedArray, Parameters } from "./parameters.ts";
export { gru, type GruLayers, keep } from "./recurrent.ts";
export { type Program, type Rows, rowsOf, type Table, Tape } from "./tape.ts";
export { type GuidanceRows, imitate, lean, type Leaning } from "./teacher.ts";
