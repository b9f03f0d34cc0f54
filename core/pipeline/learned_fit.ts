/** Whether a stage can begin with what another had learned; then it does. */
import { TandemError } from "../base/errors.ts";
import { isModule, moduleUrl } from "../base/module_url.ts";
import type { Context } from "../kit/context.ts";
import type { Pcg64 } from "../kit/random.ts";
import type {
  EnvSpec,
  Learned,
  PluginKind,
  StageKind,
  StageSource,
  StageState,
  Stateful,
  Student,
  Teacher,
} from "../stages/mod.ts";
import { quote } from "./options.ts";
import type { StageSpec, Wirings } from "./stage.ts";

/** What is known of the stage that was chosen. */
type StageFacts = Pick<StageSpec, "kind" | "plugin" | "shapesState" | "toJSON">;

/** A stage that was just made, and what it is to begin with. */
export interface Beginner {
  readonly stage: StageFacts;
  readonly from: StageSource;
  readonly context: Context;
  readonly wiring: Wirings[PluginKind];
  readonly made: Stateful;
  /** The random streams that it was lent. */
  readonly streams: readonly Pcg64[];
}

/**
 * Loads what the source had learned, where it fits. The stage's random streams stay where they are: they
 * are those of its own run.
 *
 * @throws {TandemError} E_WIRING where it does not fit or nobody can read it, E_CHECKPOINT where its
 * state is none of this plugin.
 */
export async function beginWith(beginner: Beginner): Promise<void> {
  const { stage, from, context, wiring, made, streams } = beginner;
  if (!context.learned) {
    throw unfit(beginner, "no runs can be read here");
  }
  const learned = await context.learned({ ...from, stage: from.stage ?? stage.kind as StageKind });
  if (!learned) return;
  const misfit = pluginMisfit(stage, learned) ?? optionMisfit(stage, learned) ??
    learningMisfit(stage, made) ?? worldMisfit(stage, wiring as World, learned, made);
  if (misfit) throw unfit(beginner, misfit);
  if (!learned.state) return;
  const places = streams.map((stream) => stream.save());
  await load(beginner, learned.state);
  streams.forEach((stream, i) => stream.load(places[i]!));
  made.startAnew?.();
}

function pluginMisfit({ kind, plugin }: StageFacts, learned: Learned): string | undefined {
  const isSame = plugin === learned.plugin ||
    isModule(plugin) && isModule(learned.plugin) &&
      moduleUrl(plugin) === moduleUrl(learned.plugin);
  return isSame ? undefined : `the ${kind} there is ${quote(learned.plugin)}`;
}

function optionMisfit(
  stage: StageFacts,
  learned: Learned,
): string | undefined {
  const { shapesState = [] } = stage;
  const plain = stage.toJSON().options;
  for (const name of shapesState) {
    const there = learned.options[name];
    // A run of an older version may not have had it.
    if (there === undefined || sorted(there) === sorted(plain[name])) continue;
    return `its option "${name}" is ${quote(there)} there and ${quote(plain[name])} here`;
  }
}

function learningMisfit({ kind }: StageFacts, made: Stateful): string | undefined {
  const cannot = !made.load || !made.save ||
    kind === "teacher" && (made as Teacher).learnsBy.length === 0;
  return cannot ? "it learns nothing" : undefined;
}

/** What a stage is told of the world; an estimator, for one, is told nothing. */
interface World {
  readonly env?: EnvSpec;
  readonly candidates?: readonly string[];
}

/**
 * Expects a world in which what was learned elsewhere can act.
 *
 * @throws {TandemError} E_WIRING
 */
export function expectWorld(
  stage: Pick<StageFacts, "kind" | "plugin">,
  world: World,
  learned: Learned,
  from: StageSource,
): void {
  const misfit = worldMisfit(stage, world, learned);
  if (misfit) throw unfit({ stage, from }, misfit);
}

/** What a stage was told of the world must be what it was told where it learned. */
function worldMisfit(
  { kind }: Pick<StageFacts, "kind">,
  { env, candidates: here }: World,
  { env: there, candidates }: Learned,
  made?: Stateful,
): string | undefined {
  if (!env) return undefined;
  const readsWords = kind === "student" &&
    (made as Student | undefined)?.missionSteps !== undefined;
  if (!readsWords && candidates && here && sorted(candidates) !== sorted(here)) {
    return `what may be suggested there is ${list(candidates)}, and here ${list(here)}`;
  }
  if (!there) return undefined;
  const facts: readonly (keyof EnvSpec)[] = kind === "student"
    ? ["actions", "actionBox", "legalActions", "observation", "missionWords"]
    : ["actions", "actionBox"];
  const other = facts.find((fact) => sorted(there[fact]) !== sorted(env[fact]));
  if (other === undefined) return undefined;
  return `"${there.id}" there has other ${FACTS[other]} than "${env.id}" here`;
}

const FACTS: Readonly<Partial<Record<keyof EnvSpec, string>>> = {
  actions: "actions",
  actionBox: "actions",
  legalActions: "rules of legal actions",
  observation: "observations",
  missionWords: "words of missions",
};

/** Loads a state that came from outside: what is loaded must be what is saved again. */
async function load(beginner: Beginner, state: StageState): Promise<void> {
  const { stage: { kind, plugin }, from, made } = beginner;
  const refuse = (cause?: unknown) =>
    new TandemError(
      "E_CHECKPOINT",
      `The ${kind} "${plugin}" cannot begin with what "${from.run}" had learned: what is kept there ` +
        "is no state of it.",
      { cause },
    );
  let kept: StageState;
  try {
    await made.load!(state);
    kept = await made.save!();
  } catch (error) {
    throw refuse(error);
  }
  if (!isSameState(kept, state)) throw refuse();
}

/** Whether two states hold the same arrays: of another shape, a part may be loaded without a word. */
function isSameState(one: StageState, other: StageState): boolean {
  const [mine, theirs] = [one, other].map(({ arrays = {} }) => arrays);
  const names = Object.keys(mine!);
  return names.length === Object.keys(theirs!).length && names.every((name) => {
    const [a, b] = [mine![name]!, theirs![name]];
    return b !== undefined && sorted(a.shape) === sorted(b.shape) && isSameBytes(a.data, b.data);
  });
}

function isSameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  if (one.constructor !== other.constructor || one.byteLength !== other.byteLength) return false;
  const [a, b] = [one, other].map(({ buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  );
  return a!.every((byte, i) => byte === b![i]);
}

/** JSON that does not depend on the order of keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  }) ?? "";
}

function list(names: readonly string[]): string {
  return quote(names.join(", "));
}

function unfit(
  { stage: { kind, plugin }, from }: {
    readonly stage: Pick<StageFacts, "kind" | "plugin">;
    readonly from: StageSource;
  },
  why: string,
): TandemError {
  return new TandemError(
    "E_WIRING",
    `The ${kind} "${plugin}" cannot begin with what "${from.run}" had learned: ${why}.`,
  );
}
