/** The contract of extra stages, which stand beside the five. */
import type { Actions, EnvStep } from "./env.ts";
import type { Guidance } from "./guidance.ts";
import type { Rollout } from "./rollout.ts";
import type { Metrics, Stateful } from "./stage.ts";

/** Where a run stands when an extra stage is asked. */
export interface Progress {
  /** Iterations done, and planned. */
  readonly iteration: number;
  readonly iterations: number;
  /** Episodes that ended in the last iteration, and how many of them were solved. */
  readonly ended: number;
  readonly solved: number;
}

/** A step on its way from the env to the student. */
export interface PassingStep {
  /** x_t. */
  readonly guidance: Guidance;
  /** [N] a_t, or [N, ...shape] where actions are floats. */
  readonly actions: Actions;
  /** [N] keys of s_t. */
  readonly keys: Float64Array;
  /** s_tp1, r_tp1 and ends, as the env answered. */
  readonly step: EnvStep;
  /** What the step achieved in environment i, as {@linkcode Env.achieved} says it. */
  achieved(i: number): readonly string[];
}

/**
 * A stage beside the five. It stands on the edges whose methods it has; several on one edge are asked
 * in the order in which the pipeline names them.
 */
export interface RunPart extends Stateful {
  /** Before a rollout: options that the env shall have from now on; undefined leaves it as it is. */
  world?(progress: Progress): Readonly<Record<string, unknown>> | undefined;
  /** Env to student: [N] what is added to the rewards of a step. */
  reward?(passing: PassingStep): Float32Array;
  /** After an iteration: named numbers for the record. */
  report?(rollout: Rollout, progress: Progress): Metrics;
}
