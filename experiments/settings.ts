/** `--set KEY=VALUE`: replaces stages and options of a pipeline. */
import * as v from "valibot";
import { BEGINNING, type Beginning, beginning } from "../core/pipeline/beginning.ts";
import { quote } from "../core/pipeline/options.ts";
import { parseJson } from "../core/kit/json.ts";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import type { Pipeline, PipelineChange } from "../core/pipeline/pipeline.ts";
import { EVALUATION, SCHEDULE } from "../core/pipeline/schedule.ts";
import {
  type Catalog,
  nameStages,
  permitted,
  type StageSpec,
  use,
} from "../core/pipeline/plugin.ts";
import { type PluginKind, STAGE_KINDS } from "../core/stages/mod.ts";

/**
 * Applies settings in order: first those that replace a stage (`feedback=none`,
 * `feedback=./my_rule.ts`), then those that set an option (`student.learningRate=3e-4`,
 * `schedule.envs=16`, `evaluation.episodes=500`). A value is JSON where it can be read as such, a
 * text otherwise; for an option that holds a stage it is a plugin's name, or JSON with its options:
 * `teacher=shuffled` and `teacher.of={"plugin":"bot","options":{"accuracy":0.6}}`.
 *
 * `teacher.from=runs/ID` lets a stage begin with what that of a run had learned, and
 * `teacher.frozen=true` learn nothing any more.
 *
 * An extra stage has a name: `extra.bonus=ellm` adds or replaces it, `extra.bonus.weight=0.1` sets an
 * option of it, and `extra.bonus=none` takes it away.
 *
 * @throws {TandemError} E_ARGUMENT for a setting that is not understood; E_PLUGIN, E_SLOT, E_OPTION.
 */
export async function applySettings(
  pipeline: Pipeline,
  settings: readonly string[],
  catalog: Catalog,
): Promise<Pipeline> {
  const parsed = settings.map(parseSetting);
  for (const { owner, option, value } of parsed) {
    if (option !== undefined) continue;
    // Its options come with it, since some have no default.
    const own = parsed.filter((other) => other.owner === owner && other.option !== undefined);
    const options = Object.fromEntries(
      own.filter(({ option }) => !isBeginning(option))
        .map((set) => [set.option, readValue(set.value)]),
    );
    pipeline = await replaceStage(pipeline, owner, value, options, catalog);
  }
  for (const { owner, option, value } of parsed) {
    if (option === undefined) continue;
    pipeline = await setOption(pipeline, owner, option, readValue(value), catalog);
  }
  return pipeline;
}

interface Setting {
  readonly owner: string;
  readonly option?: string;
  readonly value: string;
}

const OWNERS: readonly string[] = [...STAGE_KINDS, "extra.NAME", "schedule", "evaluation"];

function parseSetting(setting: string): Setting {
  const match = /^(?<owner>extra\.[\w-]+|\w+)(?:\.(?<option>\w+))?=(?<value>.*)$/s.exec(setting);
  if (!match?.groups) {
    throw new TandemError(
      "E_ARGUMENT",
      `"--set ${setting}" is not KEY=VALUE, such as feedback=none or student.learningRate=3e-4.`,
    );
  }
  const { owner = "", option, value = "" } = match.groups;
  if (OWNERS.includes(owner) || owner.startsWith("extra.")) return { owner, option, value };
  throw new TandemError(
    "E_ARGUMENT",
    `"--set ${setting}" names no stage "${owner}".${
      didYouMean(owner, OWNERS) || ` Say one of ${OWNERS.join(", ")}.`
    }`,
  );
}

async function replaceStage(
  pipeline: Pipeline,
  owner: string,
  value: string,
  options: Readonly<Record<string, unknown>>,
  catalog: Catalog,
): Promise<Pipeline> {
  const kind = kindOf(owner);
  if (!kind) {
    throw new TandemError(
      "E_ARGUMENT",
      `"${owner}" is no stage; set an option, as ${owner}.NAME=VALUE.`,
    );
  }
  const gone = kind === "extra" && value === "none";
  return put(pipeline, owner, gone ? undefined : await use(kind, value, options, catalog));
}

async function setOption(
  pipeline: Pipeline,
  owner: string,
  option: string,
  value: unknown,
  catalog: Catalog,
): Promise<Pipeline> {
  if (kindOf(owner)) {
    const stage = stageAt(pipeline, owner);
    if (isBeginning(option)) return put(pipeline, owner, begun(stage, owner, option, value));
    const change = await nameStages(stage.schema, { [option]: value }, catalog);
    return put(pipeline, owner, await permitted(stage.with(change), catalog));
  }
  const known = Object.keys(owner === "schedule" ? SCHEDULE : EVALUATION);
  if (!known.includes(option)) {
    const hint = didYouMean(option, known) || ` Its options: ${known.join(", ")}.`;
    throw new TandemError("E_OPTION", `${owner} has no option "${option}".${hint}`);
  }
  return pipeline.with({ [owner]: { [option]: value } });
}

/** Whether a setting says what a stage begins with, or whether it learns on, in place of an option. */
function isBeginning(option: string | undefined): option is keyof Beginning {
  return option !== undefined && Object.hasOwn(BEGINNING, option);
}

/** The stage with another beginning; `null` takes away what it begins with. */
function begun(stage: StageSpec, owner: string, what: keyof Beginning, value: unknown): StageSpec {
  const { from, frozen } = stage;
  const parsed = v.safeParse(v.nullable<v.GenericSchema>(BEGINNING[what]), value);
  if (parsed.success) return beginning(stage, { from, frozen, [what]: parsed.output ?? undefined });
  const right = what === "from" ? "a run's folder, as runs/ID" : "true or false";
  throw new TandemError(
    "E_OPTION",
    `"${what}" of the ${owner} is ${quote(value)}; right would be ${right}.`,
  );
}

/**
 * Whether a pipeline has what a setting's key names: a stage, or an option of a stage that it has.
 *
 * @throws {TandemError} E_ARGUMENT for a key that is not understood.
 */
export function hasSetting(pipeline: Pipeline, key: string): boolean {
  const { owner, option } = parseSetting(`${key}=`);
  if (!kindOf(owner)) {
    return option !== undefined &&
      Object.hasOwn(owner === "schedule" ? SCHEDULE : EVALUATION, option);
  }
  const isMissing = kindOf(owner) === "extra" &&
    !Object.hasOwn(pipeline.extras, owner.slice("extra.".length));
  if (option === undefined || isMissing) return option === undefined;
  return isBeginning(option) || Object.hasOwn(stageAt(pipeline, owner).schema, option);
}

/** The kind of the stage that a setting's owner names, if it names one. */
function kindOf(owner: string): PluginKind | undefined {
  return owner.startsWith("extra.") ? "extra" : STAGE_KINDS.find((kind) => kind === owner);
}

function stageAt({ stages, extras }: Pipeline, owner: string): StageSpec {
  if (kindOf(owner) !== "extra") return stages[owner as keyof typeof stages];
  const name = owner.slice("extra.".length);
  if (Object.hasOwn(extras, name)) return extras[name]!;
  throw new TandemError(
    "E_ARGUMENT",
    `The pipeline has no extra stage "${name}"; add one, as --set ${owner}=PLUGIN.`,
  );
}

function put(pipeline: Pipeline, owner: string, stage: StageSpec | undefined): Pipeline {
  const change = kindOf(owner) === "extra"
    ? { extras: { [owner.slice("extra.".length)]: stage } }
    : { [owner]: stage };
  return pipeline.with(change as PipelineChange);
}

/**
 * Options of one plugin, written as OPTION=VALUE.
 *
 * @throws {TandemError} E_ARGUMENT
 */
export function readOptions(settings: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(settings.map((setting) => {
    const [, option, value] = /^(\w+)=(.*)$/s.exec(setting) ?? [];
    if (option !== undefined) return [option, readValue(value!)];
    throw new TandemError(
      "E_ARGUMENT",
      `"--set ${setting}" is not OPTION=VALUE, such as margin=0.1.`,
    );
  }));
}

function readValue(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
