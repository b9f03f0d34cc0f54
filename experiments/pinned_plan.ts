/** A plan with the SHA-256 of what the runs had learned that its trials begin from. */
import { parseJson } from "../core/kit/json.ts";
import { STAGE_KINDS, type StateName } from "../core/stages/mod.ts";
import type { Plan } from "../lab/plan.ts";
import type { LearnedRuns } from "./learned_runs.ts";

/**
 * The plan, whose pipeline and settings say of each run's folder what had been learned there: what is
 * changed later is seen.
 *
 * @throws {TandemError} E_FILE, E_CHECKPOINT
 */
export async function pinnedPlan<P extends Pick<Plan, "pipeline" | "variants">>(
  plan: P,
  runs: LearnedRuns,
): Promise<P> {
  const variants = await Promise.all(plan.variants.map(async (variant) => ({
    ...variant,
    settings: await Promise.all(variant.settings.map((setting) => pinnedSetting(setting, runs))),
  })));
  return { ...plan, pipeline: await runs.pinned(plan.pipeline), variants };
}

async function pinnedSetting(setting: string, runs: LearnedRuns): Promise<string> {
  const match = /^(?<owner>extra\.[\w-]+|\w+)\.(?<option>\w+)=(?<value>[^$].*)$/s.exec(setting);
  const { owner = "", option = "", value = "" } = match?.groups ?? {};
  const isStage = owner.startsWith("extra.") || STAGE_KINDS.some((kind) => kind === owner);
  if (!isStage) return setting;
  const stage = owner as StateName;
  if (option === "from") {
    const from = await runs.pinnedSource(jsonOr(value), stage);
    return from ? `${owner}.from=${JSON.stringify(from)}` : setting;
  }
  // A stage within an option may begin from a run, too.
  const json = jsonOr(value);
  if (typeof json !== "object") return setting;
  const pinned = await runs.pinnedValue(json, stage);
  const [before, after] = [json, pinned].map((value) => JSON.stringify(value));
  return before === after ? setting : `${owner}.${option}=${after}`;
}

function jsonOr(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
