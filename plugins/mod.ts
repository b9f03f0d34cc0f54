/** The built-in plugins by kind and name: what `--set STAGE=NAME` may say. */
import type { AnyPlugin, Catalog } from "../core/plugin.ts";
import type { StageKind } from "../core/stages.ts";
import { qMinusV } from "./advantage/q_minus_v.ts";
import { tdError } from "./advantage/td_error.ts";
import { babyai } from "./env/babyai/mod.ts";
import { corridor } from "./env/corridor.ts";
import { none as noFeedback } from "./feedback/none.ts";
import { paper } from "./feedback/paper.ts";
import { synthetic } from "./feedback/synthetic.ts";
import { ppo } from "./student/ppo/mod.ts";
import { bot } from "./teacher/bot.ts";
import { languageModel } from "./teacher/language_model/mod.ts";
import { none as noTeacher } from "./teacher/none.ts";

export {
  babyai,
  bot,
  corridor,
  languageModel,
  noFeedback,
  noTeacher,
  paper,
  ppo,
  qMinusV,
  synthetic,
  tdError,
};

/** The catalog of built-in plugins. */
export const builtins: Catalog = {
  env: byName(babyai, corridor),
  teacher: byName(languageModel, bot, noTeacher),
  student: byName(ppo),
  advantage: byName(qMinusV, tdError),
  feedback: byName(noFeedback, paper, synthetic),
};

function byName<K extends StageKind>(...plugins: AnyPlugin<K>[]): Record<string, AnyPlugin<K>> {
  return Object.fromEntries(plugins.map((plugin) => [plugin.pluginName, plugin]));
}
