/** Whether stages fit together: when a pipeline is compiled, and again when it is defined. */
import { TandemError } from "../base/errors.ts";
import type { StageSpec } from "./plugin.ts";
import type { ActionKind, EnvSpec, Grain, ObservationKind, Trait } from "../stages/mod.ts";

const observationKinds: Record<ObservationKind, true> = {
  vector: true,
  grid: true,
  box: true,
  text: true,
};
const actionKinds: Record<ActionKind, true> = { discrete: true, continuous: true };
const grains: Record<Grain, true> = {
  action: true,
  subgoal: true,
  plan: true,
  reference: true,
};

/** Traits of an env: what it shows, and how it is acted on. */
const OBSERVATION_KINDS = Object.keys(observationKinds) as readonly ObservationKind[];
const ACTION_KINDS = Object.keys(actionKinds) as readonly ActionKind[];
/** Traits of a teacher. */
const GRAINS = Object.keys(grains) as readonly Grain[];

/**
 * What a student must be besides a stage: anything where it fits, else a text that no stage is. The
 * compiler's message then ends with that text.
 *
 * @template E The env's traits.
 * @template G The teacher's.
 * @template S The student's.
 * @internal
 */
export type Fitting<E extends Trait, G extends Trait, S extends Trait> =
  [Misses<E, S, ObservationKind>] extends [true]
    ? Refusal<`${E & ObservationKind} observations`, "env shows">
    : [Misses<ActionsOf<E>, ActionsOf<S>, ActionKind>] extends [true]
      ? Refusal<`${ActionsOf<E>} actions`, "env asks for">
    : [Misses<G, S, Grain>] extends [true] ? Refusal<`${G & Grain} guidance`, "teacher gives">
    : unknown;

/** Who names no kind of action means discrete ones. */
type ActionsOf<T extends Trait> = [T & ActionKind] extends [never] ? "discrete" : T & ActionKind;

type Refusal<What extends string, Who extends string> =
  `This student does not take ${What}, which this ${Who}.`;

/** Whether something is taken of a family of traits, but nothing of what is given. */
type Misses<Given extends Trait, Taken extends Trait, Family extends Trait> =
  [Taken & Family] extends [never] ? false
    : [Given & Taken & Family] extends [never] ? true
    : false;

type Fits = Pick<StageSpec, "fits" | "plugin">;

/**
 * Whether a student reads all that an env shows, and acts as it asks.
 *
 * @throws {TandemError} E_WIRING
 */
export function checkEnvFit(student: Fits, env: Fits): void {
  const { given, taken } = traitsWithin(env, student, OBSERVATION_KINDS);
  const read = taken.length === 0 ? given : taken;
  if (!given.every((kind) => read.includes(kind))) {
    throw misfit(student, "observations of the kind", taken, `env "${env.plugin}"`, given);
  }
  const actions = traitsWithin(env, student, ACTION_KINDS);
  const [asked, can] = [actions.given, actions.taken]
    .map((kinds) => kinds.length === 0 ? ["discrete" as const] : kinds);
  if (asked!.some((kind) => can!.includes(kind))) return;
  throw misfit(student, "actions of the kind", can!, `env "${env.plugin}"`, asked!);
}

/**
 * Whether a student hears guidance as a teacher speaks.
 *
 * @throws {TandemError} E_WIRING
 */
export function checkTeacherFit(student: Fits, teacher: Fits): void {
  const { given, taken } = traitsWithin(teacher, student, GRAINS);
  if (given.length === 0 || taken.length === 0) return;
  if (given.some((grain) => taken.includes(grain))) return;
  throw misfit(student, "guidance of the grain", taken, `teacher "${teacher.plugin}"`, given);
}

function traitsWithin<T extends Trait>(giver: Fits, student: Fits, family: readonly T[]) {
  const within = ({ fits }: Fits) => family.filter((trait) => fits.includes(trait));
  return { given: within(giver), taken: within(student) };
}

function misfit(
  { plugin }: Fits,
  what: string,
  taken: readonly Trait[],
  giver: string,
  given: readonly Trait[],
): TandemError {
  const list = (traits: readonly Trait[], word: string) =>
    traits.map((trait) => `"${trait}"`).join(` ${word} `);
  return new TandemError(
    "E_WIRING",
    `The student "${plugin}" takes ${what} ${list(taken, "or")}, and the ${giver} gives ` +
      `${list(given, "and")}.`,
  );
}

/**
 * What may be suggested at a grain in an environment: its actions, or its words for what is coarser.
 *
 * @throws {TandemError} E_WIRING where the environment has none.
 */
export function candidatesAt(
  { id, actions, guidance }: Pick<EnvSpec, "id" | "actions" | "guidance">,
  grain: Grain,
): readonly string[] {
  const candidates = grain === "action" ? actions : guidance?.[grain];
  if (candidates) return candidates;
  const given = GRAINS.filter((grain) => grain === "action" || guidance?.[grain]);
  throw new TandemError(
    "E_WIRING",
    `The teacher guides at the grain "${grain}", for which "${id}" has no words; it has them for ` +
      `${given.map((grain) => `"${grain}"`).join(" and ")}.`,
  );
}
