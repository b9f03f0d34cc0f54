/**
 * Models by name: the shipped one, and those pulled from a hub with checksums.
 *
 * @module
 */
export { modelEffects, modelFolder } from "./folder.ts";
export { DEFAULT_ENDPOINT, type HubOptions } from "./hub.ts";
export {
  DEFAULT_CACHE_DIR,
  findPulled,
  type PulledModel,
  pullModel,
  type PullOptions,
  type PullProgress,
} from "./pull.ts";
export type { LocalFile } from "./hub.ts";
export type { ModelKind } from "../model_folder/config.ts";
export type { Patience } from "./patience.ts";
export type { Checksum } from "./part.ts";
