/**
 * Checks that tell in sentences what a plugin gets wrong.
 *
 * @example A rule that meets its contract.
 * ```ts
 * import { checkStage } from "@tandem/core/testing";
 * import { corridor } from "@tandem/env";
 * import { paper } from "@tandem/plugins";
 * import assert from "node:assert/strict";
 * assert.deepEqual(await checkStage(paper(), { world: corridor() }), []);
 * ```
 *
 * @module
 */
import type { StageSpec } from "../pipeline/plugin.ts";
import type { PluginKind } from "../stages/mod.ts";
import { checkAdvantage } from "./advantage.ts";
import { checkChannel } from "./channel.ts";
import { checkEnv } from "./env.ts";
import { checkExtra } from "./extra.ts";
import { checkFeedback } from "./feedback.ts";
import type { CheckSetting } from "./setting.ts";
import { checkStudent } from "./student.ts";
import { checkTeacher } from "./teacher.ts";

export {
  checkAdvantage,
  checkChannel,
  checkEnv,
  checkExtra,
  checkFeedback,
  checkStudent,
  checkTeacher,
};
export type { CheckSetting };

const CHECKS: {
  readonly [K in PluginKind]: (stage: StageSpec<K>, setting: CheckSetting) => Promise<string[]>;
} = {
  env: checkEnv,
  teacher: checkTeacher,
  student: checkStudent,
  advantage: checkAdvantage,
  feedback: checkFeedback,
  extra: checkExtra,
  channel: checkChannel,
};

/**
 * Checks that a stage of any kind meets its contract.
 *
 * @returns Sentences about what is wrong; none where nothing was found.
 */
export function checkStage<K extends PluginKind>(
  stage: StageSpec<K>,
  setting: CheckSetting,
): Promise<string[]> {
  return CHECKS[stage.kind](stage, setting);
}
