/**
 * The built-in plugins by kind and name: what `--set STAGE=NAME` may say.
 *
 * @module
 */
import type { AnyPlugin, Catalog, PluginKind } from "@tandem/core";
import { babyai, cartpole, corridor, corridorFloat, pendulum } from "@tandem/env";
import { gae, monteCarlo, nStep, qMinusV, retrace, tdError, vTrace } from "./advantage/mod.ts";
import { curriculum, earlyStopping, ellm } from "./extra/mod.ts";
import {
  bandit,
  counterfactual,
  frozenCritic,
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
  languageModel,
  misleading,
  noTeacher,
  random,
  shuffled,
} from "./teacher/mod.ts";

export { babyai, cartpole, corridor, corridorFloat, pendulum };
export * from "./advantage/mod.ts";
export * from "./extra/mod.ts";
export * from "./feedback/mod.ts";
export * from "./student/mod.ts";
export * from "./teacher/mod.ts";

/** The catalog of built-in plugins. */
export const builtins: Catalog = {
  env: byName(babyai, cartpole, corridor, corridorFloat, pendulum),
  teacher: byName(
    languageModel,
    chat,
    ensemble,
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
    verbal,
    synthetic,
    noFeedback,
  ),
  extra: byName(curriculum, earlyStopping, ellm),
  // The language model knows its own by name: teacher/language_model/channels/table.ts.
  channel: {},
};

function byName<K extends PluginKind>(...plugins: AnyPlugin<K>[]): Record<string, AnyPlugin<K>> {
  return Object.fromEntries(plugins.map((plugin) => [plugin.pluginName, plugin]));
}
