/**
 * What Tandem's own packages share. No promise of semantic versioning covers it.
 *
 * @module
 */
export { didYouMean } from "./base/errors.ts";
export { loadReason } from "./base/load_reason.ts";
export { importOptional } from "./base/optional_package.ts";
export { outsideReason, outsideText } from "./base/outside.ts";
export { shownAddress } from "./kit/address.ts";
export { matchCandidate } from "./kit/answer_match.ts";
export { DAY, expectMemory } from "./kit/bounds.ts";
export { type Breathe } from "./kit/breath.ts";
export { decodeGuidance, type EncodedGuidance, encodeGuidance } from "./kit/codec.ts";
export { scopedContext } from "./kit/context.ts";
export { parseJson } from "./kit/json.ts";
export { exactJson, parseExactJson } from "./kit/packing.ts";
export { generateState } from "./kit/seed_sequence.ts";
export { withoutThoughts } from "./kit/thoughts.ts";
export { candidatesAt } from "./pipeline/fitting.ts";
export { anyObject, described, quote } from "./pipeline/options.ts";
export { stageTable } from "./pipeline/pipeline.ts";
export { pluginOf } from "./pipeline/plugin.ts";
export { checkVersion } from "./run/checkpoint.ts";
export { addUsage, NO_USAGE } from "./run/parts/usage.ts";
export { stateNames } from "./run/result.ts";
