/** The built-in plugins by kind and name: what `--set STAGE=NAME` may say. */
import type { AnyPlugin, Catalog } from "../core/pipeline/plugin.ts";
import type { PluginKind } from "../core/stages/mod.ts";
import { gae } from "./advantage/gae.ts";
import { monteCarlo } from "./advantage/monte_carlo.ts";
import { nStep } from "./advantage/n_step.ts";
import { qMinusV } from "./advantage/q_minus_v.ts";
import { retrace } from "./advantage/retrace.ts";
import { tdError } from "./advantage/td_error.ts";
import { vTrace } from "./advantage/v_trace.ts";
import { babyai } from "./env/babyai/mod.ts";
import { corridor } from "./env/corridor.ts";
import { pendulum } from "./env/pendulum.ts";
import { curriculum } from "./extra/curriculum.ts";
import { earlyStopping } from "./extra/early_stopping.ts";
import { ellm } from "./extra/ellm.ts";
import { bandit } from "./feedback/bandit.ts";
import { counterfactual } from "./feedback/counterfactual.ts";
import { frozenCritic } from "./feedback/frozen_critic.ts";
import { margin } from "./feedback/margin.ts";
import { movingQuantile } from "./feedback/moving_quantile.ts";
import { none as noFeedback } from "./feedback/none.ts";
import { paper } from "./feedback/paper.ts";
import { perState } from "./feedback/per_state.ts";
import { significance } from "./feedback/significance.ts";
import { synthetic } from "./feedback/synthetic.ts";
import { verbal } from "./feedback/verbal.ts";
import { actorCritic } from "./student/neural/actor_critic.ts";
import { languageModelCloning } from "./student/language_model/cloning.ts";
import { lamorel } from "./student/language_model/mod.ts";
import { behaviourCloning } from "./student/neural/behaviour_cloning.ts";
import { dqn } from "./student/neural/dqn.ts";
import { ppo } from "./student/neural/ppo.ts";
import { recurrentPpo } from "./student/neural/recurrent_ppo.ts";
import { tabularQ } from "./student/tabular_q/mod.ts";
import { bot } from "./teacher/bot.ts";
import { cassette } from "./teacher/cassette/mod.ts";
import { chat } from "./teacher/chat/mod.ts";
import { constant } from "./teacher/constant.ts";
import { ensemble } from "./teacher/ensemble.ts";
import { languageModel } from "./teacher/language_model/mod.ts";
import { misleading } from "./teacher/misleading.ts";
import { none as noTeacher } from "./teacher/none.ts";
import { random } from "./teacher/random.ts";
import { shuffled } from "./teacher/shuffled.ts";

export {
  actorCritic,
  babyai,
  bandit,
  behaviourCloning,
  bot,
  cassette,
  chat,
  constant,
  corridor,
  counterfactual,
  curriculum,
  dqn,
  earlyStopping,
  ellm,
  ensemble,
  frozenCritic,
  gae,
  lamorel,
  languageModel,
  languageModelCloning,
  margin,
  misleading,
  monteCarlo,
  movingQuantile,
  noFeedback,
  noTeacher,
  nStep,
  paper,
  pendulum,
  perState,
  ppo,
  qMinusV,
  random,
  recurrentPpo,
  retrace,
  shuffled,
  significance,
  synthetic,
  tabularQ,
  tdError,
  verbal,
  vTrace,
};

/** The catalog of built-in plugins. */
export const builtins: Catalog = {
  env: byName(babyai, corridor, pendulum),
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
