/**
 * The five stages of a pipeline and the values that cross between them.
 *
 * Every batch is time-major: a value of step t and environment i lies at index `t * envs + i`.
 * Symbols follow Sutton & Barto: s_t observation, x_t guidance, a_t action, r_tp1 reward.
 */
import type { AdvantageEstimator } from "./stages/advantage.ts";
import type { Env, ObservationKind } from "./stages/env.ts";
import type { ExtraStage } from "./stages/extra.ts";
import type { FeedbackRule } from "./stages/feedback.ts";
import type { Grain } from "./stages/guidance.ts";
import type { Student } from "./stages/student.ts";
import type { Teacher } from "./stages/teacher.ts";

export * from "./stages/stage.ts";
export * from "./stages/guidance.ts";
export * from "./stages/env.ts";
export * from "./stages/rollout.ts";
export * from "./stages/teacher.ts";
export * from "./stages/student.ts";
export * from "./stages/advantage.ts";
export * from "./stages/feedback.ts";
export * from "./stages/extra.ts";

/** The stages of a pipeline by kind. Every table over kinds is a Record over these keys. */
export interface Stages {
  env: Env;
  teacher: Teacher;
  student: Student;
  advantage: AdvantageEstimator;
  feedback: FeedbackRule;
}

/** A kind of stage: "env", "teacher", "student", "advantage" or "feedback". */
export type StageKind = keyof Stages;

/** Everything that a plugin can be: a stage, or an extra one beside the five. */
export interface Pluggables extends Stages {
  extra: ExtraStage;
}

/** A kind of plugin: a kind of stage, or "extra". */
export type PluginKind = keyof Pluggables;

const kinds: Record<StageKind, true> = {
  env: true,
  teacher: true,
  student: true,
  advantage: true,
  feedback: true,
};

/** The kinds in the order in which a step visits them. */
export const STAGE_KINDS = Object.keys(kinds) as readonly StageKind[];

/** The kinds of stages, and "extra" at the end. */
export const PLUGIN_KINDS: readonly PluginKind[] = [...STAGE_KINDS, "extra"];

/** Names what has a state in a run: a kind of stage, or an extra stage by its name. */
export type StateName = StageKind | `extra.${string}`;

/** How stages fit together: what an env shows, how fine a teacher speaks, all that a student takes. */
export type Trait = ObservationKind | Grain;
