/**
 * What Tandem's own packages share. No promise of semantic versioning covers it.
 *
 * @module
 */
export { builtin, type Builtins, optionalBuiltin } from "./base/builtin.ts";
export { environmentVariable, isWindows, workingFolder } from "./base/host.ts";
export { didYouMean } from "./base/errors.ts";
export { loadReason } from "./base/load_reason.ts";
export { importOptional } from "./base/optional_package.ts";
export { outsideReason, outsideText, type OutsideTextOptions } from "./base/outside.ts";
export { actionAt, floatsAt } from "./kit/actions.ts";
export { shownAddress } from "./kit/address.ts";
export { bytesOfBase64, toBase64 } from "./kit/base64.ts";
export { matchCandidate, type MatchOptions } from "./kit/answer_match.ts";
export { BoundedMap } from "./kit/bounded_map.ts";
export { DAY, expectMemory } from "./kit/bounds.ts";
export { andThen } from "./kit/guidance.ts";
export { LEAST_TRUSTED } from "./kit/guidance_mode.ts";
export { decodeGuidance, type EncodedGuidance, encodeGuidance } from "./kit/codec.ts";
export { scopedContext } from "./kit/context.ts";
export { parseJson } from "./kit/json.ts";
export { type Column, joinColumns } from "./kit/join_columns.ts";
export { Odometry } from "./kit/odometry.ts";
export { type ArrayName, exactJson, type Packed, parseExactJson } from "./kit/packing.ts";
export { generateState } from "./kit/seed_sequence.ts";
export { joinStates, partOfState } from "./kit/state_dict.ts";
export { type Arm, type Arms, TwoArms } from "./kit/two_arms.ts";
export { compileTemplate, type TemplateFields } from "./kit/template.ts";
export { countLegal, entryBounds, rowBytes, writeEntries } from "./kit/tensors.ts";
export { withoutThoughts } from "./kit/thoughts.ts";
export { candidatesAt, GRAINS } from "./pipeline/fitting.ts";
export { anyObject, described, quote } from "./pipeline/options.ts";
export { stageTable } from "./pipeline/pipeline.ts";
export { pluginOf } from "./pipeline/plugin.ts";
export { checkVersion } from "./run/checkpoint.ts";
export { addUsage, NO_USAGE } from "./run/parts/usage.ts";
export { stateNames } from "./run/result.ts";
