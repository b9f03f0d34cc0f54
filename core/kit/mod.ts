/**
 * What authors of plugins build with: random streams, spaces and tensors, worlds and their steps,
 * guidance, returns and verdicts.
 *
 * @example A feedback rule with a dead zone of its own.
 * ```ts
 * import { definePlugin, option } from "@tandem/core";
 * import { between, verdictsOnChange, PAPER_WORDS } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 *
 * const careful = definePlugin({
 *   kind: "feedback",
 *   name: "careful",
 *   description: "Judges what changed by more than a little.",
 *   options: { little: option("What is passed over, in units of advantage.", between(0, 1e6), 0.1) },
 *   create: ({ little }) => ({
 *     judge: (now, before) => verdictsOnChange(now, before, PAPER_WORDS, little),
 *   }),
 * });
 * assert.deepEqual(careful().options, { little: 0.1 });
 * ```
 *
 * @module
 */
export { between, logBetween, positive, share, whole } from "./bounds.ts";
export { fixedTeacher, type Suggestion, teacherStreams } from "./fixed_teacher.ts";
export {
  argmax,
  authorOf,
  drawFrom,
  silence,
  silenceWhere,
  suggest,
  suggestionOf,
  tokensOf,
  withRows,
} from "./guidance.ts";
export {
  annealed,
  checkDistribution,
  grainsOf,
  GUIDANCE_MODES,
  type GuidanceMode,
  type GuidanceUse,
  usesDistribution,
  WORDLESS_MODES,
} from "./guidance_mode.ts";
export { hashOf } from "./hash.ts";
export { compilePrompt, type PromptParts, PROMPTS, promptText } from "./prompt.ts";
export { Pcg64, type Pcg64State } from "./random.ts";
export {
  gaeAdvantages,
  importanceRatios,
  lambdaReturns,
  nStepReturns,
  type RewardsAndValues,
  tdErrors,
} from "./returns.ts";
export { isSolved, type RolloutTally, tally } from "./rollout_buffer.ts";
export type { Seed } from "./seed_sequence.ts";
export { box, type BoxOptions, discrete, multiDiscrete, tokenText } from "./spaces.ts";
export { type MissionOptions, readingMissions, type Speaker } from "./spoken_mission.ts";
export { cacheDict, stateDict } from "./state_dict.ts";
export { type Row, type StepsOptions, VectorSteps } from "./steps.ts";
export { streamState } from "./streams.ts";
export { floatWidth, writeFloats, zeros } from "./tensors.ts";
export {
  type Observed,
  restart,
  type Step,
  termination,
  transition,
  truncation,
  vectorise,
  type World,
  type WorldOptions,
} from "./vectorise.ts";
export {
  abstentions,
  changeOf,
  PAPER_WORDS,
  verdictsOf,
  verdictsOnChange,
  type VerdictWords,
  wordsFor,
} from "./verdicts.ts";
