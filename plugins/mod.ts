/**
 * The built-in plugins, and a catalog of them by kind and name. Each kind has a door of its own, such as
 * `@tandem/plugins/student`; all of them, and the environments of `@tandem/env`, are here.
 *
 * @example A pipeline from JSON, in which plugins are names.
 * ```ts
 * import { definePipeline, pipelineFromJson } from "@tandem/core";
 * import { builtins, cartpole, gae, noTeacher, paper, ppo } from "@tandem/plugins";
 * import assert from "node:assert/strict";
 *
 * const pipeline = definePipeline({
 *   name: "pole",
 *   env: cartpole(),
 *   teacher: noTeacher(),
 *   student: ppo({ hidden: 32 }),
 *   advantage: gae(),
 *   feedback: paper(),
 * });
 * const json = JSON.parse(JSON.stringify(pipeline));
 * const again = await pipelineFromJson(json, builtins);
 * assert.equal(again.stages.student.options.hidden, 32);
 * ```
 *
 * @module
 */
import type { AnyPlugin, Catalog, PluginKind } from "@tandem/core";
import {
  babyai,
  cartpole,
  corridor,
  corridorFloat,
  gymnasium,
  household,
  pendulum,
} from "@tandem/env";
import { gae, monteCarlo, nStep, qMinusV, retrace, tdError, vTrace } from "./advantage/mod.ts";
import { curriculum, earlyStopping, ellm, hindsightReplay, noveltyBonus } from "./extra/mod.ts";
import {
  bandit,
  counterfactual,
  frozenCritic,
  group,
  hindsightCredit,
  margin,
  movingQuantile,
  noFeedback,
  paper,
  perState,
  significance,
  synthetic,
  verbal,
} from "./feedback/mod.ts";
import {
  actorCritic,
  behaviourCloning,
  dqn,
  lamorel,
  languageModelCloning,
  match,
  ppo,
  recurrentPpo,
  tabularQ,
} from "./student/mod.ts";
import {
  bot,
  cassette,
  chat,
  constant,
  ensemble,
  imperfect,
  languageModel,
  misleading,
  noTeacher,
  random,
  shuffled,
} from "./teacher/mod.ts";

// Each of these doors lists by name what it lets out.
export * from "@tandem/env";
export * from "./advantage/mod.ts";
export * from "./extra/mod.ts";
export * from "./feedback/mod.ts";
export * from "./student/mod.ts";
export * from "./teacher/mod.ts";

/** The catalog of built-in plugins. */
export const builtins: Catalog = {
  env: byName(babyai, cartpole, corridor, corridorFloat, gymnasium, household, pendulum),
  teacher: byName(
    languageModel,
    chat,
    ensemble,
    imperfect,
    cassette,
    bot,
    random,
    constant,
    shuffled,
    misleading,
    noTeacher,
  ),
  student: byName(
    ppo,
    recurrentPpo,
    actorCritic,
    dqn,
    behaviourCloning,
    tabularQ,
    lamorel,
    languageModelCloning,
    match,
  ),
  advantage: byName(qMinusV, tdError, nStep, monteCarlo, gae, vTrace, retrace),
  feedback: byName(
    paper,
    margin,
    significance,
    perState,
    frozenCritic,
    counterfactual,
    movingQuantile,
    bandit,
    group,
    hindsightCredit,
    verbal,
    synthetic,
    noFeedback,
  ),
  extra: byName(curriculum, earlyStopping, ellm, hindsightReplay, noveltyBonus),
  // The language model knows its own by name: teacher/language_model/channels/table.ts.
  channel: {},
};

function byName<K extends PluginKind>(...plugins: AnyPlugin<K>[]): Record<string, AnyPlugin<K>> {
  return Object.fromEntries(plugins.map((plugin) => [plugin.pluginName, plugin]));
}
