/** How a student hears its teacher: what all students mean by the same words. */
import { TandemError } from "../base/errors.ts";
import type { EnvSpec, Grain } from "../stages/mod.ts";

/**
 * What guidance may be to a student that reads no words: something it sees, a policy that it leans on as
 * far as it has learned to, or one that it imitates at first.
 */
export const WORDLESS_MODES = ["features", "trust", "annealed"] as const;

/** The same, or the mission that it follows for a while: see {@linkcode readingMissions}. */
export const GUIDANCE_MODES = [...WORDLESS_MODES, "mission"] as const;

/** One of {@linkcode GUIDANCE_MODES}. */
export type GuidanceMode = typeof GUIDANCE_MODES[number];

/** What of a student's options says what guidance is to it. */
export interface GuidanceUse {
  /** What guidance is to it. */
  readonly guidance: GuidanceMode;
  /** Weight of what draws the student in silence to the teacher's distribution, whatever the mode; 0 where absent. */
  readonly distillation?: number;
}

/** Whether a student with these options reads the teacher's distribution as one over actions. */
export function usesDistribution({ guidance, distillation = 0 }: GuidanceUse): boolean {
  return guidance === "trust" || guidance === "annealed" || distillation > 0;
}

/** The grains that a student with these options takes; empty for all of them. */
export function grainsOf(use: GuidanceUse): readonly Grain[] {
  if (use.guidance === "mission") return ["subgoal", "plan"];
  return usesDistribution(use) ? ["action"] : [];
}

/**
 * Holds a student's guidance mode against its teacher.
 *
 * @throws {TandemError} E_WIRING where the teacher's distribution is needed and not one over actions.
 */
export function checkDistribution(
  use: GuidanceUse,
  { actions }: Pick<EnvSpec, "actions">,
  candidates: readonly string[],
): void {
  if (!usesDistribution(use) || candidates.join() === actions.join()) return;
  throw new TandemError(
    "E_WIRING",
    `The student uses the teacher's distribution over actions, and the teacher suggests "${
      candidates.slice(0, 2).join('", "')
    }" and the like; student.guidance=features takes any.`,
  );
}

/**
 * The weight of what imitates the teacher after so many rollouts: it falls to 0 in a straight line, or to
 * where it stays.
 */
export function annealed(
  { guidance, imitation, annealing, imitationFloor = 0 }: {
    readonly guidance: GuidanceMode;
    readonly imitation: number;
    readonly annealing: number;
    readonly imitationFloor?: number;
  },
): (rollouts: number) => number {
  if (guidance !== "annealed") return () => 0;
  return (rollouts) => Math.max(imitationFloor, imitation * Math.max(0, 1 - rollouts / annealing));
}

/** The least probability that a trusted teacher's word comes to: it may be sure and wrong. */
export const LEAST_TRUSTED = 1e-3;
