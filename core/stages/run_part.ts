/** The contract of what takes part in a run beside the five stages: callbacks, shaping, early stopping. */
import type { EnvStep, Observations } from "./env.ts";
import type { EvaluationResult } from "./evaluation.ts";
import type { Feedback } from "./feedback.ts";
import type { Guidance } from "./guidance.ts";
import type { Replay, Rollout, Samples } from "./rollout.ts";
import type { MaybePromise, Metrics, Stateful } from "./stage.ts";
import type { Decision } from "./student.ts";

/** Where a run stands when a part is asked. */
export interface Progress {
  /** Iterations done. */
  readonly iteration: number;
  /** Iterations planned. */
  readonly iterations: number;
  /** Episodes that ended in the last iteration. */
  readonly ended: number;
  /** Those of them that were solved. */
  readonly solved: number;
}

/** A step whose action is chosen and that the env has not answered. Valid until the next step. */
export interface DecidedStep {
  /** The iteration, from 1. */
  readonly iteration: number;
  /** The step of the iteration's rollout, from 0. */
  readonly t: number;
  /** s_t. */
  readonly observations: Observations;
  /** x_t. */
  readonly guidance: Guidance;
  /** a_t, and what the student thought. */
  readonly decision: Decision;
  /** [N] keys of s_t. */
  readonly keys: Float64Array;
  /** [N] 1 where s_t is the first of its episode. */
  readonly firsts: Uint8Array;
  /** [N, W] what the student remembered before s_t, if it has memory. */
  readonly memory: Float32Array | undefined;
}

/** The same when the env has answered; the observations of s_t are no longer valid then. */
export interface AnsweredStep extends Omit<DecidedStep, "observations"> {
  /** s_tp1, r_tp1 and ends; rewards with all that the parts before this one added. */
  readonly step: EnvStep;
  /** What the step achieved in environment i, as {@linkcode Env.achieved} says it. */
  achieved(i: number): readonly string[];
}

/** Verdicts on the steps of one iteration that follow one another. */
export interface JudgedSteps extends Feedback {
  /** The iteration, from 1. */
  readonly iteration: number;
  /** The first of the steps in its rollout, from 0. */
  readonly t: number;
}

/** What a part may ask of the run between two iterations. */
export interface RunRequest {
  /** Options that the env shall have from now on; what is not named is as the pipeline has it. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Why the run shall end here as if all iterations were done, in a few words. */
  readonly stop?: string;
}

/**
 * Takes part in a run: every method is a callback, and all are optional. Several parts are asked in
 * the order in which the pipeline names them, after the run's own.
 *
 * @example Rewards every step a little less, and counts the steps of an iteration.
 * ```ts
 * import type { RunPart } from "@tandem/core";
 * let steps = 0;
 * const hurry: RunPart = {
 *   begin: () => void (steps = 0),
 *   answer: ({ step }) => (steps++, step.rewards.map(() => -0.01)),
 *   report: () => ({ steps }),
 * };
 * ```
 */
export interface RunPart extends Stateful {
  /** Declares that it asks {@linkcode AnsweredStep.achieved}; a run on an env that says nothing there does not begin. */
  readonly usesAchieved?: true;
  /** Before an iteration's rollout. */
  begin?(progress: Progress): MaybePromise<RunRequest | void>;
  /** On each step, when the action is chosen and the env has not answered. */
  decide?(step: DecidedStep): MaybePromise<void>;
  /**
   * On each step, when the env has answered.
   *
   * @returns [N] what is added to the rewards that the student learns from, if anything is.
   */
  answer?(step: AnsweredStep): MaybePromise<Float32Array | void>;
  /** On verdicts, when the rule gives them; the teacher may receive them later. */
  judge?(judged: JudgedSteps): MaybePromise<void>;
  /**
   * After a rollout, before the student learns from it.
   *
   * @param next The observations after its last step.
   * @returns Transitions on which the student practises when it has learned from the rollout, if any.
   */
  finish?(rollout: Rollout, next: Observations): MaybePromise<Samples | void>;
  /**
   * Asked before the student learns from a rollout, after {@linkcode RunPart.finish}.
   *
   * @returns Past steps to learn from beside the rollout. A part that has this method needs a student
   * that declares `learnsFromReplay`.
   */
  replay?(): Replay | undefined;
  /** After an iteration: named numbers for the record. */
  report?(rollout: Rollout, progress: Progress): Metrics;
  /** After a measurement on held-out worlds. */
  evaluate?(evaluation: EvaluationResult): MaybePromise<Pick<RunRequest, "stop"> | void>;
}
