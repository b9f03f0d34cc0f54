/** The kinds of stages and of plugins, and what is told of a kind. */
import type { AdvantageEstimator } from "./advantage.ts";
import type { Channel } from "./channel.ts";
import type { Env } from "./env.ts";
import type { RunPart } from "./run_part.ts";
import type { FeedbackRule } from "./feedback.ts";
import type { Grain } from "./guidance.ts";
import type { ActionKind, ObservationKind } from "./space.ts";
import type { Student } from "./student.ts";
import type { Teacher } from "./teacher.ts";

/** The stages of a pipeline by kind. Every table over kinds is a Record over these keys. */
export interface Stages {
  /** The worlds. */
  env: Env;
  /** What guides: M(x | s). */
  teacher: Teacher;
  /** What learns to act: P(a | x, s). */
  student: Student;
  /** What says how good an action was: A. */
  advantage: AdvantageEstimator;
  /** What judges the guidance by it. */
  feedback: FeedbackRule;
}

/** A kind of stage: "env", "teacher", "student", "advantage" or "feedback". */
export type StageKind = keyof Stages;

/** Everything that a plugin can be: a stage, an extra one beside the five, or a part of a teacher. */
export interface Pluggables extends Stages {
  /** What takes part in a run beside the five. */
  extra: RunPart;
  /** A way in which the language model learns. */
  channel: Channel;
}

/** A kind of plugin: a kind of stage, "extra", or "channel". */
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

/** The kinds of stages, "extra" and "channel". */
export const PLUGIN_KINDS: readonly PluginKind[] = [...STAGE_KINDS, "extra", "channel"];

/** Names what has a state in a run: a kind of stage, or an extra stage by its name. */
export type StateName = StageKind | `extra.${string}`;

/**
 * How stages fit together: what an env shows and how it is acted on, how fine a teacher speaks, all that
 * a student takes.
 */
export type Trait = ObservationKind | ActionKind | Grain;
