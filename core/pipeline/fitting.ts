/** Whether stages fit together: when a pipeline is compiled, and again when it is defined. */
import { TandemError } from "../stages/errors.ts";
import type { Stage } from "./plugin.ts";
import type { EnvSpec, Grain, ObservationKind, Trait } from "../stages/mod.ts";

const observationKinds: Record<ObservationKind, true> = { vector: true, grid: true };
const grains: Record<Grain, true> = { action: true, subgoal: true, plan: true };

/** Traits of an env. */
export const OBSERVATION_KINDS = Object.keys(observationKinds) as readonly ObservationKind[];
/** Traits of a teacher. */
export const GRAINS = Object.keys(grains) as readonly Grain[];

/**
 * What a student must be besides a stage: anything where it fits, else a text that no stage is. The
 * compiler's message then ends with that text.
 *
 * @template E The env's traits.
 * @template G The teacher's.
 * @template S The student's.
 */
export type Fitting<E extends Trait, G extends Trait, S extends Trait> =
  [Misses<E, S, ObservationKind>] extends [true]
    ? Refusal<`${E & ObservationKind} observations`, "env shows">
    : [Misses<G, S, Grain>] extends [true] ? Refusal<`${G & Grain} guidance`, "teacher gives">
    : unknown;

type Refusal<What extends string, Who extends string> =
  `This student does not take ${What}, which this ${Who}.`;

/** Whether something is taken of a family of traits, but nothing of what is given. */
type Misses<Given extends Trait, Taken extends Trait, Family extends Trait> =
  [Taken & Family] extends [never] ? false
    : [Given & Taken & Family] extends [never] ? true
    : false;

/**
 * The same for stages of any type.
 *
 * @throws {TandemError} E_WIRING
 */
export function checkFit(
  student: Pick<Stage<"student">, "fits" | "plugin">,
  giver: Pick<Stage, "kind" | "fits" | "plugin">,
  family: readonly Trait[],
): void {
  const given = giver.fits.filter((trait) => family.includes(trait));
  const taken = student.fits.filter((trait) => family.includes(trait));
  if (given.length === 0 || taken.length === 0) return;
  if (given.some((trait) => taken.includes(trait))) return;
  const what = giver.kind === "env" ? "observations of the kind" : "guidance of the grain";
  const list = (traits: readonly Trait[]) => traits.map((trait) => `"${trait}"`).join(" or ");
  throw new TandemError(
    "E_WIRING",
    `The student "${student.plugin}" takes ${what} ${list(taken)}, and the ${giver.kind} ` +
      `"${giver.plugin}" gives ${list(given)}.`,
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
