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

/** States in which a teacher is asked: after some random steps, where the student goes, where an erring expert goes. */
export type AskedStates = "walk" | "student" | "erring expert";

/** How often a teacher is right in some states, beside what is right without it. */
export interface TeacherAccuracy {
  /** Where it was asked. */
  readonly states: AskedStates;
  /** States in which the teacher spoke and the expert can tell. */
  readonly judged: number;
  /** The share of them in which the likeliest suggestion is right. */
  readonly rate: number;
  /** The action that is right in most of them, and in which share. */
  readonly constant: { readonly action: string; readonly rate: number };
  /**
   * The share that a table of the things in sight gets right, without any model, that was told what is
   * right in the states of the other half of the worlds.
   */
  readonly perfectCredit: number;
  /** By the expert's action: states that want it, those of them in which the teacher is right; and how often it says it. */
  readonly byAction: readonly ActionAccuracy[];
}

/** How a teacher does where the expert wants one action. */
export interface ActionAccuracy {
  /** The env's name of it. */
  readonly action: string;
  /** The kind that the env counts it to. */
  readonly kind: string;
  /** States in which the expert does it. */
  readonly wanted: number;
  /** Those of them in which the suggestion is right. */
  readonly right: number;
  /** Those of them in which the best constant of all these states is right. */
  readonly constant: number;
  /** Those of them in which perfect credit is right. */
  readonly perfectCredit: number;
  /** States in which the teacher says this action, whatever is wanted. */
  readonly said: number;
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
  /** The same in other states, and by action; empty where nobody can judge. */
  readonly accuracy: readonly TeacherAccuracy[];
  /** What the teacher has cost here. */
  readonly teacher: TeacherUsage;
}
