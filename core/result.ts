/** What a run comes to. */
import type {
  AdviceWorth,
  GuidanceAccuracy,
  SuccessRate,
  TrainingCost,
  VerdictCounts,
} from "./events.ts";
import type { Metrics, StageKind, StageState, TeacherUsage } from "./stages.ts";

/** A measurement at the start or the end of a run. */
export interface Measurement {
  readonly success: SuccessRate;
  readonly guidanceAccuracy: GuidanceAccuracy;
}

/** What a run comes to. */
export interface RunResult {
  /** The environment's id. */
  readonly level: string;
  /** Iterations done; fewer than planned if the run was stopped. */
  readonly iterations: number;
  readonly stopped: boolean;
  readonly envSteps: number;
  readonly episodes: number;
  readonly start: Measurement;
  readonly end: Measurement;
  /** Success of random actions on the held-out worlds. */
  readonly floor: SuccessRate;
  /** Success of the environment's expert on them; undefined without one. */
  readonly ceiling: SuccessRate | undefined;
  readonly verdicts: VerdictCounts;
  /** What the teacher has cost, measuring included. */
  readonly teacher: TeacherUsage;
  readonly stageSeconds: Readonly<Record<StageKind, number>>;
  /** What training alone has cost. */
  readonly cost: TrainingCost;
  /** What advice is worth at the end, where the pipeline asks and the teacher advises. */
  readonly advice: AdviceWorth | undefined;
  readonly metrics: Metrics;
  /** Draws the ledger's snapshots, where the environment can. */
  readonly draw: ((snapshot: string) => string) | undefined;
  /** What each stage learned. */
  readonly states: Readonly<Partial<Record<StageKind, StageState>>>;
}
