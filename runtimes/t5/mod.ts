/**
 * T5 models whose weights are trained.
 *
 * @module
 */
export type { T5Config } from "./config.ts";
export { t5Files, tokenizerFiles } from "./files.ts";
export { readT5, writeT5 } from "./folder.ts";
export { Lora, type LoraOptions } from "./lora.ts";
export type { Parameter } from "./parameters.ts";
export { firstStates, type Sequences, weighCandidates, type WeighedCandidates } from "./policy.ts";
export { type Example, T5 } from "./t5.ts";
