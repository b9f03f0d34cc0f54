/** What is measured on worlds that training never sees: on development worlds where no set is named. */
import type { TeacherUsage } from "./teacher.ts";

/**
 * A set of worlds: what a student learns on, what tuning and periodic measurements may see, and what
 * the end of a plan's run is measured on, once.
 */
export type WorldSet = "training" | "development" | "test";

/** Success on worlds that training never sees. */
export interface SuccessRate {
  /** Share of episodes solved, 0 to 1. */
  readonly rate: number;
  /** 95 % Wilson interval of the rate. */
  readonly ci95: readonly [number, number];
  /** Episodes measured. */
  readonly episodes: number;
  /** Mean return of an episode. */
  readonly meanReward: number;
  /** Mean number of steps of an episode. */
  readonly meanSteps: number;
}

/** How often the teacher's likeliest suggestion is right on held-out states. */
export interface GuidanceAccuracy {
  /** Share of states, 0 to 1; null where there is no expert to ask or no guidance to judge. */
  readonly rate: number | null;
  /** States measured. */
  readonly states: number;
  /** The same states, by how sure the teacher was. */
  readonly calibration: readonly CalibrationBin[];
}

/** States in which the teacher was about as sure: what it promised, and what it kept. */
export interface CalibrationBin {
  /** Mean probability of its suggestion. */
  readonly confidence: number;
  /** How many states they are. */
  readonly states: number;
  /** The states in which the suggestion was right. */
  readonly right: number;
}

/** A measurement of a running pipeline. */
export interface EvaluationResult {
  /** Iterations done; 0 before the first. */
  readonly iteration: number;
  /** Success of the student with its teacher. */
  readonly success: SuccessRate;
  /** How often the teacher is right. */
  readonly guidanceAccuracy: GuidanceAccuracy;
}

/** What a run came to on the test worlds of its plan, which nothing before has seen. */
export interface TestResult {
  /** What the plan is known by: its worlds are drawn by this and the run's seed. */
  readonly plan: string;
  /** Success of the student with its teacher. */
  readonly success: SuccessRate;
  /** [episodes] 1 for each world that was solved, in the order of their seeds. */
  readonly solved: Uint8Array;
  /** The same worlds while the teacher is silent; null where it has said nothing. */
  readonly withoutTeacher: { readonly success: SuccessRate; readonly solved: Uint8Array } | null;
  /** How often the teacher is right. */
  readonly guidanceAccuracy: GuidanceAccuracy;
  /** What the teacher has cost here. */
  readonly teacher: TeacherUsage;
}
