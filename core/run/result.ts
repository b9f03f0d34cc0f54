/** What a run comes to. */
import type { EarlyEnd } from "./parts/parts.ts";
import type { AdviceWorth, TrainingCost, VerdictCounts } from "../stages/events.ts";
import type { GuidanceAccuracy, SuccessRate, TestResult } from "../stages/evaluation.ts";
import {
  type Metrics,
  type Reference,
  STAGE_KINDS,
  type StageFiles,
  type StageKind,
  type StageState,
  type StateName,
  type TeacherUsage,
} from "../stages/mod.ts";

/** The states of the stages that have one. */
export type StageStates = Readonly<Partial<Record<StateName, StageState>>>;

/** The names of what has a state: the stages in their order, then the extra ones by name. */
export function stateNames(states: StageStates): StateName[] {
  const names = Object.keys(states) as StateName[];
  const extras = names.filter((name) => name.startsWith("extra.")).sort();
  return [...STAGE_KINDS.filter((kind) => states[kind]), ...extras];
}

/** What was left when the teacher left. */
export interface Retention {
  /** The last iteration with the teacher. */
  readonly iteration: number;
  /** Success with it, then. */
  readonly withTeacher: SuccessRate;
  /** Success without it, then. */
  readonly alone: SuccessRate;
}

/** A measurement at the start or the end of a run. */
export interface Measurement {
  /** Success of the student with its teacher. */
  readonly success: SuccessRate;
  /** How often the teacher is right. */
  readonly guidanceAccuracy: GuidanceAccuracy;
}

/** A step of an iteration: iterations count from 1, steps from 0. */
export interface StepOfRun {
  /** From 1. */
  readonly iteration: number;
  /** From 0. */
  readonly step: number;
}

/** What a run comes to. */
export interface RunResult {
  /** The environment's id. */
  readonly level: string;
  /** Iterations done; fewer than planned if the run was stopped. */
  readonly iterations: number;
  /** Whether it was stopped before its last iteration. */
  readonly stopped: boolean;
  /** Where an extra stage ended the run before its last iteration: it is whole, not stopped. */
  readonly earlyEnd: EarlyEnd | undefined;
  /** Steps of all environments in training. */
  readonly envSteps: number;
  /** Episodes that ended in training. */
  readonly episodes: number;
  /** What was measured before the first iteration. */
  readonly start: Measurement;
  /** What was measured after the last one. */
  readonly end: Measurement;
  /** Iterations after which `end` was measured, where the run was stopped before it was measured again. */
  readonly measuredAfter?: number;
  /** Success of random actions and of the environment's expert, between which a score lies. */
  readonly reference: Reference;
  /** Numbers of verdicts by kind. */
  readonly verdicts: VerdictCounts;
  /**
   * Where the machine ended the feedback rule and not what the rule did: another machine may come to
   * something else. null where the run can be reproduced.
   */
  readonly endedByMachine: StepOfRun | null;
  /** What the teacher has cost, measuring included but for that on test worlds. */
  readonly teacher: TeacherUsage;
  /** Seconds that each stage took, measuring included. */
  readonly stageSeconds: Readonly<Record<StageKind, number>>;
  /** What training alone has cost. */
  readonly cost: TrainingCost;
  /** What advice is worth at the end, where the pipeline asks and the teacher advises. */
  readonly advice: AdviceWorth | undefined;
  /** Success at the end without the teacher; undefined where it has said nothing. */
  readonly withoutTeacher: SuccessRate | undefined;
  /** How the student did when the teacher left, where it did; `end` is without it then. */
  readonly retention: Retention | undefined;
  /** What was measured on test worlds, where the run belongs to a plan that has some. */
  readonly test?: TestResult;
  /** What student and extra stages reported of the last iteration, such as losses. */
  readonly metrics: Metrics;
  /** Draws the ledger's snapshots, where the environment can. */
  readonly draw: ((snapshot: string) => string) | undefined;
  /** What each stage learned. */
  readonly states: StageStates;
  /** What stages have made for others, by the kind of stage. */
  readonly files: Readonly<Partial<Record<StageKind, StageFiles>>>;
}
